/* SPDX-License-Identifier: MIT */
/* Parsing lengths of time. */
#include "duration.h"

#define MOST_SECONDS ((uint64_t)INT64_MAX / 1000)

/* Seconds in |unit|; 0 when it is none. */
static uint64_t unit_seconds(uint8_t unit)
{
    switch (unit) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 3600;
    case 'd':
        return 86400;
    case 'w':
        return 7 * 86400;
    default:
        return 0;
    }
}

static bool parse_number(struct span digits, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < digits.size; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9' || *number > MOST_SECONDS / 10)
            return false;
        *number = *number * 10 + (digits.at[i] - '0');
    }
    return digits.size > 0;
}

bool duration_parse(struct span text, uint64_t *seconds)
{
    uint64_t number = 0;
    if (span_is(text, "forever")) {
        *seconds = DURATION_FOREVER;
        return true;
    }
    if (text.size < 2 && !span_is(text, "0"))
        return false;
    bool bare = text.size == 1; /* nothing is the same in every unit */
    struct span digits = span_of(text.at, bare ? 1 : text.size - 1);
    uint64_t unit = bare ? 1 : unit_seconds(text.at[text.size - 1]);
    if (!unit || !parse_number(digits, &number) || number > MOST_SECONDS / unit)
        return false;
    *seconds = number * unit;
    return true;
}
