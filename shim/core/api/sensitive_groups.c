/* SPDX-License-Identifier: MIT */
/* Digits in groups, and what may stand around them. */
#include "sensitive_parts.h"

/* Between two groups; the longest first. The kind is what stands for all its spellings. */
static const struct {
    char text[4];
    char kind;
} separators[] = {
    {" / ", '/'},
    {" - ", '-'},
    {") ", ')'},
    {")-", ')'},
    {")/", ')'},
    {" (", '('},
    {" ", ' '},
    {"-", '-'},
    {".", '.'},
    {"/", '/'},
    {")", ')'},
    {"\xc2\xa0", ' '},
    {"(", '('},
    {"\xe2\x80\x91", '-'},
    {"\xe2\x80\x93", '-'},
};

/* The size of the separator at |at|, 0 when no digit follows one. */
static size_t separator_size(struct span text, size_t at, char *kind)
{
    struct span rest = span_skip(text, at);
    uint8_t first = sensitive_byte(text, at);
    if (first == 0 || !strchr(" -./()\xc2\xe2", first))
        return 0;
    for (size_t i = 0; i < sizeof(separators) / sizeof(*separators); i++) {
        size_t size = strnlen(separators[i].text, sizeof(separators[i].text));
        if (rest.size <= size || memcmp(rest.at, separators[i].text, size) != 0 ||
            !sensitive_is_digit(rest.at[size]))
            continue;
        *kind = separators[i].kind;
        return size;
    }
    return 0;
}

/* Adds the digits at |*at| as a group. False when they do not fit. */
static bool add_group(struct groups *groups, struct span text, size_t *at)
{
    unsigned total = groups->total;
    if (groups->count == GROUPS_LIMIT)
        return false;
    for (; sensitive_is_digit(sensitive_byte(text, *at)); ++*at) {
        if (total == GROUPS_DIGITS)
            return false;
        groups->digits[total++] = (uint8_t)(text.at[*at] - '0');
    }
    groups->sizes[groups->count] = (uint8_t)(total - groups->total);
    groups->ends[groups->count++] = *at;
    groups->total = total;
    return true;
}

struct groups sensitive_groups(struct span text, size_t at)
{
    struct groups groups = {0};
    size_t size;
    do {
        if (!add_group(&groups, text, &at)) {
            groups.more = true;
            return groups;
        }
        char *kind = &groups.separators[groups.count - 1];
        size = separator_size(text, at, kind);
        at += size;
    } while (size);
    return groups;
}

unsigned sensitive_group(const struct groups *groups, unsigned index)
{
    unsigned at = 0, number = 0;
    for (unsigned i = 0; i < index; i++)
        at += groups->sizes[i];
    for (unsigned i = 0; i < groups->sizes[index]; i++)
        number = number * 10 + groups->digits[at + i];
    return number;
}

bool sensitive_ends(struct span text, const struct groups *groups, unsigned index)
{
    char separator = groups->separators[index];
    return !sensitive_is_word(sensitive_byte(text, groups->ends[index])) &&
           (separator == 0 || separator == ' ' || separator == '(');
}

bool sensitive_begins(struct span text, size_t at)
{
    uint8_t before = sensitive_before(text, at, 1);
    if (before == '-' || before == '.' || before == '/')
        return !sensitive_is_word(sensitive_before(text, at, 2));
    return !sensitive_joined(text, at) && before != '+';
}

/* -- announcements -------------------------------------------------------------------------- */

#define WORD_LIMIT 16
#define GAP_LIMIT  6

static bool is_listed(struct span word, const char *words)
{
    for (const char *at = words; *at; at += strspn(at, " ")) {
        size_t size = strcspn(at, " ");
        if (span_equal_nocase(word, span_of(at, size)))
            return true;
        at += size;
    }
    return false;
}

/* The word before |*at|, and |*at| moves to its beginning. Empty when there is none nearby. */
static struct span word_before(struct span text, size_t *at)
{
    size_t end = *at, limit = end > GAP_LIMIT ? end - GAP_LIMIT : 0;
    while (end > limit && text.at[end - 1] < 0x80 &&
           strchr(" \t\n:=#.\"'_-*(\\", text.at[end - 1]) && text.at[end - 1])
        end--;
    size_t begin = end;
    while (begin > 0 && end - begin < WORD_LIMIT &&
           sensitive_is_letter(text.at[begin - 1]))
        begin--;
    *at = begin;
    return span_of(text.at + begin, end - begin);
}

bool sensitive_announced(struct span text, size_t at, const char *words)
{
    for (unsigned i = 0; i < 4; i++) {
        struct span word = word_before(text, &at);
        if (word.size && is_listed(word, words))
            return true;
        if (!word.size || !is_listed(word, "number no nr is at me us my on the code"))
            return false;
    }
    return false;
}
