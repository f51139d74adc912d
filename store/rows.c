/* SPDX-License-Identifier: MIT */
/* A table of rows, see rows.h: open addressing over blocks of rows. (uthash would need a heap
 * block and 56 bytes for each row, and takes twice as long over a million records.) */
#include "rows.h"

#include "memory.h"

#define BLOCK_ROWS 32
#define FIRST_ROOM 64

struct rows_slot {
    uint32_t hash;
    uint32_t number; /* of the row, from 1 on; 0 = free */
};

static uint64_t mix(uint64_t hash, const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof(word));
    hash = (hash ^ word) * 0x9E3779B97F4A7C15;
    return hash ^ hash >> 32;
}

/* Texts are padded with zeroes: what comes behind the first zero tells nothing. */
static uint64_t mix_text(uint64_t hash, const char *text, size_t size)
{
    for (size_t i = 0; i < size && text[i]; i += sizeof(uint64_t)) {
        hash = mix(hash, text + i);
        if (text[i + sizeof(uint64_t) - 1] == 0)
            break;
    }
    return hash;
}

static uint32_t hash_of(const struct sums_key *key)
{
    const char *head = (const char *)key;
    uint64_t hash = mix(mix(0x2545F4914F6CDD1D, head), head + sizeof(uint64_t));
    hash = mix(mix(hash, (const char *)key->tenant), (const char *)key->tenant + 8);
    hash = mix_text(hash, key->program, sizeof(key->program));
    hash = mix_text(hash, key->operation, sizeof(key->operation));
    hash = mix_text(hash, key->model, sizeof(key->model));
    hash = mix_text(hash, key->host, sizeof(key->host));
    hash = mix_text(hash, key->tag, sizeof(key->tag));
    return (uint32_t)hash;
}

struct sums_row *rows_at(const struct rows *rows, size_t index)
{
    return &rows->blocks[index / BLOCK_ROWS][index % BLOCK_ROWS];
}

static void slot_fill(struct rows_slot *slots, size_t room, struct rows_slot slot)
{
    size_t at = slot.hash & (room - 1);
    while (slots[at].number)
        at = (at + 1) & (room - 1);
    slots[at] = slot;
}

/* At most half of the slots are used. */
static bool slots_grow(struct rows *rows)
{
    size_t room = rows->room ? rows->room * 2 : FIRST_ROOM;
    struct rows_slot *slots = memory_new(room * sizeof(*slots));
    size_t blocks = room / 2 / BLOCK_ROWS;
    struct sums_row **list =
        memory_resize(rows->blocks, blocks * sizeof(struct sums_row *));
    if (list)
        rows->blocks = list;
    if (!slots || !list) {
        memory_free(slots);
        return false;
    }
    for (size_t i = 0; i < rows->room; i++)
        if (rows->slots[i].number)
            slot_fill(slots, room, rows->slots[i]);
    memory_free(rows->slots);
    rows->slots = slots;
    rows->room = room;
    return true;
}

static struct sums_row *row_new(struct rows *rows, uint32_t hash,
                                const struct sums_key *key)
{
    size_t number = rows->count;
    if (rows->failed || number == UINT32_MAX / 2 ||
        (number == rows->room / 2 && !slots_grow(rows)))
        return NULL;
    if (number % BLOCK_ROWS == 0) {
        struct sums_row *block = memory_new(BLOCK_ROWS * sizeof(*block));
        if (!block)
            return NULL;
        rows->blocks[number / BLOCK_ROWS] = block;
    }
    rows->count++;
    slot_fill(rows->slots, rows->room, (struct rows_slot){hash, (uint32_t)rows->count});
    struct sums_row *row = rows_at(rows, number);
    memcpy(&row->key, key, sizeof(*key));
    return row;
}

struct sums_row *rows_get(struct rows *rows, const struct sums_key *key)
{
    uint32_t hash = hash_of(key);
    size_t at = hash & (rows->room - 1);
    while (rows->room && rows->slots[at].number) {
        const struct rows_slot *slot = &rows->slots[at];
        struct sums_row *row = rows_at(rows, slot->number - 1);
        if (slot->hash == hash &&
            span_equal(span_of(&row->key, sizeof(*key)), span_of(key, sizeof(*key))))
            return row;
        at = (at + 1) & (rows->room - 1);
    }
    struct sums_row *row = row_new(rows, hash, key);
    rows->failed = rows->failed || !row;
    return row;
}

static void buckets_add(uint32_t *into, const uint32_t *more)
{
    for (size_t i = 0; i < SUMS_BUCKETS; i++)
        into[i] = more[i] < UINT32_MAX - into[i] ? into[i] + more[i] : UINT32_MAX;
}

static void numbers_add(struct sums_row *into, const struct sums_row *more)
{
    into->calls += more->calls;
    into->coalesced += more->coalesced;
    into->streams += more->streams;
    into->tokens_in += more->tokens_in;
    into->tokens_out += more->tokens_out;
    into->tokens_cached += more->tokens_cached;
    into->tokens_cache_write += more->tokens_cache_write;
    into->request_bytes += more->request_bytes;
    into->response_bytes += more->response_bytes;
    into->lookup_us += more->lookup_us;
    into->first_byte_us += more->first_byte_us;
    into->last_byte_us += more->last_byte_us;
    into->recorded_first_byte_us += more->recorded_first_byte_us;
    into->recorded_last_byte_us += more->recorded_last_byte_us;
    into->saved_us += more->saved_us;
}

void rows_add(struct rows *rows, const struct sums_row *row)
{
    struct sums_row *into = rows_get(rows, &row->key);
    if (!into)
        return;
    numbers_add(into, row);
    buckets_add(into->first_bytes, row->first_bytes);
    buckets_add(into->last_bytes, row->last_bytes);
}

void rows_move(struct rows *rows, struct rows *more)
{
    bool failed = rows->failed || more->failed;
    if (rows->count < more->count) { /* the smaller one into the larger one */
        struct rows kept = *rows;
        *rows = *more;
        *more = kept;
    }
    rows->failed = failed;
    for (size_t i = 0; i < more->count; i++)
        rows_add(rows, rows_at(more, i));
    rows_free(more);
}

void rows_free(struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i += BLOCK_ROWS)
        memory_free(rows->blocks[i / BLOCK_ROWS]);
    memory_free(rows->blocks);
    memory_free(rows->slots);
    *rows = (struct rows){0};
}
