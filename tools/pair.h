/* SPDX-License-Identifier: MIT */
/* The two calls that a sample of the semantic layer is about, as text: the stored one, whose answer
 * would have been served, and the one whose answer came. One thread. */
#ifndef TOOLS_PAIR_H
#define TOOLS_PAIR_H

#include "shadow.h"

struct side {
    struct buffer
        question; /* the last message of the user, or the body where that is not known */
    struct buffer answer; /* likewise: its words, or the body */
};

struct pair {
    struct side stored, came;
};

/* Fills |out|, whose buffers are to be zeroes; pair_free() whatever the result. STORE_OK, STORE_MISS
 * (one of them is gone), and store_find's other results. */
MUST_USE int pair_load(struct store *store, const struct shadow_sample *sample,
                       struct pair *out);
void pair_free(struct pair *pair);

/* Both questions and both answers side by side on stdout, as wide as the terminal; of each text
 * |most| bytes or a few less, 0 = as many as sides.h shows. */
void pair_print(const struct pair *pair, size_t most);

#endif
