/* SPDX-License-Identifier: MIT */
/* The search through a partition in the store, see near.h. */
#include "near.h"

#include "memory.h"
#include "partition.h"
#include "uncancelled.h"
#include "vector_search.h"

#define ATTEMPTS 4

/* One search. */
struct looking {
    struct store *store;
    const struct tenant *tenant;
    uint8_t id[PARTITION_ID_SIZE];
    struct pages_session session;
    struct vector_cache *cache; /* ours while this lasts */
    struct vector_search search;
    struct buffer value; /* as it lies */
    struct buffer head, row;
};

/* Appends what the record holds. STORE_MISS: there is none. STORE_CORRUPT: it does not
 * authenticate, or was changed while it was read. */
static int record_open(struct looking *looking, struct span name, struct buffer *out)
{
    buffer_clear(&looking->value);
    int result = pages_get(&looking->session, name, &looking->value);
    if (result != STORE_OK)
        return result;
    if (box_open(looking->tenant, name, buffer_span(&looking->value), out))
        return STORE_OK;
    return buffer_ok(out) ? STORE_CORRUPT : STORE_NO_MEMORY;
}

/* Has the signs of |block| on its shelf. */
static int block_load(struct looking *looking, uint32_t block, const uint8_t *stamp,
                      struct vector_cached *cached)
{
    struct partition_key name;
    if (cached->signs.size && memcmp(cached->stamp, stamp, VECTOR_STAMP_SIZE) == 0)
        return STORE_OK;
    buffer_clear(&cached->signs);
    int result = record_open(
        looking,
        partition_key(&name, RECORD_NEAR, looking->tenant->id, looking->id, block),
        &cached->signs);
    if (result == STORE_OK && memcmp(looking->value.at, stamp, VECTOR_STAMP_SIZE) != 0)
        result = STORE_CORRUPT;
    if (result != STORE_OK)
        buffer_free(&cached->signs);
    else
        memcpy(cached->stamp, stamp, VECTOR_STAMP_SIZE);
    return result;
}

static size_t block_bytes(size_t dimensions)
{
    return VECTOR_ROWS * vector_signs_size(dimensions);
}

static int blocks_search(struct looking *looking, const struct partition_head *head)
{
    uint8_t name[VECTOR_CACHE_NAME];
    uint32_t count = partition_blocks(head->rows);
    size_t most = VECTOR_CACHE_BYTES / block_bytes(head->dimensions);
    memcpy(name, looking->tenant->id, TENANT_ID_SIZE);
    memcpy(name + TENANT_ID_SIZE, looking->id, PARTITION_ID_SIZE);
    struct vector_shelf *shelf = vector_cache_shelf(looking->cache, name, count);
    int result = shelf ? STORE_OK : STORE_NO_MEMORY;
    for (uint32_t i = count > most ? count - (uint32_t)most : 0;
         result == STORE_OK && i < count; i++) {
        struct vector_cached *cached = &shelf->blocks[i];
        result =
            block_load(looking, i, head->stamps + (size_t)i * VECTOR_STAMP_SIZE, cached);
        if (result == STORE_OK)
            (void)!vector_search_signs(&looking->search, i, buffer_span(&cached->signs));
    }
    if (shelf) {
        shelf->bytes = (count < most ? count : most) * block_bytes(head->dimensions);
        vector_cache_trim(looking->cache, shelf);
    }
    return result;
}

static int finalists_read(struct looking *looking)
{
    struct vector_search *search = &looking->search;
    struct partition_key name;
    int result = STORE_OK;
    vector_search_finalists(search);
    for (size_t i = 0; result == STORE_OK && i < search->count; i++) {
        uint32_t row = search->best[i].block * VECTOR_ROWS + search->best[i].row;
        buffer_clear(&looking->row);
        result = record_open(
            looking,
            partition_key(&name, RECORD_ROW, looking->tenant->id, looking->id, row),
            &looking->row);
        if (result == STORE_OK)
            (void)!vector_search_row(search, i, buffer_span(&looking->row));
    }
    vector_search_end(search);
    return result;
}

static int partition_search(struct looking *looking, struct near *out)
{
    struct partition_key name;
    struct partition_head head;
    buffer_clear(&looking->head);
    int result =
        record_open(looking, partition_head_key(&name, looking->tenant->id, looking->id),
                    &looking->head);
    if (result != STORE_OK)
        return result;
    if (!partition_head_decode(buffer_span(&looking->head), &head) ||
        head.dimensions != looking->search.query->dimensions)
        return STORE_CORRUPT;
    out->rows = head.rows;
    result = blocks_search(looking, &head);
    return result == STORE_OK ? finalists_read(looking) : result;
}

/* |authentic|: see pages.h. */
static int attempt(struct looking *looking, bool authentic, struct near *out)
{
    struct store *store = looking->store;
    looking->session = (struct pages_session){0};
    int result = pages_begin(&looking->session, &store->cache, store->layout.data,
                             PARTITION_VALUE);
    if (result != STORE_OK)
        return result;
    looking->session.authentic = authentic;
    vector_search_begin(&looking->search, looking->search.query);
    result = partition_search(looking, out);
    pages_end(&looking->session);
    return result;
}

/* While the merger writes, head and blocks may be of different states of the file. */
static int look(struct looking *looking, struct near *out)
{
    const struct vector_search *search = &looking->search;
    int result = attempt(looking, true, out);
    for (unsigned i = 1;
         i < ATTEMPTS && out->rows && (result == STORE_CORRUPT || result == STORE_MISS);
         i++)
        result = attempt(looking, false, out);
    if (result == STORE_MISS)
        return out->rows ? STORE_CORRUPT : STORE_OK;
    if (result != STORE_OK)
        return result;
    out->count = search->count < NEAR_MOST ? search->count : NEAR_MOST;
    for (size_t i = 0; i < out->count; i++) {
        memcpy(out->list[i].key, search->best[i].key, STORE_KEY_SIZE);
        out->list[i].cosine = search->best[i].cosine;
    }
    return STORE_OK;
}

static void looking_free(struct looking *looking)
{
    buffer_free(&looking->value);
    buffer_free(&looking->head);
    buffer_free(&looking->row);
    memory_free(looking);
}

int store_near(struct store *store, const struct tenant *tenant,
               const uint8_t partition[VECTOR_PARTITION_SIZE], struct span model,
               const struct vector *vector, struct near *out)
{
    UNCANCELLED;
    struct vector_cache own;
    *out = (struct near){0};
    struct looking *looking = memory_new(sizeof(*looking));
    if (!looking)
        return STORE_NO_MEMORY;
    bool shared = pthread_mutex_trylock(&store->vectors.lock) == 0;
    if (!shared)
        vector_cache_init(&own);
    looking->store = store;
    looking->tenant = tenant;
    looking->cache = shared ? &store->vectors : &own;
    looking->search.query = vector;
    partition_id(tenant, partition, model, vector->dimensions, looking->id);
    int result = look(looking, out);
    if (shared)
        pthread_mutex_unlock(&store->vectors.lock);
    else
        vector_cache_free(&own);
    looking_free(looking);
    return result;
}
