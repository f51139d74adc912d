/* SPDX-License-Identifier: MIT */
/* Recordings in one file together, see batch.h. */
#include "batch.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define MAGIC   "preechoB"
#define VERSION 1

/* -- one file -------------------------------------------------------------------------- */

void batch_add(struct store_batch *batch, const uint8_t key[STORE_KEY_SIZE], size_t size)
{
    struct batched item = {.offset = batch->entries.size - size,
                           .size = size,
                           .number = (uint32_t)(batch->items.size / sizeof(item))};
    memcpy(item.key, key, STORE_KEY_SIZE);
    buffer_append(&batch->items, &item, sizeof(item));
}

bool batch_is_full(const struct store_batch *batch)
{
    return batch->entries.size >= BATCH_BYTES ||
           batch->items.size / sizeof(struct batched) >= BATCH_ENTRIES;
}

/* By key; of the same key the latest file's, and what was added last. */
static int item_order(const void *a, const void *b)
{
    const struct batched *left = a, *right = b;
    int order = memcmp(left->key, right->key, STORE_KEY_SIZE);
    if (order != 0)
        return order;
    if (left->file != right->file)
        return left->file < right->file ? -1 : 1;
    return left->number > right->number ? -1 : left->number < right->number;
}

static struct batched *items_of(const struct buffer *items)
{
    return (struct batched *)(void *)items->at;
}

static void sort(struct buffer *items)
{
    size_t count = items->size / sizeof(struct batched);
    if (count > 1)
        qsort(items->at, count, sizeof(struct batched), item_order);
}

/* Of one key the first alone. */
static void keep_first(struct buffer *items)
{
    struct batched *at = items_of(items);
    size_t kept = 0;
    for (size_t i = 0; i < items->size / sizeof(*at); i++)
        if (i == 0 || memcmp(at[i].key, at[kept - 1].key, STORE_KEY_SIZE) != 0)
            at[kept++] = at[i];
    items->size = kept * sizeof(*at);
}

void batch_encode(struct store_batch *batch, struct buffer *out)
{
    sort(&batch->items);
    keep_first(&batch->items);
    size_t count = batch->items.size / sizeof(struct batched);
    uint64_t begin = BATCH_HEADER_SIZE + count * BATCH_INDEX_SIZE;
    buffer_append_text(out, MAGIC);
    buffer_append_u16(out, VERSION);
    buffer_append_u16(out, 0);
    buffer_append_u32(out, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        const struct batched *item = &items_of(&batch->items)[i];
        buffer_append(out, item->key, STORE_KEY_SIZE);
        buffer_append_u64(out, begin + item->offset);
        buffer_append_u64(out, item->size);
    }
    buffer_append_span(out, buffer_span(&batch->entries));
    if (!buffer_ok(&batch->items) || !buffer_ok(&batch->entries))
        out->failed = true;
}

void batch_free(struct store_batch *batch)
{
    buffer_free(&batch->items);
    buffer_free(&batch->entries);
}

bool batch_at(struct span head, size_t number, struct batched *out)
{
    struct cursor cursor =
        cursor_of(span_skip(head, BATCH_HEADER_SIZE + number * BATCH_INDEX_SIZE));
    memcpy(out->key, cursor_bytes(&cursor, STORE_KEY_SIZE).at, STORE_KEY_SIZE);
    out->offset = cursor_u64(&cursor);
    out->size = cursor_u64(&cursor);
    out->number = (uint32_t)number;
    out->file = 0;
    return out->size > 0;
}

size_t batch_count(struct span head, uint64_t size)
{
    struct cursor cursor = cursor_of(head);
    bool known = span_is(cursor_bytes(&cursor, strlen(MAGIC)), MAGIC);
    known = cursor_u16(&cursor) == VERSION && cursor_u16(&cursor) == 0 && known;
    size_t count = cursor_u32(&cursor);
    if (!cursor_ok(&cursor) || !known || count == 0 || count > BATCH_ENTRIES ||
        cursor.left < count * BATCH_INDEX_SIZE)
        return 0;
    uint64_t begin = BATCH_HEADER_SIZE + count * BATCH_INDEX_SIZE;
    struct batched last, item;
    for (size_t i = 0; i < count; i++, last = item) {
        (void)!batch_at(head, i, &item);
        if (item.offset < begin || item.offset > size || item.size > size - item.offset ||
            (i && memcmp(last.key, item.key, STORE_KEY_SIZE) >= 0))
            return 0;
    }
    return count;
}

int batch_fault(struct span head)
{
    struct cursor cursor = cursor_of(head);
    bool known = span_is(cursor_bytes(&cursor, strlen(MAGIC)), MAGIC);
    return known && cursor_u16(&cursor) != VERSION && cursor_ok(&cursor)
               ? STORE_UNAVAILABLE
               : STORE_CORRUPT;
}

/* -- all files ------------------------------------------------------------------------- */

static int latest_first(const void *a, const void *b)
{
    const struct batch_name *left = a, *right = b;
    if (left->modified_ns != right->modified_ns)
        return left->modified_ns > right->modified_ns ? -1 : 1;
    return strcmp(left->text, right->text);
}

static const struct batch_name *file_of(const struct batches *batches, uint32_t file)
{
    return (const struct batch_name *)(void *)batches->files.at + file;
}

static int list_files(struct batches *batches, const char *spool)
{
    DIR *stream = opendir(spool);
    if (!stream)
        return file_result(errno) == STORE_MISS ? STORE_OK : STORE_UNAVAILABLE;
    for (struct dirent *item; (item = readdir(stream));) {
        enum record_kind kind;
        uint8_t key[STORE_KEY_SIZE];
        struct batch_name named = {0};
        struct path path;
        struct file_stamp stamp;
        if (!spool_name_parse(item->d_name, &kind, key) || kind != RECORD_BATCH ||
            !path_join(&path, spool, item->d_name) ||
            file_stamp_of(path.text, &stamp) != STORE_OK)
            continue;
        spool_name(kind, key, named.text);
        named.modified_ns = stamp.modified_ns;
        buffer_append(&batches->files, &named, sizeof(named));
    }
    closedir(stream);
    return buffer_ok(&batches->files) ? STORE_OK : STORE_NO_MEMORY;
}

static int load_file(struct batches *batches, const char *spool, uint32_t file,
                     struct buffer *head)
{
    struct path path;
    uint64_t size = 0;
    buffer_clear(head);
    if (!path_join(&path, spool, file_of(batches, file)->text))
        return STORE_UNAVAILABLE;
    int result = file_read_head(path.text, BATCH_HEAD_LIMIT, head, &size);
    if (result != STORE_OK)
        return result == STORE_NO_MEMORY ? result : STORE_OK; /* the merger has it */
    size_t count = batch_count(buffer_span(head), size);
    for (size_t i = 0; i < count; i++) {
        struct batched item;
        if (!batch_at(buffer_span(head), i, &item))
            continue;
        item.file = file;
        buffer_append(&batches->items, &item, sizeof(item));
    }
    return buffer_ok(&batches->items) ? STORE_OK : STORE_NO_MEMORY;
}

int batches_load(struct batches *batches, const char *spool)
{
    struct buffer head = {0};
    int result = list_files(batches, spool);
    size_t count = batches->files.size / sizeof(struct batch_name);
    if (count > 1)
        qsort(batches->files.at, count, sizeof(struct batch_name), latest_first);
    for (uint32_t i = 0; result == STORE_OK && i < count; i++)
        result = load_file(batches, spool, i, &head);
    buffer_free(&head);
    sort(&batches->items);
    return result;
}

const struct batched *batches_at(const struct batches *batches, size_t i)
{
    return &items_of(&batches->items)[i];
}

const struct batched *batches_find(const struct batches *batches,
                                   const uint8_t key[STORE_KEY_SIZE])
{
    size_t low = 0, high = batches_count(batches);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(batches_at(batches, middle)->key, key, STORE_KEY_SIZE) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == batches_count(batches) ||
        memcmp(batches_at(batches, low)->key, key, STORE_KEY_SIZE) != 0)
        return NULL;
    return batches_at(batches, low);
}

static void close_file(struct batches *batches)
{
    if (batches->opened)
        close(batches->descriptor);
    batches->opened = 0;
}

static int open_file(struct batches *batches, const char *spool, uint32_t file)
{
    struct path path;
    struct stat status;
    if (batches->opened == file + 1)
        return STORE_OK;
    close_file(batches);
    if (!path_join(&path, spool, file_of(batches, file)->text))
        return STORE_UNAVAILABLE;
    int result = file_open(path.text, false, &batches->descriptor, &status);
    if (result == STORE_OK)
        batches->opened = file + 1;
    return result;
}

int batches_read(struct batches *batches, const char *spool, const struct batched *item,
                 size_t most, struct buffer *out)
{
    size_t size = item->size < most ? (size_t)item->size : most;
    int result = open_file(batches, spool, item->file);
    if (result != STORE_OK)
        return result;
    uint8_t *room = buffer_room(out, size);
    if (!room)
        return STORE_NO_MEMORY;
    if (file_read_at(batches->descriptor, room, size, item->offset) != (ssize_t)size)
        return STORE_UNAVAILABLE;
    out->size += size;
    return STORE_OK;
}

void batches_free(struct batches *batches)
{
    close_file(batches);
    buffer_free(&batches->items);
    buffer_free(&batches->files);
}
