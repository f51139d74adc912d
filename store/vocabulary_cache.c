/* SPDX-License-Identifier: MIT */
/* Vocabularies in the store, see vocabulary_cache.h. */
#include "vocabulary_cache.h"

#include "layout.h"
#include "lock.h"
#include "partition.h"
#include "uncancelled.h"

void vocabulary_cache_init(struct vocabulary_cache *cache)
{
    *cache = (struct vocabulary_cache){.lock = PTHREAD_MUTEX_INITIALIZER};
}

/* What is half changed is left behind. */
void vocabulary_cache_after_fork(struct vocabulary_cache *cache)
{
    if (!lock_after_fork(&cache->lock))
        vocabulary_cache_init(cache);
}

void vocabulary_cache_free(struct vocabulary_cache *cache)
{
    for (size_t i = 0; i < VOCABULARY_CACHED; i++) {
        vocabulary_free(cache->list[i].vocabulary);
        cache->list[i] = (struct vocabulary_cached){0};
    }
}

struct span vocabulary_key(struct vocabulary_key *out,
                           const uint8_t tenant[TENANT_ID_SIZE])
{
    out->bytes[0] = RECORD_VOCABULARY;
    memcpy(out->bytes + 1, tenant, TENANT_ID_SIZE);
    return span_of(out->bytes, sizeof(out->bytes));
}

int vocabulary_open(const struct tenant *tenant, struct span value,
                    struct vocabulary **out)
{
    struct vocabulary_key name;
    struct buffer plain = {0};
    int result = STORE_OK;
    *out = NULL;
    if (!box_open(tenant, vocabulary_key(&name, tenant->id), value, &plain))
        result = buffer_ok(&plain) ? STORE_CORRUPT : STORE_NO_MEMORY;
    if (result == STORE_OK)
        result = vocabulary_decode(buffer_span(&plain), out);
    buffer_free(&plain);
    return result;
}

/* -- the cache ---------------------------------------------------------------------------- */

/* The place of |tenant|: its own, or that of another, which goes. */
static struct vocabulary_cached *place_of(struct vocabulary_cache *cache,
                                          const uint8_t *tenant)
{
    struct vocabulary_cached *oldest = &cache->list[0];
    for (size_t i = 0; i < VOCABULARY_CACHED; i++) {
        struct vocabulary_cached *one = &cache->list[i];
        if (one->used && memcmp(one->tenant, tenant, TENANT_ID_SIZE) == 0)
            return one;
        if (one->used < oldest->used)
            oldest = one;
    }
    vocabulary_free(oldest->vocabulary);
    *oldest = (struct vocabulary_cached){0};
    memcpy(oldest->tenant, tenant, TENANT_ID_SIZE);
    return oldest;
}

static int load(struct pages_session *session, const struct tenant *tenant,
                struct vocabulary_cached *cached)
{
    struct vocabulary_key name;
    struct buffer value = {0};
    vocabulary_free(cached->vocabulary);
    cached->vocabulary = NULL;
    int result = pages_get(session, vocabulary_key(&name, tenant->id), &value);
    if (result == STORE_OK)
        result = vocabulary_open(tenant, buffer_span(&value), &cached->vocabulary);
    if (result == STORE_OK)
        memcpy(cached->stamp, value.at, VOCABULARY_STAMP);
    buffer_free(&value);
    return result;
}

/* What |cached| holds is the one that the file has, or nothing. */
static int refresh(struct pages_session *session, const struct tenant *tenant,
                   struct vocabulary_cached *cached)
{
    struct vocabulary_key name;
    struct buffer head = {0};
    uint64_t size;
    int result = pages_get_head(session, vocabulary_key(&name, tenant->id),
                                VOCABULARY_STAMP, &head, &size);
    if (result == STORE_OK && head.size < VOCABULARY_STAMP)
        result = STORE_CORRUPT;
    bool same = result == STORE_OK && cached->vocabulary &&
                memcmp(head.at, cached->stamp, VOCABULARY_STAMP) == 0;
    if (result == STORE_OK && !same)
        result = load(session, tenant, cached);
    buffer_free(&head);
    return result;
}

static int look(struct store *store, const struct tenant *tenant, struct vocabulary **out)
{
    struct pages_session session = {0};
    struct vocabulary_cached *cached = place_of(&store->vocabularies, tenant->id);
    int result =
        pages_begin(&session, &store->cache, store->layout.data, PARTITION_VALUE);
    if (result != STORE_OK)
        return result;
    cached->used = ++store->vocabularies.clock;
    result = refresh(&session, tenant, cached);
    pages_end(&session);
    if (result != STORE_OK)
        return result;
    vocabulary_hold(cached->vocabulary);
    *out = cached->vocabulary;
    return STORE_OK;
}

int store_vocabulary(struct store *store, const struct tenant *tenant,
                     struct vocabulary **out)
{
    UNCANCELLED;
    *out = NULL;
    if (pthread_mutex_trylock(&store->vocabularies.lock) != 0)
        return STORE_MISS;
    int result = look(store, tenant, out);
    pthread_mutex_unlock(&store->vocabularies.lock);
    return result;
}
