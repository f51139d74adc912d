/* SPDX-License-Identifier: MIT */
/* Removing entries, see purge.h. */
#include "purge.h"

#include "layout.h"
#include "memory.h"
#include "pages.h"
#include "writer.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

struct purge {
    struct store *store;
    struct writer writer;
    purge_choose choose;
    void *context;
    struct purge_counts *counts;
    uint8_t key[STORE_KEY_SIZE]; /* whose aliases are being removed */
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

static bool alias_remove(void *context, struct span key, struct span value, uint64_t size)
{
    struct purge *purge = context;
    struct record_key alias;
    (void)value, (void)size;
    if (key.size != 1 + 2 * STORE_KEY_SIZE)
        return true;
    const uint8_t *name = key.at + 1 + STORE_KEY_SIZE;
    writer_delete(&purge->writer, key);
    writer_delete(&purge->writer, record_key(&alias, RECORD_ALIAS, name));
    spool_unlink(purge, RECORD_ALIAS, name);
    purge->counts->aliases++;
    return true;
}

/* Removes one entry wherever it is. */
static int entry_remove(struct purge *purge, const struct each_entry *entry)
{
    struct record_key key, reverse;
    const char *data = purge->store->layout.data;
    spool_unlink(purge, RECORD_ENTRY, entry->key);
    writer_delete(&purge->writer, record_key(&key, RECORD_ENTRY, entry->key));
    (void)record_key(&reverse, RECORD_ENTRY, entry->key);
    reverse.bytes[0] = RECORD_REVERSE;
    int result = pages_scan(data, span_of(reverse.bytes, sizeof(reverse.bytes)), 0,
                            alias_remove, purge);
    purge->counts->entries++;
    if (result == STORE_NO_MEMORY)
        return result;
    return writer_is_full(&purge->writer) ? writer_flush(&purge->writer) : STORE_OK;
}

static bool entry_visit(void *context, const struct each_entry *entry)
{
    struct purge *purge = context;
    if (!purge->choose(purge->context, entry))
        return true;
    purge->failed = entry_remove(purge, entry);
    return purge->failed == STORE_OK;
}

/* Spooled aliases whose entry is gone. */
static int spooled_aliases_remove(struct purge *purge)
{
    const struct layout *layout = &purge->store->layout;
    DIR *stream = opendir(layout->spool);
    if (!stream)
        return file_result(errno) == STORE_MISS ? STORE_OK : STORE_UNAVAILABLE;
    struct buffer value = {0};
    for (struct dirent *item; (item = readdir(stream));) {
        enum record_kind kind;
        uint8_t alias[STORE_KEY_SIZE], id[TENANT_ID_SIZE], key[STORE_KEY_SIZE];
        struct record_key name;
        if (!spool_name_parse(item->d_name, &kind, alias) || kind != RECORD_ALIAS)
            continue;
        buffer_clear(&value);
        if (spool_read(layout->spool, RECORD_ALIAS, alias, &value, NULL) != STORE_OK ||
            alias_parse(buffer_span(&value), id, key) != STORE_OK)
            continue;
        buffer_clear(&value);
        if (spool_read(layout->spool, RECORD_ENTRY, key, &value, NULL) != STORE_MISS)
            continue;
        buffer_clear(&value);
        if (pages_find(NULL, layout->data, record_key(&name, RECORD_ENTRY, key),
                       SEAL_LIMIT, &value) != STORE_MISS)
            continue;
        spool_unlink(purge, RECORD_ALIAS, alias);
        purge->counts->aliases++;
    }
    closedir(stream);
    buffer_free(&value);
    return STORE_OK;
}

static int purge_all(struct purge *purge)
{
    int each = store_each(purge->store, false, entry_visit, purge);
    int result = writer_flush(&purge->writer);
    if (purge->failed != STORE_OK)
        result = purge->failed;
    if (result == STORE_OK)
        result = spooled_aliases_remove(purge);
    return result == STORE_OK ? each : result;
}

int store_purge(struct store *store, purge_choose choose, void *context,
                struct purge_counts *counts)
{
    *counts = (struct purge_counts){0};
    struct purge *purge = memory_new(sizeof(*purge));
    if (!purge)
        return STORE_NO_MEMORY;
    *purge = (struct purge){
        .store = store, .choose = choose, .context = context, .counts = counts};
    int result = writer_open(&purge->writer, &store->layout, true);
    if (result == STORE_OK) {
        result = purge_all(purge);
        if (result == STORE_OK && purge->writer.counts.entries == 0)
            result = writer_discard(&purge->writer);
        writer_close(&purge->writer);
    }
    memory_free(purge);
    return result;
}
