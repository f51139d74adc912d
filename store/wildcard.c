/* SPDX-License-Identifier: MIT */
/* Matching patterns: of several `*` only the last one that was met may have to be widened. */
#include "wildcard.h"

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

static bool same(uint8_t a, uint8_t b, bool nocase)
{
    return nocase ? lower(a) == lower(b) : a == b;
}

bool wildcard_matches(struct span pattern, struct span text, bool nocase)
{
    size_t p = 0, t = 0, star = SIZE_MAX, resume = 0;
    while (t < text.size) {
        if (p < pattern.size && pattern.at[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size && same(pattern.at[p], text.at[t], nocase)) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.size && pattern.at[p] == '*')
        p++;
    return p == pattern.size;
}
