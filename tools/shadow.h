/* SPDX-License-Identifier: MIT */
/* All samples of the semantic layer that entries have in their notes, and what they add up to. One
 * thread. */
#ifndef TOOLS_SHADOW_H
#define TOOLS_SHADOW_H

#include "shim/core/api/guard.h"
#include "store/each.h"
#include "store/sample.h"

struct shadow_sample {
    uint8_t key[STORE_KEY_SIZE]; /* of the entry whose answer came */
    uint8_t tenant[TENANT_ID_SIZE];
    char label[64]; /* the tenant's; "" for none */
    struct sample sample;
    enum review review;
};

/* Sorted by tenant and scope, then time. Free with shadow_free(). */
struct shadow {
    struct shadow_sample *list;
    size_t count;
};

/* Reads all of them. STORE_OK, and store_each's results: then some may be missing. */
MUST_USE int shadow_read(struct store *store, struct shadow *out);
void shadow_free(struct shadow *shadow);

/* Sorts it otherwise: the most similar first, whoever's they are. */
void shadow_sort_riskiest(struct shadow *shadow);

/* How many from |first| on are of the same tenant and scope. */
size_t shadow_group(const struct shadow *shadow, size_t first);

struct shadow_counts {
    uint64_t samples;
    uint64_t by_comparison[COMPARISONS];
};

#define SHADOW_GUARDS (GUARD_VERDICTS + 1) /* the last one: of a later version */
#define SHADOW_BUCKETS                                                                   \
    11 /* of cosines: below 0.5, then each 0.05 wide; the last one has 1, too */

struct shadow_sums {
    struct shadow_counts
        allowed; /* what would have been served: what certificates come from */
    struct shadow_counts buckets[SHADOW_BUCKETS]; /* of them */
    struct shadow_counts forbidden;               /* by a guard: never served */
    struct shadow_counts by_guard[SHADOW_GUARDS]; /* of them */
    struct shadow_counts canaries;
    uint64_t reviewed; /* of the allowed ones */
    uint64_t open;     /* of them: unknown, not reviewed */
};
void shadow_sum(const struct shadow_sample *list, size_t count, struct shadow_sums *out);
/* The cosine that |bucket| begins with; 0 for the first. */
double shadow_bucket_start(unsigned bucket);

/* True for one that a certificate is reckoned from. */
bool shadow_counts(const struct shadow_sample *sample);

/* "1%", "0.5 %", "95%": the share in |*out|. False when |text| is none above 0 and below 1. */
MUST_USE bool shadow_share(const char *text, double *out);

#endif
