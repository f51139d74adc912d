/* SPDX-License-Identifier: MIT */
/* Entries that are removed, see removal.h. */
#include "removal.h"

#include "filing.h"
#include "pages.h"

#include <sodium.h>

void removal_add(struct removal *removal, const uint8_t key[STORE_KEY_SIZE])
{
    struct record_key name;
    writer_delete(removal->writer, record_key(&name, RECORD_ENTRY, key));
    buffer_append(&removal->keys, key, STORE_KEY_SIZE);
}

int removal_flush(struct removal *removal)
{
    uint8_t name[9] = {RECORD_REMOVED};
    if (!buffer_ok(&removal->keys))
        return STORE_NO_MEMORY;
    randombytes_buf(name + 1, sizeof(name) - 1);
    if (removal->keys.size)
        writer_put(removal->writer, span_of(name, sizeof(name)),
                   buffer_span(&removal->keys));
    buffer_clear(&removal->keys);
    return writer_flush(removal->writer);
}

void removal_free(struct removal *removal)
{
    buffer_free(&removal->keys);
}

struct collection {
    struct writer *writer;
    int result;
};

static bool collect_list(void *context, struct span key, struct span value, uint64_t size)
{
    struct collection *collection = context;
    struct writer *writer = collection->writer;
    struct cursor cursor = cursor_of(value);
    (void)size;
    while (collection->result == STORE_OK && cursor.left >= STORE_KEY_SIZE) {
        collection->result =
            filing_remove(writer, cursor_bytes(&cursor, STORE_KEY_SIZE).at);
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
