/* SPDX-License-Identifier: MIT */
/* The store in a host process, see store.h. */
#include "store.h"

#include "batch.h"
#include "layout.h"
#include "lock.h"
#include "memory.h"
#include "segment.h"
#include "uncancelled.h"
#include "walk.h"

#include <sodium.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#define CHECK_AFTER_MS         60000
#define CHECK_AFTER_RECORDINGS 32
#define PRESSING_AFTER_MS      300

static bool directory_copy(char out[DIRECTORY_LIMIT + 1], const char *path,
                           const char *below)
{
    size_t size = path ? strlen(path) : 0, below_size = strlen(below);
    while (size > 1 && path[size - 1] == '/')
        size--;
    if (size == 0 || path[0] != '/' || size + below_size > DIRECTORY_LIMIT)
        return false;
    memcpy(out, path, size);
    memcpy(out + size, below, below_size + 1);
    return true;
}

bool layout_from(struct layout *out, const struct store_paths *paths)
{
    return directory_copy(out->store, paths->store, "") &&
           directory_copy(out->config, paths->config, "") &&
           directory_copy(out->spool, paths->store, "/spool") &&
           directory_copy(out->journal, paths->store, "/journal") &&
           directory_copy(out->data, paths->store, "/data.mdb");
}

/* A store on a read-only file system is good for look-ups: what is missing there is no
 * error. */
static int directories_check(const struct layout *layout)
{
    int result = directory_check(layout->store, true);
    if (result == STORE_OK)
        result = directory_check(layout->config, true);
    if (result == STORE_FULL)
        result = STORE_UNAVAILABLE;
    if (result == STORE_OK && directory_check(layout->spool, true) == STORE_REFUSED)
        result = STORE_REFUSED;
    if (result == STORE_OK && directory_check(layout->journal, false) == STORE_REFUSED)
        result = STORE_REFUSED;
    if (result == STORE_OK && file_check(layout->data) == STORE_REFUSED)
        result = STORE_REFUSED;
    return result;
}

int store_open(struct store **out, const struct store_paths *paths)
{
    UNCANCELLED;
    *out = NULL;
    if (sodium_init() < 0)
        return STORE_UNAVAILABLE;
    struct store *store = memory_new(sizeof(*store));
    if (!store)
        return STORE_NO_MEMORY;
    int result = STORE_UNAVAILABLE;
    if (layout_from(&store->layout, paths))
        result = directories_check(&store->layout);
    if (result != STORE_OK) {
        memory_free(store);
        return result;
    }
    keyring_init(&store->keyring);
    pages_cache_init(&store->cache);
    vector_cache_init(&store->vectors);
    vocabulary_cache_init(&store->vocabularies);
    store->unsealer_lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    store->journal_lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    leases_start(&store->leases);
    *out = store;
    return STORE_OK;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    keyring_clear(&store->keyring);
    unseal_free(&store->unsealer);
    pages_cache_free(&store->cache);
    vector_cache_free(&store->vectors);
    vocabulary_cache_free(&store->vocabularies);
    journal_close(&store->journal);
    leases_close(&store->leases);
    memory_free(store);
}

/* There is no LMDB environment and no descriptor to lose. The journal's map is shared
 * with the parent and goes on; what another thread was just changing is left behind. */
void store_after_fork(struct store *store)
{
    keyring_after_fork(&store->keyring);
    pages_cache_after_fork(&store->cache);
    vector_cache_after_fork(&store->vectors);
    vocabulary_cache_after_fork(&store->vocabularies);
    if (!lock_after_fork(&store->unsealer_lock))
        store->unsealer = (struct unsealer){0};
    if (!lock_after_fork(&store->journal_lock))
        store->journal = (struct journal){0};
    leases_after_fork(&store->leases);
}

int store_tenant(struct store *store, struct span identity, bool create,
                 struct tenant *out)
{
    UNCANCELLED;
    int result =
        keyring_tenant(&store->keyring, store->layout.config, identity, create, out);
    return result == STORE_FULL ? STORE_UNAVAILABLE : result;
}

int store_tenant_by_id(struct store *store, const uint8_t id[TENANT_ID_SIZE],
                       struct tenant *out)
{
    return keyring_tenant_by_id(&store->keyring, store->layout.config, id, out);
}

void store_limit(struct store *store, uint64_t max_size)
{
    atomic_store(&store->limit.max_size, max_size);
}

struct tenant_walk {
    const struct tenant *tenant;
    store_visit *visit;
    void *context;
    size_t left; /* entries that may still be looked at */
};

static bool visit_own(void *context, const struct walk_entry *entry)
{
    struct tenant_walk *walk = context;
    struct sealed sealed;
    struct entry_label label;
    if (walk->left-- == 0)
        return false;
    if (sealed_parse_cut(entry->value, entry->size, &sealed) != STORE_OK ||
        memcmp(sealed.tenant, walk->tenant->id, TENANT_ID_SIZE) != 0 ||
        unseal_label(&sealed, walk->tenant, entry->key, &label) != STORE_OK)
        return true;
    return walk->visit(walk->context, entry->key, &label);
}

int store_walk(struct store *store, const struct tenant *tenant, store_visit *visit,
               void *context)
{
    UNCANCELLED;
    struct walk_rules rules = {.bytes = WALK_LABEL, .most = STORE_WALK_LIMIT};
    struct tenant_walk walk = {tenant, visit, context, STORE_WALK_LIMIT};
    return walk_entries(&store->layout, &rules, visit_own, &walk);
}

/* The directories are made again when somebody removed the store under a running program.
 */
static int spool_put(struct store *store, enum record_kind kind,
                     const uint8_t name[STORE_KEY_SIZE], struct span content)
{
    const struct layout *layout = &store->layout;
    int result = spool_write(layout->spool, kind, name, content);
    if (result != STORE_MISS)
        return result;
    result = directory_check(layout->store, true);
    if (result == STORE_OK)
        result = directory_check(layout->spool, true);
    if (result == STORE_OK)
        result = spool_write(layout->spool, kind, name, content);
    return result == STORE_MISS ? STORE_UNAVAILABLE : result;
}

static int put_entry(struct store *store, const uint8_t key[STORE_KEY_SIZE],
                     struct span blob)
{
    if (!limit_admits(&store->limit, &store->layout, blob.size))
        return STORE_LIMITED;
    int result = spool_put(store, RECORD_ENTRY, key, blob);
    if (result == STORE_OK)
        atomic_fetch_add_explicit(&store->recordings, 1, memory_order_relaxed);
    return result;
}

/* What sealing gave as |result|; takes |blob| over. The alias is only a short cut: without it the
 * entry is found by its key. */
static int put_sealed(struct store *store, const struct tenant *tenant,
                      const uint8_t key[STORE_KEY_SIZE],
                      const uint8_t alias[STORE_KEY_SIZE], int result,
                      struct buffer *blob)
{
    if (result == STORE_OK)
        result = put_entry(store, key, buffer_span(blob));
    buffer_free(blob);
    if (result == STORE_OK && alias)
        (void)!store_record_alias(store, tenant, alias, key);
    return result;
}

int store_record(struct store *store, const struct tenant *tenant,
                 const uint8_t key[STORE_KEY_SIZE], const uint8_t alias[STORE_KEY_SIZE],
                 const struct entry_label *label, const struct entry_notes *notes,
                 struct span payload)
{
    UNCANCELLED;
    struct buffer blob = {0};
    int result = seal_entry(tenant, key, label, notes, payload, &blob);
    return put_sealed(store, tenant, key, alias, result, &blob);
}

static void unlink_single(const struct store *store, const uint8_t key[STORE_KEY_SIZE])
{
    struct path path;
    char name[SPOOL_NAME_SIZE];
    spool_name(RECORD_ENTRY, key, name);
    if (path_join(&path, store->layout.spool, name))
        unlink(path.text);
}

/* What waits alone would be taken for something newer. */
static void batch_written(struct store *store, const struct store_batch *batch)
{
    struct cursor cursor = cursor_of(buffer_span(&batch->items));
    while (cursor.left >= sizeof(struct batched)) {
        struct batched item;
        memcpy(&item, cursor_bytes(&cursor, sizeof(item)).at, sizeof(item));
        unlink_single(store, item.key);
        atomic_fetch_add_explicit(&store->recordings, 1, memory_order_relaxed);
    }
}

static int put_alone(struct store *store, const struct store_batch *batch)
{
    struct cursor cursor = cursor_of(buffer_span(&batch->items));
    int result = STORE_OK;
    while (result == STORE_OK && cursor.left >= sizeof(struct batched)) {
        struct batched item;
        memcpy(&item, cursor_bytes(&cursor, sizeof(item)).at, sizeof(item));
        result = put_entry(store, item.key,
                           span_of(batch->entries.at + item.offset, (size_t)item.size));
    }
    return result;
}

static int put_together(struct store *store, struct store_batch *batch)
{
    struct buffer content = {0};
    uint8_t name[STORE_KEY_SIZE];
    int result = STORE_NO_MEMORY;
    batch_encode(batch, &content);
    if (buffer_ok(&content))
        result = limit_admits(&store->limit, &store->layout, content.size)
                     ? STORE_OK
                     : STORE_LIMITED;
    randombytes_buf(name, sizeof(name));
    if (result == STORE_OK)
        result = spool_put(store, RECORD_BATCH, name, buffer_span(&content));
    if (result == STORE_OK)
        batch_written(store, batch);
    buffer_free(&content);
    return result;
}

/* A few are found faster alone; and where there is no room for all of them, there may be for some. */
static int put_batch(struct store *store, struct store_batch *batch)
{
    size_t count = batch->items.size / sizeof(struct batched);
    int result = STORE_NO_MEMORY;
    if (buffer_ok(&batch->items) && buffer_ok(&batch->entries))
        result = count < BATCH_LEAST ? STORE_LIMITED : put_together(store, batch);
    if (result == STORE_LIMITED)
        result = put_alone(store, batch);
    batch_free(batch);
    return result;
}

int store_batch_add(struct store *store, struct store_batch *batch,
                    const struct tenant *tenant, const uint8_t key[STORE_KEY_SIZE],
                    const struct entry_label *label, const struct entry_notes *notes,
                    struct span payload, uint8_t stamp[STORE_STAMP_SIZE])
{
    UNCANCELLED;
    struct sealed sealed;
    size_t begun = batch->entries.size;
    int result = seal_entry(tenant, key, label, notes, payload, &batch->entries);
    if (result == STORE_OK)
        result = sealed_parse(span_skip(buffer_span(&batch->entries), begun), &sealed);
    if (result != STORE_OK)
        return result;
    memcpy(stamp, sealed.payload_box.at, STORE_STAMP_SIZE);
    batch_add(batch, key, batch->entries.size - begun);
    return batch_is_full(batch) ? put_batch(store, batch) : STORE_OK;
}

int store_batch_end(struct store *store, struct store_batch *batch)
{
    UNCANCELLED;
    if (batch->items.size)
        return put_batch(store, batch);
    batch_free(batch);
    return STORE_OK;
}

int store_record_recipe(struct store *store, const struct tenant *tenant,
                        const uint8_t key[STORE_KEY_SIZE],
                        const uint8_t alias[STORE_KEY_SIZE],
                        const struct entry_label *label, const struct entry_notes *notes,
                        struct span recipe)
{
    UNCANCELLED;
    struct buffer blob = {0};
    int result = seal_recipe(tenant, key, label, notes, recipe, &blob);
    return put_sealed(store, tenant, key, alias, result, &blob);
}

int store_record_alias(struct store *store, const struct tenant *tenant,
                       const uint8_t alias[STORE_KEY_SIZE],
                       const uint8_t key[STORE_KEY_SIZE])
{
    UNCANCELLED;
    uint8_t value[ALIAS_VALUE_SIZE];
    seal_alias(tenant, alias, key, value);
    return spool_put(store, RECORD_ALIAS, alias, span_of(value, sizeof(value)));
}

void store_journal(struct store *store, const struct journal_record *record)
{
    UNCANCELLED;
    pthread_mutex_lock(&store->journal_lock);
    journal_add(&store->journal, store->layout.journal, record);
    pthread_mutex_unlock(&store->journal_lock);
}

static bool journal_is_long(const char *directory)
{
    struct buffer sequences = {0};
    bool is_long = segment_list(directory, &sequences) == STORE_OK &&
                   sequences.size / sizeof(uint64_t) > JOURNAL_SEGMENT_KEPT;
    buffer_free(&sequences);
    return is_long;
}

/* Recordings need room. A merge that was asked for gets some time before the next one is. */
static bool is_pressed(struct store *store, int64_t now_ms)
{
    int64_t asked_ms = atomic_load(&store->limit.asked_ms);
    return atomic_load(&store->limit.pressing) &&
           now_ms - asked_ms >= PRESSING_AFTER_MS &&
           atomic_compare_exchange_strong(&store->limit.asked_ms, &asked_ms, now_ms) &&
           atomic_exchange(&store->limit.pressing, false);
}

bool store_wants_merge(struct store *store)
{
    UNCANCELLED;
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC_COARSE, &now) != 0)
        return false;
    int64_t now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    if (is_pressed(store, now_ms))
        return true;
    int64_t due_ms = atomic_load(&store->merge_check_ms);
    if (now_ms < due_ms && atomic_load(&store->recordings) < CHECK_AFTER_RECORDINGS)
        return false;
    /* One thread looks; the others have nothing to wait for. */
    if (!atomic_compare_exchange_strong(&store->merge_check_ms, &due_ms,
                                        now_ms + CHECK_AFTER_MS))
        return false;
    atomic_store(&store->recordings, 0);
    return spool_reaches(store->layout.spool, SPOOL_FILES_LIMIT, SPOOL_BYTES_LIMIT) ||
           journal_is_long(store->layout.journal);
}

const char *store_result_text(int result)
{
    switch (result) {
    case STORE_OK:
        return "done";
    case STORE_MISS:
        return "not found";
    case STORE_UNAVAILABLE:
        return "the store cannot be read or written";
    case STORE_REFUSED:
        return "refused: owned by someone else, or others may write to it";
    case STORE_NO_MEMORY:
        return "memory is short";
    case STORE_FULL:
        return "no space left, or a size limit";
    case STORE_CORRUPT:
        return "damaged";
    case STORE_AMBIGUOUS:
        return "several entries begin like this";
    case STORE_BUSY:
        return "another merge or purge is running";
    case STORE_LIMITED:
        return "the store is full";
    default:
        return "unknown result";
    }
}
