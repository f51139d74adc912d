/* SPDX-License-Identifier: MIT */
/* A journal record's encoding, see journal.h.
 *
 *     offset  size  what
 *          0     8  check sum of bytes 8 to 511; written last
 *          8     2  version, 1
 *         10     2  bit 0 recorded, bit 1 stream, bit 2 usage known, bit 3
 *                  coalesced
 *         12     4  pid
 *         16     8  time
 *         24    80  ten numbers of 8 bytes, in the order of struct journal_record
 *        104     8  port 2, status 2, verdict, layer, reason, level
 *        112    48  tenant, key
 *        160   256  program 16, dialect 16, operation 32, model 96, host 96
 *        416    96  zeroes, for later versions
 */
#include "journal.h"

#define RECORD_VERSION 1

enum { FLAG_RECORDED = 1, FLAG_STREAM = 2, FLAG_USAGE_KNOWN = 4, FLAG_COALESCED = 8 };

/* Not against forgery (who can write here owns the store): against torn and damaged
 * slots. */
static uint64_t check_sum(const uint8_t *bytes, size_t size)
{
    uint64_t sum = 0x9E3779B97F4A7C15;
    for (size_t i = 0; i + 8 <= size; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, sizeof(word));
        sum = (sum ^ word) * 0xFF51AFD7ED558CCD;
        sum ^= sum >> 32;
    }
    return sum ? sum : 1;
}

static uint8_t *put(uint8_t *at, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        at[i] = (uint8_t)(value >> (8 * i));
    return at + size;
}

static uint8_t *put_bytes(uint8_t *at, const void *bytes, size_t size)
{
    memcpy(at, bytes, size);
    return at + size;
}

/* Padded with zeroes, so that nothing that stood behind a text's end gets into the file.
 */
static uint8_t *put_text(uint8_t *at, const char *text, size_t size)
{
    size_t used = strnlen(text, size - 1);
    memcpy(at, text, used);
    memset(at + used, 0, size - used);
    return at + size;
}

void journal_encode(const struct journal_record *record, uint8_t slot[JOURNAL_SLOT_SIZE])
{
    unsigned flags = (record->recorded ? FLAG_RECORDED : 0) |
                     (record->stream ? FLAG_STREAM : 0) |
                     (record->usage_known ? FLAG_USAGE_KNOWN : 0) |
                     (record->coalesced ? FLAG_COALESCED : 0);
    uint8_t *at = put(slot + 8, RECORD_VERSION, 2);
    at = put(at, flags, 2);
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
    at = put_text(at, record->program, sizeof(record->program));
    at = put_text(at, record->dialect, sizeof(record->dialect));
    at = put_text(at, record->operation, sizeof(record->operation));
    at = put_text(at, record->model, sizeof(record->model));
    at = put_text(at, record->host, sizeof(record->host));
    memset(at, 0, (size_t)(slot + JOURNAL_SLOT_SIZE - at));
    put(slot, check_sum(slot + 8, JOURNAL_SLOT_SIZE - 8), 8);
}

static void get_text(struct cursor *cursor, char *text, size_t size)
{
    struct span bytes = cursor_bytes(cursor, size);
    memcpy(text, bytes.at, size);
    text[size - 1] = 0;
}

static void get_bytes(struct cursor *cursor, uint8_t *out, size_t size)
{
    memcpy(out, cursor_bytes(cursor, size).at, size);
}

bool journal_decode(const uint8_t slot[JOURNAL_SLOT_SIZE], struct journal_record *out)
{
    struct cursor cursor = cursor_of(span_of(slot, JOURNAL_SLOT_SIZE));
    if (cursor_u64(&cursor) != check_sum(slot + 8, JOURNAL_SLOT_SIZE - 8) ||
        cursor_u16(&cursor) != RECORD_VERSION)
        return false;
    unsigned flags = cursor_u16(&cursor);
    out->recorded = flags & FLAG_RECORDED;
    out->stream = flags & FLAG_STREAM;
    out->usage_known = flags & FLAG_USAGE_KNOWN;
    out->coalesced = flags & FLAG_COALESCED;
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
    get_text(&cursor, out->program, sizeof(out->program));
    get_text(&cursor, out->dialect, sizeof(out->dialect));
    get_text(&cursor, out->operation, sizeof(out->operation));
    get_text(&cursor, out->model, sizeof(out->model));
    get_text(&cursor, out->host, sizeof(out->host));
    return true;
}
