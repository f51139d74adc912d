/* SPDX-License-Identifier: MIT */
/* Unsealed signs, see vector_cache.h. */
#include "vector_cache.h"

#include "lock.h"
#include "memory.h"

#include <sodium.h>

void vector_cache_init(struct vector_cache *cache)
{
    *cache = (struct vector_cache){.lock = PTHREAD_MUTEX_INITIALIZER};
}

/* What is half changed is left behind. */
void vector_cache_after_fork(struct vector_cache *cache)
{
    if (!lock_after_fork(&cache->lock))
        vector_cache_init(cache);
}

static void blocks_free(struct vector_cached *blocks, size_t from, size_t count)
{
    for (size_t i = from; i < count; i++) {
        if (blocks[i].signs.at)
            sodium_memzero(blocks[i].signs.at, blocks[i].signs.size);
        buffer_free(&blocks[i].signs);
    }
}

static void shelf_free(struct vector_shelf *shelf)
{
    blocks_free(shelf->blocks, 0, shelf->count);
    memory_free(shelf->blocks);
    *shelf = (struct vector_shelf){0};
}

void vector_cache_free(struct vector_cache *cache)
{
    for (size_t i = 0; i < VECTOR_CACHE_SHELVES; i++)
        shelf_free(&cache->shelves[i]);
}

static struct vector_shelf *shelf_of(struct vector_cache *cache,
                                     const uint8_t name[VECTOR_CACHE_NAME])
{
    struct vector_shelf *oldest = &cache->shelves[0];
    for (size_t i = 0; i < VECTOR_CACHE_SHELVES; i++) {
        struct vector_shelf *shelf = &cache->shelves[i];
        if (shelf->blocks && memcmp(shelf->name, name, VECTOR_CACHE_NAME) == 0)
            return shelf;
        if (shelf->used < oldest->used)
            oldest = shelf;
    }
    shelf_free(oldest);
    memcpy(oldest->name, name, VECTOR_CACHE_NAME);
    return oldest;
}

struct vector_shelf *vector_cache_shelf(struct vector_cache *cache,
                                        const uint8_t name[VECTOR_CACHE_NAME],
                                        size_t count)
{
    struct vector_shelf *shelf = shelf_of(cache, name);
    size_t had = shelf->count;
    shelf->used = ++cache->clock;
    if (had > count)
        blocks_free(shelf->blocks, count, had);
    if (had != count) {
        void *blocks =
            memory_resize(shelf->blocks, (count ? count : 1) * sizeof(*shelf->blocks));
        if (!blocks) {
            shelf_free(shelf);
            return NULL;
        }
        shelf->blocks = blocks;
        shelf->count = count;
    }
    if (had < count)
        memset(shelf->blocks + had, 0, (count - had) * sizeof(*shelf->blocks));
    return shelf;
}

void vector_cache_trim(struct vector_cache *cache, const struct vector_shelf *shelf)
{
    for (;;) {
        struct vector_shelf *oldest = NULL;
        size_t bytes = 0;
        for (size_t i = 0; i < VECTOR_CACHE_SHELVES; i++) {
            struct vector_shelf *one = &cache->shelves[i];
            bytes += one->bytes;
            if (one != shelf && one->bytes && (!oldest || one->used < oldest->used))
                oldest = one;
        }
        if (bytes <= VECTOR_CACHE_BYTES || !oldest)
            return;
        shelf_free(oldest);
    }
}
