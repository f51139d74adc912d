/* SPDX-License-Identifier: MIT */
/* Removing entries, see purge.h. */
#include "purge.h"

#include "batch.h"
#include "key_list.h"
#include "layout.h"
#include "memory.h"
#include "removal.h"
#include "rows_filing.h"
#include "writer.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

struct purge {
    struct store *store;
    struct writer writer;
    struct removal removal;
    const struct purge_rules *rules;
    purge_choose choose;
    void *context;
    struct buffer keys; /* of all that were removed */
    int failed;
};

static void spool_unlink(const struct purge *purge, enum record_kind kind,
                         const uint8_t key[STORE_KEY_SIZE])
{
    struct path path;
    char name[SPOOL_NAME_SIZE];
    spool_name(kind, key, name);
    if (path_join(&path, purge->store->layout.spool, name))
        unlink(path.text);
}

/* One in the spool may be in LMDB, too. */
static bool entry_visit(void *context, const struct each_entry *entry)
{
    struct purge *purge = context;
    if (purge->choose && !purge->choose(purge->context, entry))
        return true;
    buffer_append(&purge->keys, entry->key, STORE_KEY_SIZE);
    if (!entry->spooled) {
        removal_add(&purge->removal, entry->key);
        return true;
    }
    spool_unlink(purge, RECORD_ENTRY, entry->key);
    purge->failed = removal_add_any(&purge->removal, entry->key);
    return purge->failed == STORE_OK;
}

/* Spooled aliases whose entry was removed. */
static int spooled_aliases_remove(struct purge *purge)
{
    const struct layout *layout = &purge->store->layout;
    if (purge->keys.size == 0)
        return STORE_OK;
    DIR *stream = opendir(layout->spool);
    if (!stream)
        return file_result(errno) == STORE_MISS ? STORE_OK : STORE_UNAVAILABLE;
    struct buffer value = {0};
    key_list_sort(&purge->keys);
    for (struct dirent *item; (item = readdir(stream));) {
        enum record_kind kind;
        uint8_t alias[STORE_KEY_SIZE], id[TENANT_ID_SIZE], key[STORE_KEY_SIZE];
        if (!spool_name_parse(item->d_name, &kind, alias) || kind != RECORD_ALIAS)
            continue;
        buffer_clear(&value);
        if (spool_read(layout->spool, RECORD_ALIAS, alias, &value, NULL) == STORE_OK &&
            alias_parse(buffer_span(&value), id, key) == STORE_OK &&
            key_list_holds(buffer_span(&purge->keys), key))
            spool_unlink(purge, RECORD_ALIAS, alias);
    }
    closedir(stream);
    buffer_free(&value);
    return STORE_OK;
}

/* Entries that are not only listed take their vectors along. */
static int rest_remove(struct purge *purge)
{
    struct writer *writer = &purge->writer;
    int result = removal_commit(&purge->removal, purge->rules->thorough);
    if (result == STORE_OK)
        result = rows_forget(writer, purge->rules->tenants);
    if (result == STORE_OK)
        result = writer_flush(writer);
    return result == STORE_OK ? rows_update(writer, &purge->store->keyring) : result;
}

static int purge_all(struct purge *purge)
{
    struct span tags = purge->rules->tags;
    int each = purge->choose ? store_each_tagged(purge->store, tags, entry_visit, purge)
                             : store_each_listed(purge->store, tags, entry_visit, purge);
    int result = purge->failed;
    if (result == STORE_OK && !buffer_ok(&purge->keys))
        result = STORE_NO_MEMORY;
    if (result == STORE_OK && removal_is_all(&purge->removal))
        result = writer_discard(&purge->writer);
    else if (result == STORE_OK)
        result = rest_remove(purge);
    if (result == STORE_OK)
        result = spooled_aliases_remove(purge); /* which has sorted the keys */
    if (result == STORE_OK && purge->keys.size)
        result = batch_erase(purge->store->layout.spool, buffer_span(&purge->keys));
    return result == STORE_OK ? each : result;
}

int store_purge(struct store *store, const struct purge_rules *rules, purge_choose choose,
                void *context, uint64_t *removed)
{
    *removed = 0;
    struct purge *purge = memory_new(sizeof(*purge));
    if (!purge)
        return STORE_NO_MEMORY;
    *purge = (struct purge){
        .store = store, .rules = rules, .choose = choose, .context = context};
    purge->removal.writer = &purge->writer;
    int result = writer_open(&purge->writer, &store->layout, true);
    if (result == STORE_OK) {
        result = purge_all(purge);
        writer_close(&purge->writer);
    }
    *removed = purge->keys.size / STORE_KEY_SIZE;
    removal_free(&purge->removal);
    buffer_free(&purge->keys);
    memory_free(purge);
    return result;
}
