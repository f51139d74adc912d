/* SPDX-License-Identifier: MIT */
/* Rows of a day or month, see period.h. */
#include "period.h"

#include "memory.h"

#include <zstd.h>

#define PERIOD_VERSION 2
#define ROW_FIXED      (26 + 6 + 15 * 8 + 2) /* bytes of a row beside texts and buckets */
#define BUCKET_SIZE    5
#define LEVEL          1 /* texts repeat: more effort gains little */
#define HOUR_MS        ((int64_t)3600 * 1000)
#define DECODED_LIMIT  (32 * PERIOD_ROWS_LIMIT)

static void append_text(struct buffer *out, const char *text)
{
    size_t size = strlen(text);
    buffer_append_byte(out, (uint8_t)size);
    buffer_append(out, text, size);
}

static void key_encode(const struct sums_key *key, struct buffer *out)
{
    buffer_append_u32(out, key->hour);
    buffer_append_byte(out, key->verdict);
    buffer_append_byte(out, key->layer);
    buffer_append_byte(out, key->reason);
    buffer_append_byte(out, key->level);
    buffer_append_byte(out, key->usage);
    buffer_append_byte(out, key->recorded);
    buffer_append(out, key->tenant, sizeof(key->tenant));
    append_text(out, key->program);
    append_text(out, key->operation);
    append_text(out, key->dialect);
    append_text(out, key->model);
    append_text(out, key->host);
    append_text(out, key->tag);
}

static size_t used_buckets(const uint32_t *buckets)
{
    size_t used = 0;
    for (size_t i = 0; i < SUMS_BUCKETS; i++)
        used += buckets[i] != 0;
    return used;
}

static void buckets_encode(const uint32_t *buckets, struct buffer *out)
{
    buffer_append_byte(out, (uint8_t)used_buckets(buckets));
    for (size_t i = 0; i < SUMS_BUCKETS; i++) {
        if (buckets[i] == 0)
            continue;
        buffer_append_byte(out, (uint8_t)i);
        buffer_append_u32(out, buckets[i]);
    }
}

static void row_encode(const struct sums_row *row, struct buffer *out)
{
    key_encode(&row->key, out);
    buffer_append_u64(out, row->calls);
    buffer_append_u64(out, row->coalesced);
    buffer_append_u64(out, row->streams);
    buffer_append_u64(out, row->tokens_in);
    buffer_append_u64(out, row->tokens_out);
    buffer_append_u64(out, row->tokens_cached);
    buffer_append_u64(out, row->tokens_cache_write);
    buffer_append_u64(out, row->request_bytes);
    buffer_append_u64(out, row->response_bytes);
    buffer_append_u64(out, row->lookup_us);
    buffer_append_u64(out, row->first_byte_us);
    buffer_append_u64(out, row->last_byte_us);
    buffer_append_u64(out, row->recorded_first_byte_us);
    buffer_append_u64(out, row->recorded_last_byte_us);
    buffer_append_u64(out, row->saved_us);
    buckets_encode(row->first_bytes, out);
    buckets_encode(row->last_bytes, out);
}

static size_t row_size(const struct sums_row *row)
{
    const struct sums_key *key = &row->key;
    return ROW_FIXED + strlen(key->program) + strlen(key->operation) +
           strlen(key->dialect) + strlen(key->model) + strlen(key->host) +
           strlen(key->tag) +
           BUCKET_SIZE * (used_buckets(row->first_bytes) + used_buckets(row->last_bytes));
}

size_t period_rows_size(const struct rows *rows)
{
    size_t size = 0;
    for (size_t i = 0; i < rows->count; i++)
        size += row_size(rows_at(rows, i));
    return size;
}

static void rows_encode(const struct rows *rows, struct buffer *out)
{
    for (size_t i = 0; i < rows->count; i++)
        row_encode(rows_at(rows, i), out);
}

int period_encode(const struct sums *sums, unsigned span, struct buffer *out)
{
    struct buffer rows = {0};
    rows_encode(&sums->calls, &rows);
    rows_encode(&sums->tagged, &rows);
    buffer_append_u16(out, PERIOD_VERSION);
    buffer_append_u16(out, (uint16_t)span);
    buffer_append_u32(out, (uint32_t)rows.size);
    size_t bound = ZSTD_compressBound(rows.size);
    uint8_t *room = buffer_room(out, bound);
    bool done = room && buffer_ok(&rows);
    if (done) {
        size_t size = ZSTD_compress(room, bound, rows.at, rows.size, LEVEL);
        done = !ZSTD_isError(size);
        out->size += done ? size : 0;
    }
    buffer_free(&rows);
    return done ? STORE_OK : STORE_NO_MEMORY;
}

/* -- decoding ------------------------------------------------------------------------ */

/* A text of |capacity| with its zero; |out| is zero. One that does not fit is none. */
static void take_text(struct cursor *cursor, char *out, size_t capacity)
{
    size_t size = cursor_u8(cursor);
    struct span text = cursor_bytes(cursor, size);
    if (size >= capacity || (size && (!text.at || memchr(text.at, 0, size))))
        cursor->failed = true;
    else if (size)
        memcpy(out, text.at, size);
}

static void key_take(struct cursor *cursor, struct sums_key *key)
{
    key->hour = cursor_u32(cursor);
    key->verdict = cursor_u8(cursor);
    key->layer = cursor_u8(cursor);
    key->reason = cursor_u8(cursor);
    key->level = cursor_u8(cursor);
    key->usage = cursor_u8(cursor);
    key->recorded = cursor_u8(cursor) != 0;
    struct span tenant = cursor_bytes(cursor, sizeof(key->tenant));
    if (cursor_ok(cursor))
        memcpy(key->tenant, tenant.at, sizeof(key->tenant));
    take_text(cursor, key->program, sizeof(key->program));
    take_text(cursor, key->operation, sizeof(key->operation));
    take_text(cursor, key->dialect, sizeof(key->dialect));
    take_text(cursor, key->model, sizeof(key->model));
    take_text(cursor, key->host, sizeof(key->host));
    take_text(cursor, key->tag, sizeof(key->tag));
}

static void buckets_take(struct cursor *cursor, uint32_t *buckets)
{
    for (unsigned used = cursor_u8(cursor); used && cursor_ok(cursor); used--) {
        unsigned bucket = cursor_u8(cursor);
        uint32_t calls = cursor_u32(cursor);
        if (bucket < SUMS_BUCKETS)
            buckets[bucket] = calls;
        else
            cursor->failed = true;
    }
}

static bool row_take(struct cursor *cursor, struct sums_row *row)
{
    memset(row, 0, sizeof(*row)); /* also what lies between members: rows.h */
    key_take(cursor, &row->key);
    row->calls = cursor_u64(cursor);
    row->coalesced = cursor_u64(cursor);
    row->streams = cursor_u64(cursor);
    row->tokens_in = cursor_u64(cursor);
    row->tokens_out = cursor_u64(cursor);
    row->tokens_cached = cursor_u64(cursor);
    row->tokens_cache_write = cursor_u64(cursor);
    row->request_bytes = cursor_u64(cursor);
    row->response_bytes = cursor_u64(cursor);
    row->lookup_us = cursor_u64(cursor);
    row->first_byte_us = cursor_u64(cursor);
    row->last_byte_us = cursor_u64(cursor);
    row->recorded_first_byte_us = cursor_u64(cursor);
    row->recorded_last_byte_us = cursor_u64(cursor);
    row->saved_us = cursor_u64(cursor);
    buckets_take(cursor, row->first_bytes);
    buckets_take(cursor, row->last_bytes);
    return cursor_ok(cursor);
}

static bool wanted(const struct sums_row *row, unsigned span,
                   const struct sums_rules *rules)
{
    int64_t begin = (int64_t)row->key.hour * HOUR_MS;
    return begin + (int64_t)span * HOUR_MS > rules->since_ms &&
           (rules->until_ms == 0 || begin < rules->until_ms);
}

/* Unpacks what follows the header. */
static int rows_unpack(struct span packed, size_t size, struct buffer *out)
{
    if (size > DECODED_LIMIT)
        return STORE_CORRUPT;
    uint8_t *room = buffer_room(out, size + 1);
    if (!room)
        return STORE_NO_MEMORY;
    ZSTD_DCtx *context = ZSTD_createDCtx();
    if (!context)
        return STORE_NO_MEMORY;
    size_t got = ZSTD_decompressDCtx(context, room, size + 1, packed.at, packed.size);
    ZSTD_freeDCtx(context);
    out->size = got == size ? size : 0;
    return got == size ? STORE_OK : STORE_CORRUPT;
}

unsigned period_span(struct span value)
{
    struct cursor cursor = cursor_of(value);
    return cursor_u16(&cursor) == PERIOD_VERSION ? cursor_u16(&cursor) : 0;
}

int period_decode(struct span value, const struct sums_rules *rules, struct sums *sums,
                  unsigned *span)
{
    struct sums_row row;
    struct buffer rows = {0};
    struct cursor cursor = cursor_of(value);
    if (cursor_u16(&cursor) != PERIOD_VERSION)
        return STORE_UNAVAILABLE;
    *span = cursor_u16(&cursor);
    size_t size = cursor_u32(&cursor);
    if (!cursor_ok(&cursor))
        return STORE_CORRUPT;
    int result = rows_unpack(span_skip(value, PERIOD_HEAD), size, &rows);
    cursor = cursor_of(buffer_span(&rows));
    while (result == STORE_OK && cursor.left) {
        if (!row_take(&cursor, &row))
            result = STORE_CORRUPT;
        else if (wanted(&row, *span, rules))
            tally_row(sums, &row);
    }
    buffer_free(&rows);
    return result == STORE_OK && !tally_ok(sums) ? STORE_NO_MEMORY : result;
}
