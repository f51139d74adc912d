/* SPDX-License-Identifier: MIT */
/* Sums over the journal: what `preecho stats` prints. */
#ifndef STORE_TOTALS_H
#define STORE_TOTALS_H

#include "journal.h"
#include "reason.h"
#include "store.h"

#define TOTALS_REASONS 64
#define TOTALS_LAYERS  4 /* indexed by enum journal_layer */

struct layer_totals {
    uint64_t lookups;
    uint64_t hits;
    uint64_t misses;
    uint64_t
        latency_saved_us;  /* recorded time of the whole answer, less that of the hit */
    uint64_t tokens_saved; /* in and out, of answers that said so */
};

struct totals {
    uint64_t requests;
    uint64_t hits;
    uint64_t misses;
    uint64_t
        stale; /* upstream failed, an expired entry was served: neither hit nor miss */
    uint64_t revalidated; /* of the hits: expired, while a new answer was fetched */
    uint64_t coalesced;   /* of the hits: they waited for the same call of another */
    uint64_t observed; /* mode observe: there was an answer, but upstream gave its own */
    uint64_t observed_us;     /* the time that those took */
    uint64_t observed_tokens; /* and what they cost */
    uint64_t bypassed;
    uint64_t recorded;
    uint64_t dropped;                     /* missed, and not recorded */
    uint64_t bypassed_by[TOTALS_REASONS]; /* enum reason */
    uint64_t dropped_by[TOTALS_REASONS];  /* enum reason */
    struct layer_totals layers[TOTALS_LAYERS];
    uint64_t torn; /* records that were begun and never finished */
};

/* Sums up the whole journal, and what the merger has folded away. |state| may be NULL.
 * STORE_OK, STORE_UNAVAILABLE, STORE_REFUSED, STORE_NO_MEMORY. */
MUST_USE int store_totals(struct store *store, struct totals *out,
                          struct journal_state *state);

#endif
