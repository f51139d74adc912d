/* SPDX-License-Identifier: MIT */
/* The index of a file of several recordings: of any content, cut off anywhere. */
#include "store/batch.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good)
{
    if (!good)
        abort();
}

/* What it says lies within it, once. */
static void check(struct span head, uint64_t size)
{
    size_t count = batch_count(head, size);
    struct batched last, item;
    require(count <= BATCH_ENTRIES);
    if (count == 0)
        require(batch_fault(head) != STORE_OK);
    for (size_t i = 0; i < count; i++, last = item) {
        bool there = batch_at(head, i, &item);
        require(there == (item.size > 0) && item.number == i);
        require(item.offset <= size && item.size <= size - item.offset);
        require(item.offset >= BATCH_HEADER_SIZE + count * BATCH_INDEX_SIZE);
        if (i)
            require(memcmp(last.key, item.key, STORE_KEY_SIZE) < 0);
    }
}

/* Entries of any size, with keys that often are the same. */
static void check_written(struct span bytes)
{
    struct store_batch batch = {0};
    struct buffer out = {0};
    for (size_t i = 0; i < bytes.size && !batch_is_full(&batch); i++) {
        uint8_t key[STORE_KEY_SIZE] = {bytes.at[i]};
        buffer_append(&batch.entries, bytes.at, i + 1);
        batch_add(&batch, key, i + 1);
    }
    batch_encode(&batch, &out);
    size_t count = batch_count(buffer_span(&out), out.size);
    require((count > 0) == (bytes.size > 0));
    for (size_t i = 0; i < count; i++) {
        struct batched item;
        require(batch_at(buffer_span(&out), i, &item) && item.size <= bytes.size);
        require(bytes.at[item.size - 1] == item.key[0]);
        require(memcmp(out.at + item.offset, bytes.at, item.size) == 0);
    }
    batch_free(&batch);
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct span bytes = span_of(data + 1, size - 1);
    check(bytes, bytes.size);
    check(bytes, bytes.size + data[0] * (uint64_t)1000);
    check_written(bytes);
    return 0;
}
