/* SPDX-License-Identifier: MIT */
/* How the answer that the semantic layer has for a call compares with the one that came
 * (shim/core/api/wording.h has the rule).
 *
 * Thread class: any thread. Pure. */
#ifndef STORE_COMPARISON_H
#define STORE_COMPARISON_H

/* The numbers stand in the store, and in the journal by way of enum reason: never change one. */
enum comparison {
    COMPARISON_EQUAL = 0,   /* but for white space; or the same JSON */
    COMPARISON_SIMILAR = 1, /* equal words in equal order */
    COMPARISON_DIFFERENT =
        2, /* short, with other numbers or negations, or hardly a word in common */
    COMPARISON_UNKNOWN = 3, /* who wants to know has to read them */
};
#define COMPARISONS 4

/* "equal" and so on; "unknown" for a number that is none. Static. */
static inline const char *comparison_name(unsigned comparison)
{
    static const char *const names[COMPARISONS] = {"equal", "similar", "different",
                                                   "unknown"};
    return names[comparison < COMPARISONS ? comparison : COMPARISON_UNKNOWN];
}

#endif
