/* SPDX-License-Identifier: MIT */
/* Regular expressions, by the C library. */
#include "pattern.h"

#include <limits.h>

/* The longest expression; a configuration's line is hardly longer. */
#define PATTERN_LIMIT 1024

static bool refers_back(struct span text)
{
    for (size_t i = 0; i + 1 < text.size; i++) {
        if (text.at[i] != '\\')
            continue;
        i++;
        if (text.at[i] >= '1' && text.at[i] <= '9')
            return true;
    }
    return false;
}

bool pattern_compile(struct span text, regex_t *out)
{
    char copy[PATTERN_LIMIT];
    if (text.size >= sizeof copy)
        return false;
    span_copy_text(text, copy, sizeof copy);
    return regcomp(out, copy, REG_EXTENDED) == 0;
}

bool pattern_find(const regex_t *pattern, struct span text, size_t from, size_t count,
                  regmatch_t groups[PATTERN_GROUPS])
{
    if (text.size > INT_MAX)
        return false;
    groups[0] = (regmatch_t){(regoff_t)from, (regoff_t)text.size};
    return regexec(pattern, text.size ? (const char *)text.at : "", count, groups,
                   REG_STARTEND) == 0;
}

const char *pattern_problem(struct span text, bool may_be_empty)
{
    regex_t pattern;
    regmatch_t groups[PATTERN_GROUPS];
    if (text.size >= PATTERN_LIMIT)
        return "is too long";
    if (refers_back(text))
        return "has a back reference, which could take for ever";
    if (!pattern_compile(text, &pattern))
        return "is no regular expression";
    bool empty = pattern_find(&pattern, span_of("", 0), 0, 1, groups);
    regfree(&pattern);
    return empty && !may_be_empty ? "matches the empty text, so everywhere" : NULL;
}
