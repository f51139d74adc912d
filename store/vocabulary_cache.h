/* SPDX-License-Identifier: MIT */
/* A tenant's vocabulary in LMDB, and the ones that this process has read: kept until the merger has
 * written another one.
 *
 *     RECORD_VOCABULARY   tenant (16)   the vocabulary (vocabulary.h), sealed (partition.h)
 *
 * A copy of the file shows how large a vocabulary is and when it changes, no word of it.
 *
 * Thread class: any thread. Nobody waits for the cache: who finds it busy goes without. */
#ifndef STORE_VOCABULARY_CACHE_H
#define STORE_VOCABULARY_CACHE_H

#include "bytes.h"
#include "tenant.h"
#include "vocabulary.h"

#include <pthread.h>

#define VOCABULARY_CACHED                                                                \
    4 /* tenants; others take the place of the one used longest ago */
#define VOCABULARY_STAMP 16 /* bytes of a record's nonce */

struct vocabulary_cached {
    uint8_t tenant[TENANT_ID_SIZE];
    uint8_t stamp[VOCABULARY_STAMP];
    uint64_t used;                 /* the cache's clock, then */
    struct vocabulary *vocabulary; /* NULL: none */
};

/* Starts as all zeroes, but for the lock. */
struct vocabulary_cache {
    pthread_mutex_t lock; /* held while one is read; only ever tried */
    uint64_t clock;
    struct vocabulary_cached list[VOCABULARY_CACHED];
};

void vocabulary_cache_init(struct vocabulary_cache *cache);
/* In a forked child: starts anew when another thread of the parent was using it. */
void vocabulary_cache_after_fork(struct vocabulary_cache *cache);
void vocabulary_cache_free(struct vocabulary_cache *cache);

struct vocabulary_key {
    uint8_t bytes[1 + TENANT_ID_SIZE];
};

struct span vocabulary_key(struct vocabulary_key *out,
                           const uint8_t tenant[TENANT_ID_SIZE]);
/* What the record |value| holds. vocabulary_decode()'s results; STORE_CORRUPT also when it does not
 * authenticate. */
MUST_USE int vocabulary_open(const struct tenant *tenant, struct span value,
                             struct vocabulary **out);

struct store;

/* Holds |tenant|'s vocabulary in |*out|, to be freed by the caller; NULL unless STORE_OK. The first time,
 * and when it has changed, this takes milliseconds; else it reads one page or two. STORE_OK, STORE_MISS
 * (there is none, or the cache is busy), STORE_CORRUPT, STORE_UNAVAILABLE, STORE_NO_MEMORY. */
MUST_USE int store_vocabulary(struct store *store, const struct tenant *tenant,
                              struct vocabulary **out);

#endif
