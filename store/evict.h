/* SPDX-License-Identifier: MIT */
/* Eviction: the entries whose keeping is worth least per byte go (card.h), expired ones before
 * all others, until the rest fits.
 *
 * Thread class: one thread. */
#ifndef STORE_EVICT_H
#define STORE_EVICT_H

#include "evicted.h"

struct eviction {
    struct writer *writer;
    struct keyring *keyring;
    struct evicted *memory;
    int64_t now_s;    /* since 1970 */
    uint64_t entries; /* that were evicted so far */
};

/* Bytes that the tenant called |label| may have in the store, 0 = any number. */
typedef uint64_t (*evict_quota)(void *context, struct span label);

/* Evicts entries that together free |bytes|, of these |tenants| (ids) only, or of all when there
 * are none given. writer_flush's results. */
MUST_USE int evict_bytes(struct eviction *eviction, uint64_t bytes, struct span tenants);

/* Evicts until what is there takes about |target| bytes. The same results. */
MUST_USE int evict_to(struct eviction *eviction, uint64_t target);

/* Holds every tenant to its quota: who has more loses its own entries and nobody else's. Tenants
 * with the same label share one quota; those without a label have one each. The same results. */
MUST_USE int evict_quotas(struct eviction *eviction, evict_quota quota, void *context);

#endif
