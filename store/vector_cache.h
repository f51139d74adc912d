/* SPDX-License-Identifier: MIT */
/* Signs of blocks that were unsealed for a search, for the next one. What is kept is as good as the
 * stamp that the partition's head has for the block (partition.h): blocks that the merger has
 * changed since are read anew, others are not.
 *
 * Thread class: any thread. Nobody waits for the cache: who finds it busy goes without. */
#ifndef STORE_VECTOR_CACHE_H
#define STORE_VECTOR_CACHE_H

#include "bytes.h"

#include <pthread.h>

#define VECTOR_CACHE_BYTES                                                               \
    ((size_t)64 << 20) /* at most; as much as a program's searches need */
#define VECTOR_STAMP_SIZE 8

struct vector_cached {
    uint8_t stamp[VECTOR_STAMP_SIZE]; /* with nothing in |signs|: worth nothing */
    struct buffer signs;              /* unsealed */
};

#define VECTOR_CACHE_NAME 32 /* tenant and partition */

struct vector_shelf {
    uint8_t name[VECTOR_CACHE_NAME];
    uint64_t used; /* the cache's clock, then */
    size_t bytes;
    size_t count;
    struct vector_cached *blocks;
};

#define VECTOR_CACHE_SHELVES 16

/* Starts as all zeroes, but for the lock. */
struct vector_cache {
    pthread_mutex_t lock; /* held during a search; only ever tried */
    uint64_t clock;
    struct vector_shelf shelves[VECTOR_CACHE_SHELVES];
};

void vector_cache_init(struct vector_cache *cache);
/* In a forked child: starts anew when another thread of the parent was using it. */
void vector_cache_after_fork(struct vector_cache *cache);
/* Wipes what was unsealed, and gives it back. */
void vector_cache_free(struct vector_cache *cache);

/* The shelf of |name| with |count| places for blocks; another one makes room for it. The lock is
 * held. NULL when memory is short. */
MUST_USE struct vector_shelf *vector_cache_shelf(struct vector_cache *cache,
                                                 const uint8_t name[VECTOR_CACHE_NAME],
                                                 size_t count);
/* To be called when |shelf| has grown: others go until all together are small enough. */
void vector_cache_trim(struct vector_cache *cache, const struct vector_shelf *shelf);

#endif
