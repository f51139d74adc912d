/* SPDX-License-Identifier: MIT */
/* Parsing sizes. */
#include "size.h"

/* The power of two that |unit| stands for, 0 when it is none. */
static unsigned unit_shift(uint8_t unit)
{
    switch (unit) {
    case 'K':
        return 10;
    case 'M':
        return 20;
    case 'G':
        return 30;
    case 'T':
        return 40;
    default:
        return 0;
    }
}

bool size_parse(struct span text, uint64_t *bytes)
{
    uint64_t number = 0, most = INT64_MAX;
    unsigned shift = text.size ? unit_shift(text.at[text.size - 1]) : 0;
    if (shift)
        text.size--;
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' ||
            number > (most - (text.at[i] - '0')) / 10)
            return false;
        number = number * 10 + (text.at[i] - '0');
    }
    if (text.size == 0 || number > most >> shift)
        return false;
    *bytes = number << shift;
    return true;
}
