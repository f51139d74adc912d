/* SPDX-License-Identifier: MIT */
/* A journal record's encoding, see journal.h. */
#include "journal.h"

#include <endian.h>

#define RECORD_VERSION       2
#define RECORD_VERSION_FIRST 1

enum {
    FLAG_RECORDED = 1,
    FLAG_STREAM = 2,
    FLAG_USAGE_KNOWN = 4,
    FLAG_COALESCED = 8,
    FLAG_USAGE_ESTIMATED = 16
};

/* Not against forgery (who can write here owns the store): against torn and damaged
 * slots. */
static uint64_t check_sum(const uint8_t *bytes, size_t size)
{
    uint64_t sum = 0x9E3779B97F4A7C15;
    for (size_t i = 0; i + 8 <= size; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, sizeof(word));
        sum = (sum ^ le64toh(word)) * 0xFF51AFD7ED558CCD;
        sum ^= sum >> 32;
    }
    return sum ? sum : 1;
}

static inline uint8_t *put(uint8_t *at, uint64_t value, size_t size)
{
    value = htole64(value);
    memcpy(at, &value, size);
    return at + size;
}

static uint8_t *put_bytes(uint8_t *at, const void *bytes, size_t size)
{
    memcpy(at, bytes, size);
    return at + size;
}

/* |size|: of the array that |text| is, whose last byte is never part of it. */
static uint8_t *put_text(uint8_t *at, const char *text, size_t size)
{
    size_t used = strnlen(text, size - 1);
    *at++ = (uint8_t)used;
    return put_bytes(at, text, used);
}

static uint8_t *put_tags(uint8_t *at, const uint8_t *end,
                         const struct journal_record *record)
{
    const char *tag = NULL;
    while ((tag = journal_next_tag(record, tag))) {
        size_t size = strlen(tag);
        if (size <= UINT8_MAX && size < (size_t)(end - at))
            at = put_text(at, tag, size + 1);
    }
    return at;
}

static unsigned flags_of(const struct journal_record *record)
{
    return (record->recorded ? FLAG_RECORDED : 0U) | (record->stream ? FLAG_STREAM : 0U) |
           (record->usage_known ? FLAG_USAGE_KNOWN : 0U) |
           (record->coalesced ? FLAG_COALESCED : 0U) |
           (record->usage_estimated ? FLAG_USAGE_ESTIMATED : 0U);
}

static uint8_t *put_texts(uint8_t *at, const uint8_t *end,
                          const struct journal_record *record)
{
    at = put_text(at, record->program, sizeof(record->program));
    at = put_text(at, record->dialect, sizeof(record->dialect));
    at = put_text(at, record->operation, sizeof(record->operation));
    at = put_text(at, record->model, sizeof(record->model));
    at = put_text(at, record->host, sizeof(record->host));
    return put_tags(at, end, record);
}

void journal_encode(const struct journal_record *record, uint8_t slot[JOURNAL_SLOT_SIZE])
{
    const uint8_t *end = slot + JOURNAL_SLOT_SIZE;
    uint8_t *at = put(slot + 8, RECORD_VERSION, 2);
    at = put(at, flags_of(record), 2);
    at = put(at, record->pid, 4);
    at = put(at, (uint64_t)record->time_ms, 8);
    at = put(at, record->lookup_us, 8);
    at = put(at, record->first_byte_us, 8);
    at = put(at, record->last_byte_us, 8);
    at = put(at, record->recorded_first_byte_us, 8);
    at = put(at, record->recorded_last_byte_us, 8);
    at = put(at, record->tokens_in, 8);
    at = put(at, record->tokens_out, 8);
    at = put(at, record->tokens_cached, 8);
    at = put(at, record->tokens_cache_write, 8);
    at = put(at, record->request_bytes, 8);
    at = put(at, record->response_bytes, 8);
    at = put(at, record->port, 2);
    at = put(at, record->status, 2);
    at = put(at, record->verdict, 1);
    at = put(at, record->layer, 1);
    at = put(at, record->reason, 1);
    at = put(at, record->level, 1);
    at = put_bytes(at, record->tenant, sizeof(record->tenant));
    at = put_bytes(at, record->key, sizeof(record->key));
    at = put_bytes(at, record->request, sizeof(record->request));
    at = put_texts(at, end, record);
    memset(at, 0, (size_t)(end - at));
    put(slot, check_sum(slot + 8, JOURNAL_SLOT_SIZE - 8), 8);
}

static void get_bytes(struct cursor *cursor, uint8_t *out, size_t size)
{
    memcpy(out, cursor_bytes(cursor, size).at, size);
}

/* |padded|: version 1, where a text takes all of its |size|. */
static void get_text(struct cursor *cursor, bool padded, char *text, size_t size)
{
    struct span bytes = cursor_bytes(cursor, padded ? size : cursor_u8(cursor));
    span_copy_text(bytes, text, size);
}

static void get_tags(struct cursor *cursor, char *tags)
{
    size_t used = 0;
    while (cursor->left) {
        struct span tag = cursor_bytes(cursor, cursor_u8(cursor));
        if (tag.size == 0)
            break;
        if (tag.size + 2 > JOURNAL_TAGS_SIZE - used)
            continue;
        memcpy(tags + used, tag.at, tag.size);
        used += tag.size;
        tags[used++] = 0;
    }
    tags[used] = 0;
}

static void get_texts(struct cursor *cursor, bool padded, struct journal_record *out)
{
    get_text(cursor, padded, out->program, sizeof(out->program));
    get_text(cursor, padded, out->dialect, sizeof(out->dialect));
    get_text(cursor, padded, out->operation, sizeof(out->operation));
    get_text(cursor, padded, out->model, sizeof(out->model));
    get_text(cursor, padded, out->host, sizeof(out->host));
    if (padded)
        out->tags[0] = 0;
    else
        get_tags(cursor, out->tags);
}

static void get_flags(unsigned flags, struct journal_record *out)
{
    out->recorded = flags & FLAG_RECORDED;
    out->stream = flags & FLAG_STREAM;
    out->usage_known = flags & FLAG_USAGE_KNOWN;
    out->coalesced = flags & FLAG_COALESCED;
    out->usage_estimated = flags & FLAG_USAGE_ESTIMATED;
}

const char *journal_next_tag(const struct journal_record *record, const char *tag)
{
    const char *at = tag ? tag + strlen(tag) + 1 : record->tags;
    const char *end = record->tags + sizeof(record->tags);
    return at < end && *at && memchr(at, 0, (size_t)(end - at)) ? at : NULL;
}

bool journal_decode(const uint8_t slot[JOURNAL_SLOT_SIZE], struct journal_record *out)
{
    struct cursor cursor = cursor_of(span_of(slot, JOURNAL_SLOT_SIZE));
    if (cursor_u64(&cursor) != check_sum(slot + 8, JOURNAL_SLOT_SIZE - 8))
        return false;
    unsigned version = cursor_u16(&cursor);
    if (version < RECORD_VERSION_FIRST || version > RECORD_VERSION)
        return false;
    bool first = version == RECORD_VERSION_FIRST;
    memset(out, 0, offsetof(struct journal_record, tags)); /* the rest: see get_texts() */
    get_flags(cursor_u16(&cursor), out);
    out->pid = cursor_u32(&cursor);
    out->time_ms = (int64_t)cursor_u64(&cursor);
    out->lookup_us = cursor_u64(&cursor);
    out->first_byte_us = cursor_u64(&cursor);
    out->last_byte_us = cursor_u64(&cursor);
    out->recorded_first_byte_us = cursor_u64(&cursor);
    out->recorded_last_byte_us = cursor_u64(&cursor);
    out->tokens_in = cursor_u64(&cursor);
    out->tokens_out = cursor_u64(&cursor);
    out->tokens_cached = cursor_u64(&cursor);
    out->tokens_cache_write = first ? 0 : cursor_u64(&cursor);
    out->request_bytes = cursor_u64(&cursor);
    out->response_bytes = cursor_u64(&cursor);
    out->port = cursor_u16(&cursor);
    out->status = cursor_u16(&cursor);
    out->verdict = cursor_u8(&cursor);
    out->layer = cursor_u8(&cursor);
    out->reason = cursor_u8(&cursor);
    out->level = cursor_u8(&cursor);
    get_bytes(&cursor, out->tenant, sizeof(out->tenant));
    get_bytes(&cursor, out->key, sizeof(out->key));
    if (!first)
        get_bytes(&cursor, out->request, sizeof(out->request));
    get_texts(&cursor, first, out);
    return cursor_ok(&cursor);
}
