/* SPDX-License-Identifier: MIT */
/* Removing entries, see purge.h. */
#include "purge.h"

#include "layout.h"
#include "memory.h"
#include "removal.h"
#include "writer.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
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

/* Removes one entry wherever it is. */
static bool entry_visit(void *context, const struct each_entry *entry)
{
    struct purge *purge = context;
    if (!purge->choose(purge->context, entry))
        return true;
    if (entry->spooled)
        spool_unlink(purge, RECORD_ENTRY, entry->key);
    removal_add(&purge->removal, entry->key, entry->at);
    buffer_append(&purge->keys, entry->key, STORE_KEY_SIZE);
    if (writer_is_full(&purge->writer))
        purge->failed = removal_flush(&purge->removal);
    return purge->failed == STORE_OK;
}

static int key_order(const void *a, const void *b)
{
    return memcmp(a, b, STORE_KEY_SIZE);
}

/* Spooled aliases whose entry was removed. */
static int spooled_aliases_remove(struct purge *purge)
{
    const struct layout *layout = &purge->store->layout;
    size_t count = purge->keys.size / STORE_KEY_SIZE;
    if (count == 0)
        return STORE_OK;
    DIR *stream = opendir(layout->spool);
    if (!stream)
        return file_result(errno) == STORE_MISS ? STORE_OK : STORE_UNAVAILABLE;
    struct buffer value = {0};
    qsort(purge->keys.at, count, STORE_KEY_SIZE, key_order);
    for (struct dirent *item; (item = readdir(stream));) {
        enum record_kind kind;
        uint8_t alias[STORE_KEY_SIZE], id[TENANT_ID_SIZE], key[STORE_KEY_SIZE];
        if (!spool_name_parse(item->d_name, &kind, alias) || kind != RECORD_ALIAS)
            continue;
        buffer_clear(&value);
        if (spool_read(layout->spool, RECORD_ALIAS, alias, &value, NULL) == STORE_OK &&
            alias_parse(buffer_span(&value), id, key) == STORE_OK &&
            bsearch(key, purge->keys.at, count, STORE_KEY_SIZE, key_order))
            spool_unlink(purge, RECORD_ALIAS, alias);
    }
    closedir(stream);
    buffer_free(&value);
    return STORE_OK;
}

static int purge_all(struct purge *purge)
{
    int each = store_each_tagged(purge->store, purge->rules->tags, entry_visit, purge);
    int result = removal_flush(&purge->removal);
    if (purge->failed != STORE_OK)
        result = purge->failed;
    if (result == STORE_OK && !buffer_ok(&purge->keys))
        result = STORE_NO_MEMORY;
    if (result == STORE_OK)
        result = spooled_aliases_remove(purge);
    if (result == STORE_OK && purge->writer.counts.entries == 0)
        result = writer_discard(&purge->writer);
    else if (result == STORE_OK && purge->rules->thorough)
        result = removal_collect(&purge->writer);
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
