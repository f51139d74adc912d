/* SPDX-License-Identifier: MIT */
/* All samples of the semantic layer that entries have in their notes, and what they add up to. One
 * thread. */
#ifndef TOOLS_SHADOW_H
#define TOOLS_SHADOW_H

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

/* How many from |first| on are of the same tenant and scope. */
size_t shadow_group(const struct shadow *shadow, size_t first);

struct shadow_sums {
    uint64_t samples;
    uint64_t forbidden; /* by a guard: never served, so of no interest to a certificate */
    uint64_t canaries;
    uint64_t by_comparison[COMPARISON_UNKNOWN + 1]; /* of the others */
    uint64_t reviewed;                              /* of those */
    uint64_t open;                                  /* unknown, not reviewed */
};
void shadow_sum(const struct shadow_sample *list, size_t count, struct shadow_sums *out);

/* True for one that a certificate is reckoned from. */
bool shadow_counts(const struct shadow_sample *sample);

/* "1%", "0.5 %", "95%": the share in |*out|. False when |text| is none above 0 and below 1. */
MUST_USE bool shadow_share(const char *text, double *out);

#endif
