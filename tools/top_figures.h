/* SPDX-License-Identifier: MIT */
/* What `preecho top` shows: sums of the calls since some moment, by model and by program, and the
 * latest calls. One thread. Ends the command when memory is short. */
#ifndef TOOLS_TOP_FIGURES_H
#define TOOLS_TOP_FIGURES_H

#include "pricing.h"

#include <uthash.h>

#define TOP_RECENT 256
#define TOP_GROUPS 1000 /* of each kind; further ones are counted as one */

enum top_by { TOP_BY_MODEL, TOP_BY_PROGRAM, TOP_BY_COUNT };

struct top_sum {
    uint64_t calls;
    uint64_t lookups; /* hits, misses and stale answers: what the hit rate is of */
    uint64_t hits;
    uint64_t saved_us;
    uint64_t saved, spent; /* 1e-12 dollars */
    uint64_t unpriced;     /* calls that nobody has a price for */
};

struct top_group {
    char name[96];
    struct top_sum sum;
    UT_hash_handle hh;
};

struct top_figures {
    int64_t since_ms;
    struct quotes *quotes; /* the caller's */
    struct top_sum all;
    struct top_group *groups[TOP_BY_COUNT];
    struct journal_record recent[TOP_RECENT]; /* a ring */
    size_t count, next;
};

/* |figures| starts as all zeroes but for |since_ms| and |quotes|. Calls of before are left out. */
void top_figures_add(struct top_figures *figures, const struct journal_record *record);
void top_figures_free(struct top_figures *figures);

/* The latest call but |back|; NULL when there is none (any more). */
const struct journal_record *top_figures_recent(const struct top_figures *figures,
                                                size_t back);
/* The groups with most calls, the first |most| of them; how many there are. */
size_t top_figures_groups(const struct top_figures *figures, enum top_by by,
                          const struct top_group **out, size_t most);

#endif
