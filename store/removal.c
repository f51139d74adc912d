/* SPDX-License-Identifier: MIT */
/* Entries that are removed, see removal.h. */
#include "removal.h"

#include "filing.h"
#include "key_list.h"
#include "pages.h"
#include "removed.h"

static const uint8_t list_name = RECORD_REMOVED;

/* Is it in LMDB, and not on the list? */
static int look_up(const struct writer *writer, const uint8_t key[STORE_KEY_SIZE],
                   bool *there, bool *listed)
{
    struct pages_session session = {0};
    struct record_key name;
    struct buffer value = {0};
    uint64_t size;
    *there = *listed = false;
    int result = pages_begin(&session, NULL, writer->layout->data, SEAL_LIMIT);
    if (result != STORE_OK)
        return result == STORE_MISS ? STORE_OK : result;
    result =
        pages_get_head(&session, record_key(&name, RECORD_ENTRY, key), 1, &value, &size);
    *there = result == STORE_OK;
    if (result == STORE_OK)
        result = removed_has(&session, key, listed);
    pages_end(&session);
    buffer_free(&value);
    return result == STORE_MISS ? STORE_OK : result;
}

void removal_add(struct removal *removal, const uint8_t key[STORE_KEY_SIZE])
{
    buffer_append(&removal->keys, key, STORE_KEY_SIZE);
}

int removal_add_any(struct removal *removal, const uint8_t key[STORE_KEY_SIZE])
{
    bool there, listed;
    int result = look_up(removal->writer, key, &there, &listed);
    if (there && !listed)
        removal_add(removal, key);
    return result;
}

bool removal_is_all(const struct removal *removal)
{
    return key_list_count(buffer_span(&removal->keys)) == removal->writer->counts.entries;
}

/* Listed ones do not count any more, and are about to be counted out again. */
static int take_away(struct writer *writer, struct span keys, bool listed)
{
    struct cursor cursor = cursor_of(keys);
    int result = STORE_OK;
    while (result == STORE_OK && cursor.left >= STORE_KEY_SIZE) {
        const uint8_t *key = cursor_bytes(&cursor, STORE_KEY_SIZE).at;
        bool there = false, ignored;
        if (listed)
            result = look_up(writer, key, &there, &ignored);
        writer->counts.entries += there;
        if (result == STORE_OK)
            result = filing_remove(writer, key);
        if (result == STORE_OK && writer_is_full(writer))
            result = writer_flush(writer);
    }
    return result;
}

static int list(struct removal *removal, struct buffer *keys)
{
    struct writer *writer = removal->writer;
    uint64_t count = key_list_count(buffer_span(&removal->keys));
    buffer_append_span(keys, buffer_span(&removal->keys));
    key_list_sort_unique(keys);
    if (!buffer_ok(keys))
        return STORE_NO_MEMORY;
    writer_put(writer, span_of(&list_name, 1), buffer_span(keys));
    writer->counts.entries -=
        count < writer->counts.entries ? count : writer->counts.entries;
    return writer_flush(writer);
}

int removal_commit(struct removal *removal, bool thorough)
{
    struct writer *writer = removal->writer;
    struct buffer listed = {0};
    if (!buffer_ok(&removal->keys))
        return STORE_NO_MEMORY;
    if (removal->keys.size == 0)
        return STORE_OK;
    int result = removed_read(writer->layout->data, &listed);
    size_t sum = listed.size + removal->keys.size;
    if (result == STORE_OK && !thorough && sum <= REMOVAL_LISTED * STORE_KEY_SIZE) {
        result = list(removal, &listed);
    } else if (result == STORE_OK) {
        result = removal_collect(writer);
        if (result == STORE_OK)
            result = take_away(writer, buffer_span(&removal->keys), false);
        if (result == STORE_OK)
            result = writer_flush(writer);
    }
    buffer_free(&listed);
    return result;
}

void removal_free(struct removal *removal)
{
    buffer_free(&removal->keys);
}

/* Nobody finds an entry while the list cannot be read: the next writer is to examine the file. */
int removal_collect(struct writer *writer)
{
    struct buffer keys = {0};
    int result = removed_read(writer->layout->data, &keys);
    if (result == STORE_CORRUPT)
        writer->failed = result;
    if (result == STORE_OK && keys.size)
        result = take_away(writer, buffer_span(&keys), true);
    if (result == STORE_OK && keys.size) {
        writer_delete(writer, span_of(&list_name, 1)); /* not before all is gone */
        result = writer_flush(writer);
    }
    buffer_free(&keys);
    return result;
}
