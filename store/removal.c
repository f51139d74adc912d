/* SPDX-License-Identifier: MIT */
/* Entries that are removed, see removal.h. */
#include "removal.h"

#include "filing.h"
#include "pages.h"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

/* Only what certainly is the beginning of an entry. */
static bool mark(struct removal *removal, uint64_t at)
{
    char found[sizeof(REMOVED_MARK) - 1];
    if (removal->descriptor == 0)
        removal->descriptor =
            open(removal->writer->layout->data, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    return at && removal->descriptor > 0 &&
           file_read_at(removal->descriptor, found, sizeof(found), at) ==
               (ssize_t)sizeof(found) &&
           memcmp(found, SEAL_MAGIC, sizeof(found)) == 0 &&
           pwrite(removal->descriptor, REMOVED_MARK, sizeof(found), (off_t)at) ==
               (ssize_t)sizeof(found);
}

void removal_add(struct removal *removal, const uint8_t key[STORE_KEY_SIZE], uint64_t at)
{
    struct record_key name;
    if (mark(removal, at))
        removal->marked++;
    else
        writer_delete(removal->writer, record_key(&name, RECORD_ENTRY, key));
    buffer_append(&removal->keys, key, STORE_KEY_SIZE);
}

int removal_flush(struct removal *removal)
{
    uint8_t name[9] = {RECORD_REMOVED};
    struct writer_counts *counts = &removal->writer->counts;
    if (!buffer_ok(&removal->keys))
        return STORE_NO_MEMORY;
    randombytes_buf(name + 1, sizeof(name) - 1);
    if (removal->keys.size)
        writer_put(removal->writer, span_of(name, sizeof(name)),
                   buffer_span(&removal->keys));
    counts->entries -=
        removal->marked < counts->entries ? removal->marked : counts->entries;
    removal->marked = 0;
    buffer_clear(&removal->keys);
    return writer_flush(removal->writer);
}

void removal_free(struct removal *removal)
{
    if (removal->descriptor > 0)
        close(removal->descriptor);
    buffer_free(&removal->keys);
}

struct collection {
    struct writer *writer;
    int result;
};

/* A marked entry does not count any more, and is about to be counted out again. */
static void count_marked(struct writer *writer, const uint8_t key[STORE_KEY_SIZE])
{
    struct record_key name;
    struct buffer value = {0};
    if (pages_find(NULL, writer->layout->data, record_key(&name, RECORD_ENTRY, key),
                   SEAL_LIMIT, &value) == STORE_OK)
        writer->counts.entries++;
    buffer_free(&value);
}

static bool collect_list(void *context, struct span key, struct span value, uint64_t size)
{
    struct collection *collection = context;
    struct writer *writer = collection->writer;
    struct cursor cursor = cursor_of(value);
    (void)size;
    while (collection->result == STORE_OK && cursor.left >= STORE_KEY_SIZE) {
        const uint8_t *removed = cursor_bytes(&cursor, STORE_KEY_SIZE).at;
        count_marked(writer, removed);
        collection->result = filing_remove(writer, removed);
        if (collection->result == STORE_OK && writer_is_full(writer))
            collection->result = writer_flush(writer);
    }
    if (collection->result == STORE_OK)
        writer_delete(writer, key);
    return collection->result == STORE_OK;
}

int removal_collect(struct writer *writer)
{
    static const uint8_t prefix = RECORD_REMOVED;
    struct collection collection = {.writer = writer};
    int result = pages_scan(writer->layout->data, span_of(&prefix, 1), SEAL_LIMIT,
                            collect_list, &collection);
    if (collection.result != STORE_OK)
        return collection.result;
    if (result == STORE_NO_MEMORY)
        return result;
    return writer_flush(writer);
}
