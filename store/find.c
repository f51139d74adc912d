/* SPDX-License-Identifier: MIT */
/* Look-ups in a host process, see store.h. */
#include "layout.h"
#include "recipe.h"
#include "removed.h"
#include "uncancelled.h"

/* -- opening ------------------------------------------------------------------------- */

/* The decompressor is shared; whoever finds it busy makes one for this time. */
static int unseal(struct store *store, const struct sealed *sealed,
                  const struct tenant *tenant, const uint8_t key[STORE_KEY_SIZE],
                  struct entry *out)
{
    struct unsealer own = {0};
    bool shared = pthread_mutex_trylock(&store->unsealer_lock) == 0;
    int result = unseal_entry(shared ? &store->unsealer : &own, sealed, tenant, key,
                              &out->label, &out->payload);
    if (shared)
        pthread_mutex_unlock(&store->unsealer_lock);
    unseal_free(&own);
    return result;
}

void entry_free(struct entry *entry)
{
    buffer_free(&entry->payload);
    buffer_free(&entry->noted);
}

/* What a value is opened into: an entry, or an alias' key. */
struct target {
    enum record_kind kind;
    const struct tenant *tenant;
    const uint8_t *name;
    struct entry *entry;
    uint8_t *key;
    bool part;            /* of others: a recipe is no such entry */
    const uint8_t *stamp; /* that recording alone; NULL: any */
};

static int cook(struct store *store, const struct tenant *tenant, struct entry *entry);

static bool is_wanted(const struct sealed *sealed, const struct target *target)
{
    return memcmp(sealed->tenant, target->tenant->id, TENANT_ID_SIZE) == 0 &&
           !(target->part && sealed->recipe) &&
           (!target->stamp ||
            memcmp(sealed->payload_box.at, target->stamp, STORE_STAMP_SIZE) == 0);
}

static int entry_open(struct store *store, struct span blob, const struct target *target)
{
    struct sealed sealed;
    struct entry *out = target->entry;
    int result = sealed_parse(blob, &sealed);
    if (result != STORE_OK)
        return result;
    if (!is_wanted(&sealed, target))
        return STORE_MISS;
    *out = (struct entry){0};
    result = unseal(store, &sealed, target->tenant, target->name, out);
    if (result == STORE_OK && sealed.recipe)
        result = cook(store, target->tenant, out);
    if (result != STORE_OK)
        entry_free(out);
    return result;
}

static int target_open(struct store *store, struct span value,
                       const struct target *target)
{
    if (target->kind == RECORD_ALIAS)
        return unseal_alias(target->tenant, target->name, value, target->key);
    return entry_open(store, value, target);
}

/* -- one ------------------------------------------------------------------------------ */

/* The value of an entry that lies in LMDB and was not removed. */
static int entry_get(struct pages_session *session, const uint8_t key[STORE_KEY_SIZE],
                     struct buffer *value)
{
    struct record_key name;
    bool removed = false;
    int result = removed_has(session, key, &removed);
    if (result != STORE_OK)
        return result;
    return removed ? STORE_MISS
                   : pages_get(session, record_key(&name, RECORD_ENTRY, key), value);
}

static int find_in_pages(struct store *store, const struct target *target)
{
    struct pages_session session = {0};
    struct record_key name;
    struct buffer value = {0};
    int result = pages_begin(&session, &store->cache, store->layout.data, SEAL_LIMIT);
    if (result != STORE_OK)
        return result;
    if (target->kind == RECORD_ENTRY)
        result = entry_get(&session, target->name, &value);
    else
        result =
            pages_get(&session, record_key(&name, target->kind, target->name), &value);
    pages_end(&session);
    if (result == STORE_OK)
        result = target_open(store, buffer_span(&value), target);
    buffer_free(&value);
    return result;
}

static int find_in_spool(struct store *store, const struct target *target)
{
    struct buffer value = {0};
    int result =
        spool_read(store->layout.spool, target->kind, target->name, &value, NULL);
    if (result == STORE_OK)
        result = target_open(store, buffer_span(&value), target);
    buffer_free(&value);
    return result;
}

/* What is to be said of what neither had. A value that does not open, for whatever reason, is none. */
static int not_found(int pages, int spool)
{
    if (pages == STORE_NO_MEMORY || spool == STORE_NO_MEMORY)
        return STORE_NO_MEMORY;
    bool unavailable = pages == STORE_UNAVAILABLE || pages == STORE_REFUSED ||
                       spool == STORE_UNAVAILABLE || spool == STORE_REFUSED;
    return unavailable ? STORE_UNAVAILABLE : STORE_MISS;
}

/* LMDB, the spool, and once more LMDB: the merger may have moved it in between. */
static int find(struct store *store, const struct target *target)
{
    int pages = find_in_pages(store, target);
    if (pages == STORE_OK)
        return pages;
    int spool = find_in_spool(store, target);
    if (spool == STORE_OK)
        return spool;
    if (pages == STORE_MISS)
        pages = find_in_pages(store, target);
    return pages == STORE_OK ? STORE_OK : not_found(pages, spool);
}

int store_find(struct store *store, const struct tenant *tenant,
               const uint8_t key[STORE_KEY_SIZE], struct entry *out)
{
    UNCANCELLED;
    struct target target = {
        .kind = RECORD_ENTRY, .tenant = tenant, .name = key, .entry = out};
    return find(store, &target);
}

int store_find_unmerged(struct store *store, const struct tenant *tenant,
                        const uint8_t key[STORE_KEY_SIZE], struct entry *out)
{
    UNCANCELLED;
    struct target target = {
        .kind = RECORD_ENTRY, .tenant = tenant, .name = key, .entry = out};
    return find_in_spool(store, &target);
}

int store_find_alias(struct store *store, const struct tenant *tenant,
                     const uint8_t alias[STORE_KEY_SIZE], uint8_t key[STORE_KEY_SIZE])
{
    UNCANCELLED;
    struct target target = {
        .kind = RECORD_ALIAS, .tenant = tenant, .name = alias, .key = key};
    return find(store, &target);
}

/* Both look-ups in LMDB with the file opened once: the usual way of a hit. */
static int both_in_pages(struct store *store, const struct target *alias,
                         const struct target *entry)
{
    struct pages_session session = {0};
    struct record_key name;
    struct buffer value = {0};
    int result = pages_begin(&session, &store->cache, store->layout.data, SEAL_LIMIT);
    if (result != STORE_OK)
        return result;
    session.authentic = true;
    result = pages_get(&session, record_key(&name, RECORD_ALIAS, alias->name), &value);
    if (result == STORE_OK)
        result = target_open(store, buffer_span(&value), alias);
    buffer_clear(&value);
    if (result == STORE_OK)
        result = entry_get(&session, entry->name, &value);
    pages_end(&session);
    if (result == STORE_OK)
        result = target_open(store, buffer_span(&value), entry);
    buffer_free(&value);
    return result;
}

int store_find_by_alias(struct store *store, const struct tenant *tenant,
                        const uint8_t alias[STORE_KEY_SIZE], uint8_t key[STORE_KEY_SIZE],
                        struct entry *out)
{
    UNCANCELLED;
    struct target name = {
        .kind = RECORD_ALIAS, .tenant = tenant, .name = alias, .key = key};
    struct target entry = {
        .kind = RECORD_ENTRY, .tenant = tenant, .name = key, .entry = out};
    if (both_in_pages(store, &name, &entry) == STORE_OK)
        return STORE_OK;
    int result = find(store, &name);
    return result == STORE_OK ? find(store, &entry) : result;
}

/* -- several -------------------------------------------------------------------------- */

/* Many look-ups with LMDB's file opened once. */
struct search {
    struct store *store;
    int opened; /* what pages_begin() has said */
    struct pages_session session;
    struct buffer value;
};

static void search_begin(struct search *search)
{
    search->opened = pages_begin(&search->session, &search->store->cache,
                                 search->store->layout.data, SEAL_LIMIT);
}

static void search_end(struct search *search)
{
    if (search->opened == STORE_OK)
        pages_end(&search->session);
}

/* |authentic|: see pages.h. */
static int search_pages(struct search *search, const struct target *target,
                        bool authentic)
{
    if (search->opened != STORE_OK)
        return search->opened;
    buffer_clear(&search->value);
    search->session.authentic = authentic;
    int result = entry_get(&search->session, target->name, &search->value);
    return result == STORE_OK
               ? target_open(search->store, buffer_span(&search->value), target)
               : result;
}

/* As find(). */
static int search_find(struct search *search, const struct target *target)
{
    int pages = search_pages(search, target, true);
    if (pages == STORE_OK)
        return pages;
    int spool = find_in_spool(search->store, target);
    if (spool == STORE_OK)
        return spool;
    search_end(search);
    search_begin(search);
    pages = search_pages(search, target, false);
    return pages == STORE_OK ? STORE_OK : not_found(pages, spool);
}

void store_find_many(struct store *store, const struct tenant *tenant,
                     struct store_wanted *wanted, size_t count)
{
    UNCANCELLED;
    struct search search = {.store = store};
    search_begin(&search);
    for (size_t i = 0; i < count; i++) {
        struct target target = {.kind = RECORD_ENTRY,
                                .tenant = tenant,
                                .name = wanted[i].key,
                                .entry = wanted[i].entry,
                                .part = true};
        wanted[i].result = search_find(&search, &target);
    }
    search_end(&search);
    buffer_free(&search.value);
}

/* -- recipes -------------------------------------------------------------------------- */

static int add_piece(struct search *search, const struct tenant *tenant,
                     const struct recipe_step *step, struct buffer *out)
{
    struct entry entry;
    struct target target = {.kind = RECORD_ENTRY,
                            .tenant = tenant,
                            .name = step->key,
                            .entry = &entry,
                            .part = true,
                            .stamp = step->stamp};
    int result = search_find(search, &target);
    if (result != STORE_OK)
        return result;
    struct span rest = buffer_span(&entry.payload);
    if (step->offset > rest.size || step->size > rest.size - step->offset)
        result = STORE_MISS;
    else
        buffer_append(out, rest.at + step->offset, step->size);
    entry_free(&entry);
    return result;
}

static int follow(struct store *store, const struct tenant *tenant, struct span recipe,
                  struct buffer *out)
{
    struct cursor cursor = cursor_of(recipe);
    struct recipe_step step;
    struct search search = {.store = store};
    int result = STORE_OK;
    search_begin(&search);
    while (result == STORE_OK && recipe_next(&cursor, &step)) {
        if (step.size)
            result = add_piece(&search, tenant, &step, out);
        else
            buffer_append_span(out, step.literal);
    }
    search_end(&search);
    buffer_free(&search.value);
    return result;
}

/* The recipe that |entry| has becomes what it makes. STORE_MISS: a part of it is gone. */
static int cook(struct store *store, const struct tenant *tenant, struct entry *entry)
{
    struct buffer recipe = entry->payload;
    size_t size = 0;
    int result = STORE_MISS;
    entry->payload = (struct buffer){0};
    if (recipe_size(buffer_span(&recipe), &size))
        result = buffer_room(&entry->payload, size) ? STORE_OK : STORE_NO_MEMORY;
    if (result == STORE_OK)
        result = follow(store, tenant, buffer_span(&recipe), &entry->payload);
    buffer_free(&recipe);
    return result;
}
