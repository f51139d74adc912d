/* SPDX-License-Identifier: MIT */
/* Fills a store with many small entries, each with an alias and five tags, and times look-ups.
 * Usage: crowd STORE CONFIG fill COUNT MEMBERS   MEMBERS of them, spread over all, for each of
 *                                                the tags doc:0 to doc:7
 *        crowd STORE CONFIG find COUNT           the median of a look-up in microseconds
 * Written as the merger would, but in the order of the keys and in large transactions: a million
 * takes two to four minutes and 2.2 GB. */
#include "store/filing.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS    20001
#define TAG_KINDS 8

struct crowd {
    struct store *store;
    struct tenant tenant;
    struct layout layout;
    struct writer writer;
    unsigned long count, members;
};

static void must(int result, const char *what)
{
    if (result == STORE_OK)
        return;
    fprintf(stderr, "crowd: %s: %s\n", what, store_result_text(result));
    exit(1);
}

/* Ascending with |number|, otherwise at random. */
static void key_of(unsigned long number, uint8_t kind, uint8_t key[STORE_KEY_SIZE])
{
    uint64_t state = number * 0x9E3779B97F4A7C15 + kind;
    uint32_t first = (uint32_t)number * 2654; /* 2^32 / 2654 > 1.6 million */
    for (size_t i = 0; i < STORE_KEY_SIZE; i++) {
        state = state * 6364136223846793005 + 1442695040888963407;
        key[i] = i < 4 ? (uint8_t)(first >> (24 - 8 * i)) : (uint8_t)(state >> 56);
    }
}

static void tag(struct buffer *tags, const char *format, unsigned long number)
{
    char text[64];
    snprintf(text, sizeof(text), format, number);
    buffer_append_framed(tags, span_text(text));
}

static void tags_of(const struct crowd *crowd, unsigned long number, struct buffer *tags)
{
    unsigned long distance = crowd->count / crowd->members;
    tag(tags, "program:python3", 0);
    tag(tags, "host:api.openai.com", 0);
    tag(tags, "model:gpt-4o-mini", 0);
    tag(tags, "git:/home/user/project-%lu", number % 10);
    if (number % distance < TAG_KINDS)
        tag(tags, "doc:%lu", number % distance);
    else
        tag(tags, "doc:other-%lu", number / 100);
}

static void add(struct crowd *crowd, unsigned long number)
{
    struct entry_label label = {.dialect = "openai",
                                .operation = "chat",
                                .model = "gpt-4o-mini",
                                .host = "api.openai.com",
                                .program = "python3",
                                .created_ms = (int64_t)time(NULL) * 1000,
                                .ttl_s = UINT64_MAX,
                                .last_byte_us = 1000000};
    struct buffer tags = {0}, blob = {0};
    struct record_key name;
    struct reverse_key reverse;
    uint8_t key[STORE_KEY_SIZE], alias[STORE_KEY_SIZE], value[ALIAS_VALUE_SIZE];
    char payload[64];
    key_of(number, 1, key);
    key_of(number, 2, alias);
    tags_of(crowd, number, &tags);
    struct entry_notes notes = {.tags = buffer_span(&tags)};
    snprintf(payload, sizeof(payload), "the answer to question %lu", number);
    must(seal_entry(&crowd->tenant, key, &label, &notes, span_text(payload), &blob),
         "seal");
    writer_put(&crowd->writer, record_key(&name, RECORD_ENTRY, key), buffer_span(&blob));
    must(filing_add(&crowd->writer, &crowd->store->keyring, key, buffer_span(&blob),
                    blob.size, 0),
         "file");
    seal_alias(&crowd->tenant, alias, key, value);
    writer_put(&crowd->writer, record_key(&name, RECORD_ALIAS, alias),
               span_of(value, sizeof(value)));
    writer_put(&crowd->writer, reverse_key(&reverse, key, alias), (struct span){0});
    buffer_free(&tags);
    buffer_free(&blob);
}

static void fill(struct crowd *crowd)
{
    must(writer_open(&crowd->writer, &crowd->layout, true), "open");
    must(filing_complete(&crowd->writer, &crowd->store->keyring), "complete");
    crowd->writer.queue_bytes = (size_t)64 << 20;
    crowd->writer.queue_changes = 400000;
    for (unsigned long i = 0; i < crowd->count; i++) {
        add(crowd, i);
        if (writer_is_full(&crowd->writer))
            must(writer_flush(&crowd->writer), "write");
    }
    must(writer_flush(&crowd->writer), "write");
    writer_close(&crowd->writer);
}

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int order(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

/* Any entry each time; purged ones do not count. */
static void find(struct crowd *crowd)
{
    static double samples[ROUNDS];
    uint8_t key[STORE_KEY_SIZE], alias[STORE_KEY_SIZE];
    struct entry entry;
    uint64_t state = 1;
    size_t found = 0;
    for (unsigned long i = 0; i < ROUNDS; i++) {
        state = state * 6364136223846793005 + 1442695040888963407;
        key_of((state >> 33) % crowd->count, 2, alias);
        double start = now_us();
        int result =
            store_find_by_alias(crowd->store, &crowd->tenant, alias, key, &entry);
        samples[found] = now_us() - start;
        if (result == STORE_MISS)
            continue;
        must(result, "find");
        entry_free(&entry);
        found++;
    }
    qsort(samples, found, sizeof(*samples), order);
    printf("%.1f\n", samples[found / 2]);
}

int main(int count, char **arguments)
{
    if (count < 5)
        return 64;
    struct store_paths paths = {arguments[1], arguments[2]};
    struct crowd crowd = {.count = strtoul(arguments[4], NULL, 10)};
    if (!layout_from(&crowd.layout, &paths))
        return 64;
    must(store_open(&crowd.store, &paths), "open");
    must(store_tenant(crowd.store, span_text("crowd"), true, &crowd.tenant), "tenant");
    if (strcmp(arguments[3], "fill") == 0 && count == 6) {
        crowd.members = strtoul(arguments[5], NULL, 10);
        fill(&crowd);
    } else {
        find(&crowd);
    }
    store_close(crowd.store);
    return 0;
}
