/* SPDX-License-Identifier: MIT */
/* See setting.h. */
#include "setting.h"

#include "field.h"
#include "host_list.h"
#include "ignoring.h"
#include "pattern.h"
#include "store/duration.h"
#include "store/size.h"
#include "tag_rule.h"

#define MOST_SAMPLES 1000
#define MOST_MS      10000

static const struct setting table[] = {
#define SETTING(id, name, kind, variable, where, preset, words, meaning)                 \
    {SETTING_IS_##kind, SETTING_OF_##where, name, variable, preset, words, meaning},
#include "settings.def"
#undef SETTING
};

const struct setting *setting_at(enum setting_id id)
{
    return &table[id];
}

bool setting_is_list(enum setting_id id)
{
    return table[id].kind >= SETTING_IS_TAG;
}

enum setting_id setting_find(struct span name)
{
    unsigned id = 0;
    while (id < SETTING_COUNT && !span_is(name, table[id].name))
        id++;
    return (enum setting_id)id;
}

/* Cuts the first word off |words|. */
static struct span take_word(struct span *words)
{
    size_t size = span_find(*words, span_text(" "));
    struct span word = span_of(words->at, size);
    *words = span_skip(*words, size + 1);
    return word;
}

/* -- values ---------------------------------------------------------------------------- */

static const char *parse_choice(const char *words, struct span value, uint64_t *number)
{
    struct span left = span_text(words);
    for (*number = 0; left.size; ++*number)
        if (span_equal_nocase(value, take_word(&left)))
            return NULL;
    return "has none of its possible values";
}

static bool is_whole(struct span value, uint64_t most, uint64_t *number)
{
    return value.size <= 5 && size_parse(value, number) && *number >= 1 &&
           *number <= most;
}

static const char *parse_number(struct span value, uint64_t *number)
{
    return is_whole(value, MOST_SAMPLES, number) ? NULL : "is no number from 1 to 1000";
}

static const char *parse_moment(struct span value, uint64_t *number)
{
    return is_whole(value, MOST_MS, number)
               ? NULL
               : "is no number of milliseconds from 1 to 10000";
}

static const char *parse_share(struct span value, uint64_t *number)
{
    struct span digits = span_of(value.at, value.size - (value.size > 0));
    if (span_ends(value, "%") && digits.size <= 3 && size_parse(digits, number) &&
        *number <= 100)
        return NULL;
    return "is no share from 0% to 100%";
}

static const char *parse_path(struct span value)
{
    return value.size && value.at[0] == '/' ? NULL : "is no absolute path";
}

static const char *parse_by_kind(const struct setting *setting, struct span value,
                                 uint64_t *number)
{
    switch (setting->kind) {
    case SETTING_IS_CHOICE:
        return parse_choice(setting->words, value, number);
    case SETTING_IS_DURATION:
        return duration_parse(value, number) ? NULL
                                             : "is no length of time, like 15m or 7d";
    case SETTING_IS_SIZE:
        return size_parse(value, number) ? NULL : "is no size, like 500M, 2G or 0";
    case SETTING_IS_NUMBER:
        return parse_number(value, number);
    case SETTING_IS_MOMENT:
        return parse_moment(value, number);
    case SETTING_IS_SHARE:
        return parse_share(value, number);
    case SETTING_IS_TEXT:
        return NULL;
    case SETTING_IS_PATH:
        return parse_path(value);
    case SETTING_IS_HOSTS:
        return host_list_is_sound(value) ? NULL : "is no list of host[:port]";
    case SETTING_IS_FIELD:
        return field_value_problem(value);
    case SETTING_IS_FIELDS:
        return field_names_problem(value);
    case SETTING_IS_TAG:
        return tag_rule_problem(value);
    case SETTING_IS_POINTER:
        return ignoring_pointer_problem(value);
    case SETTING_IS_REGEX:
        return pattern_problem(value, false);
    }
    return NULL;
}

const char *setting_parse(enum setting_id id, struct span value, uint64_t *number)
{
    *number = 0;
    if (value.size >= SETTING_TEXT_LIMIT)
        return "is too long";
    return parse_by_kind(&table[id], value, number);
}

/* -- suggestions ----------------------------------------------------------------------- */

#define WORD_LIMIT 32

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static bool swapped(struct span a, struct span b, size_t i, size_t j)
{
    return i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1];
}

/* How many letters were left out, put in, changed or swapped with their neighbour. */
static unsigned distance(struct span a, struct span b)
{
    uint8_t cost[WORD_LIMIT + 1][WORD_LIMIT + 1];
    if (a.size > WORD_LIMIT || b.size > WORD_LIMIT)
        return WORD_LIMIT;
    for (size_t i = 0; i <= a.size; i++) {
        for (size_t j = 0; j <= b.size; j++) {
            unsigned best = (unsigned)(i ? j ? WORD_LIMIT : i : j);
            if (i && j) {
                best = least(cost[i - 1][j], cost[i][j - 1]) + 1u;
                best = least(best, cost[i - 1][j - 1] + (a.at[i - 1] != b.at[j - 1]));
            }
            if (swapped(a, b, i, j))
                best = least(best, cost[i - 2][j - 2] + 1u);
            cost[i][j] = (uint8_t)best;
        }
    }
    return cost[a.size][b.size];
}

/* A third of the letters may be wrong. */
static bool is_near(struct span text, struct span word, unsigned *best)
{
    unsigned found = distance(text, word);
    if (found >= *best || found > word.size / 3 + (word.size < 3))
        return false;
    *best = found;
    return true;
}

struct span setting_nearest_word(const char *words, struct span text)
{
    struct span left = span_text(words), nearest = {0};
    unsigned best = WORD_LIMIT;
    while (left.size) {
        struct span word = take_word(&left);
        if (is_near(text, word, &best))
            nearest = word;
    }
    return nearest;
}

const char *setting_nearest_name(struct span text)
{
    const char *nearest = "";
    unsigned best = WORD_LIMIT;
    for (unsigned id = 0; id < SETTING_COUNT; id++)
        if (is_near(text, span_text(table[id].name), &best))
            nearest = table[id].name;
    return nearest;
}
