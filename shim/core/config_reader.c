/* SPDX-License-Identifier: MIT */
/* Values on their way into a configuration: checked here, once. */
#include "config_parts.h"

/* -- problems -------------------------------------------------------------------------- */

struct sentence {
    char text[CONFIG_PROBLEM];
    size_t size;
};

static void say(struct sentence *sentence, struct span text)
{
    span_copy_text(text, sentence->text + sentence->size,
                   sizeof sentence->text - sentence->size);
    sentence->size += strlen(sentence->text + sentence->size);
}

static void say_number(struct sentence *sentence, unsigned number)
{
    char digits[12];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + number % 10);
    while (number /= 10);
    say(sentence, span_of(digits + at, sizeof digits - at));
}

static void say_place(struct sentence *sentence, const struct reader *reader)
{
    if (reader->layer == CONFIG_ENVIRONMENT)
        return;
    say(sentence, span_text(reader->config->files[reader->layer].path));
    say(sentence, span_text(":"));
    if (!reader->line)
        return;
    say_number(sentence, reader->line);
    say(sentence, span_text(":"));
}

void reader_report(struct reader *reader, const char *name, const char *what,
                   struct span nearest)
{
    struct sentence sentence = {.size = 0};
    struct config *config = reader->config;
    say_place(&sentence, reader);
    if (sentence.size)
        say(&sentence, span_text(" "));
    say(&sentence, span_text(name));
    say(&sentence, span_text(name[0] ? " " : ""));
    say(&sentence, span_text(what));
    if (nearest.size) {
        say(&sentence, span_text("; did you mean '"));
        say(&sentence, nearest);
        say(&sentence, span_text("'?"));
    }
    config->mode = MODE_OFF;
    if (reader->report)
        reader->report(reader->context, sentence.text);
    if (!config->problem[0])
        memcpy(config->problem, sentence.text, sizeof config->problem);
}

/* -- values ---------------------------------------------------------------------------- */

struct config_text reader_keep(struct reader *reader, struct span text)
{
    struct buffer *texts = &reader->config->texts;
    struct config_text kept = {(uint32_t)texts->size, (uint32_t)text.size};
    buffer_append_span(texts, text);
    reader->failed |= !buffer_ok(texts);
    return kept;
}

/* Why a sound value of |id| cannot stand here, or NULL. */
static const char *out_of_place(const struct reader *reader, enum setting_id id,
                                uint64_t number)
{
    unsigned where = setting_at(id)->where;
    if (reader->in_section && !(where & SETTING_IN_SECTION))
        return "holds for a whole process: it can stand in front of all sections only";
    if (id == SETTING_PUBLIC && number && !reader->in_section)
        return "opens everything to everybody: it can be yes in sections only";
    if (reader->layer == CONFIG_PROJECT && !(where & SETTING_IN_PROJECT))
        return "concerns a store that other projects share: it cannot stand in their "
               "files";
    if (id == SETTING_MODE && number == MODE_REPLAY && reader->in_section &&
        !section_at(reader->config, reader->section)->whole)
        return "can be replay for a whole process only: in front of all sections, or in "
               "one "
               "of program= and tenant= alone";
    return NULL;
}

/* How often |id| has been said; only asked for lists that have a limit. */
static size_t count_of(const struct config *config, enum setting_id id)
{
    size_t count = 0;
    for (size_t i = 0; i < config_count(config); i++)
        count += config_at(config, i)->setting == id;
    return count;
}

static const char *one_too_many(const struct reader *reader, enum setting_id id)
{
    if ((id == SETTING_IGNORE || id == SETTING_IGNORE_TEXT) &&
        count_of(reader->config, id) == CONFIG_IGNORED_LIMIT)
        return "was said 16 times already, and that is the limit";
    return NULL;
}

static void append(struct reader *reader, enum setting_id id, struct span value,
                   uint64_t number)
{
    struct config *config = reader->config;
    struct assignment assignment = {.setting = (uint16_t)id,
                                    .section = (uint16_t)reader->section,
                                    .layer = (uint16_t)reader->layer,
                                    .line = reader->line,
                                    .number = number,
                                    .text = reader_keep(reader, value)};
    buffer_append(&config->assignments, &assignment, sizeof assignment);
    reader->failed |= !buffer_ok(&config->assignments);
    config->ignores |= id == SETTING_IGNORE || id == SETTING_IGNORE_TEXT;
}

void reader_set(struct reader *reader, enum setting_id id, struct span value)
{
    const struct setting *setting = setting_at(id);
    bool environment = reader->layer == CONFIG_ENVIRONMENT;
    struct span nearest = {0};
    uint64_t number = 0;
    const char *what = setting_parse(id, value, &number);
    if (what && setting->kind == SETTING_IS_CHOICE)
        nearest = setting_nearest_word(setting->words, value);
    if (!what)
        what = out_of_place(reader, id, number);
    if (!what)
        what = one_too_many(reader, id);
    if (what)
        reader_report(reader, environment ? setting->variable : setting->name, what,
                      nearest);
    else
        append(reader, id, value, number);
}

void reader_environment(struct reader *reader)
{
    reader->layer = CONFIG_ENVIRONMENT;
    reader->in_section = false;
    reader->section = reader->line = 0;
    for (unsigned id = 0; id < SETTING_COUNT; id++) {
        const char *variable = setting_at((enum setting_id)id)->variable;
        const char *value = variable[0] ? reader->get(variable) : NULL;
        if (value && value[0]) /* empty is unset, as the XDG specification has it */
            reader_set(reader, (enum setting_id)id,
                       span_of(value, strnlen(value, SETTING_TEXT_LIMIT)));
    }
}
