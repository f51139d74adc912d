/* SPDX-License-Identifier: MIT */
/* All sealed entries, see walk.h. */
#include "walk.h"

#include "batch.h"
#include "key_list.h"
#include "removed.h"

#include <dirent.h>
#include <errno.h>

struct walk {
    const struct layout *layout;
    const struct walk_rules *rules;
    walk_visit visit;
    void *context;
    bool ended;            /* the visitor has enough */
    struct buffer seen;    /* keys visited in the spool, ascending */
    struct buffer removed; /* as well (removed.h) */
};

/* Appends the keys of the spooled entries, ascending. */
static int spooled_keys(const char *spool, size_t most, struct buffer *out)
{
    DIR *stream = opendir(spool);
    if (!stream)
        return file_result(errno) == STORE_MISS ? STORE_OK : STORE_UNAVAILABLE;
    for (struct dirent *item;
         out->size / STORE_KEY_SIZE < most && (item = readdir(stream));) {
        enum record_kind kind;
        uint8_t key[STORE_KEY_SIZE];
        if (spool_name_parse(item->d_name, &kind, key) && kind == RECORD_ENTRY)
            buffer_append(out, key, sizeof(key));
        if (!buffer_ok(out))
            break;
    }
    closedir(stream);
    if (!buffer_ok(out))
        return STORE_NO_MEMORY;
    key_list_sort(out);
    return STORE_OK;
}

/* An entry that the merger takes away meanwhile is visited in LMDB. */
static int walk_spool(struct walk *walk)
{
    const char *spool = walk->layout->spool;
    struct buffer keys = {0}, value = {0};
    int result = spooled_keys(spool, walk->rules->most, &keys);
    for (size_t i = 0; result == STORE_OK && !walk->ended && i < keys.size;
         i += STORE_KEY_SIZE) {
        const uint8_t *key = keys.at + i;
        uint64_t size;
        buffer_clear(&value);
        int read = spool_read_head(spool, key, walk->rules->bytes, &value, &size);
        if (read == STORE_NO_MEMORY)
            result = read;
        if (read != STORE_OK)
            continue;
        buffer_append(&walk->seen, key, STORE_KEY_SIZE);
        struct walk_entry entry = {
            .key = key, .value = buffer_span(&value), .size = size, .spooled = true};
        walk->ended = !walk->visit(walk->context, &entry);
    }
    buffer_free(&keys);
    buffer_free(&value);
    return result == STORE_OK && !buffer_ok(&walk->seen) ? STORE_NO_MEMORY : result;
}

/* Those that wait in batches. */
static int walk_batches(struct walk *walk)
{
    const char *spool = walk->layout->spool;
    struct batches batches = {0};
    struct buffer value = {0}, seen = {0};
    int result = batches_load(&batches, spool);
    size_t most = walk->rules->most, count = batches_count(&batches);
    for (size_t i = 0; result == STORE_OK && !walk->ended && i < count && i < most; i++) {
        const struct batched *item = batches_at(&batches, i);
        buffer_clear(&value);
        if ((i && memcmp(item->key, item[-1].key, STORE_KEY_SIZE) == 0) ||
            key_list_holds(buffer_span(&walk->seen), item->key) ||
            batches_read(&batches, spool, item, walk->rules->bytes, &value) != STORE_OK)
            continue;
        buffer_append(&seen, item->key, STORE_KEY_SIZE);
        struct walk_entry entry = {.key = item->key,
                                   .value = buffer_span(&value),
                                   .size = item->size,
                                   .spooled = true};
        walk->ended = !walk->visit(walk->context, &entry);
    }
    if (result == STORE_OK && (!buffer_ok(&value) || !buffer_ok(&seen)))
        result = STORE_NO_MEMORY;
    buffer_append_span(&walk->seen, buffer_span(&seen));
    key_list_sort(&walk->seen);
    buffer_free(&value);
    buffer_free(&seen);
    batches_free(&batches);
    return result == STORE_OK && !buffer_ok(&walk->seen) ? STORE_NO_MEMORY : result;
}

static void visit_merged(struct walk *walk, const struct walk_entry *entry)
{
    if (!key_list_holds(buffer_span(&walk->seen), entry->key) &&
        !key_list_holds(buffer_span(&walk->removed), entry->key))
        walk->ended = !walk->visit(walk->context, entry);
}

static bool walk_page(void *context, struct span key, struct span value, uint64_t size)
{
    struct walk *walk = context;
    struct walk_entry entry = {.key = key.at + 1, .value = value, .size = size};
    if (key.size == 1 + STORE_KEY_SIZE)
        visit_merged(walk, &entry);
    return !walk->ended;
}

static int walk_pages(struct walk *walk)
{
    struct record_key key;
    struct span prefix = walk->rules->prefix;
    key.bytes[0] = RECORD_ENTRY;
    if (prefix.size)
        memcpy(key.bytes + 1, prefix.at, prefix.size);
    int result = pages_scan(walk->layout->data, span_of(key.bytes, 1 + prefix.size),
                            walk->rules->bytes, walk_page, walk);
    return result == STORE_MISS ? STORE_OK : result;
}

static void walk_unread(struct walk *walk, struct span keys)
{
    for (size_t i = 0; !walk->ended && i + STORE_KEY_SIZE <= keys.size;
         i += STORE_KEY_SIZE) {
        struct walk_entry entry = {.key = keys.at + i, .unread = true};
        visit_merged(walk, &entry);
    }
}

/* Those whose keys are listed. */
static int walk_listed(struct walk *walk, struct span keys)
{
    struct pages_session session = {0};
    struct buffer value = {0};
    int result =
        pages_begin(&session, walk->rules->cache, walk->layout->data, SEAL_LIMIT);
    if (result != STORE_OK)
        return result == STORE_MISS ? STORE_OK : result;
    session.authentic = true; /* one whose label does not open has no tag */
    for (size_t i = 0; !walk->ended && i + STORE_KEY_SIZE <= keys.size;
         i += STORE_KEY_SIZE) {
        struct record_key name;
        uint64_t size;
        buffer_clear(&value);
        int found = pages_get_head(&session, record_key(&name, RECORD_ENTRY, keys.at + i),
                                   walk->rules->bytes, &value, &size);
        struct walk_entry entry = {
            .key = keys.at + i, .value = buffer_span(&value), .size = size};
        if (found == STORE_OK)
            visit_merged(walk, &entry);
        else if (found != STORE_MISS)
            result = found;
        if (found == STORE_NO_MEMORY)
            break;
    }
    pages_end(&session);
    buffer_free(&value);
    return result;
}

static int walk_list_pages(struct walk *walk)
{
    struct buffer keys = {0};
    int result = walk->rules->list(walk->rules->list_context, &keys);
    if (result == STORE_OK && walk->rules->unread && buffer_ok(&keys))
        walk_unread(walk, buffer_span(&keys));
    else if (result == STORE_OK && buffer_ok(&keys))
        result = walk_listed(walk, buffer_span(&keys));
    else if (result == STORE_OK)
        result = STORE_NO_MEMORY;
    buffer_free(&keys);
    return result;
}

int walk_entries(const struct layout *layout, const struct walk_rules *rules,
                 walk_visit visit, void *context)
{
    struct walk walk = {
        .layout = layout, .rules = rules, .visit = visit, .context = context};
    int result = walk_spool(&walk);
    if (result == STORE_OK && !walk.ended)
        result = walk_batches(&walk);
    if (result == STORE_OK && !walk.ended)
        result = removed_read(layout->data, &walk.removed);
    if (result == STORE_OK && !walk.ended)
        result = rules->list ? walk_list_pages(&walk) : walk_pages(&walk);
    buffer_free(&walk.seen);
    buffer_free(&walk.removed);
    return result;
}
