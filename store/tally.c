/* SPDX-License-Identifier: MIT */
/* Rows of records, see tally.h. */
#include "tally.h"

#define HOUR_MS ((int64_t)3600 * 1000)

/* The root of 2, times 2^63. */
#define ROOT 0xB504F333F9DE6484

uint64_t sums_bucket_start_us(unsigned bucket)
{
    if (bucket == 0)
        return 0;
    unsigned doublings = (bucket - 1) / 2;
    return bucket % 2 ? (uint64_t)1 << doublings : (ROOT >> (63 - doublings)) + 1;
}

unsigned sums_bucket(uint64_t microseconds)
{
    if (microseconds == 0)
        return 0;
    if (microseconds >> 31)
        return SUMS_BUCKETS - 1;
    unsigned bucket = 1 + 2 * (63 - (unsigned)__builtin_clzll(microseconds));
    return bucket + (microseconds >= sums_bucket_start_us(bucket + 1));
}

uint32_t tally_hour(int64_t time_ms)
{
    int64_t hour = time_ms / HOUR_MS;
    return hour < 0 ? 0 : hour > UINT32_MAX ? UINT32_MAX : (uint32_t)hour;
}

/* The rest of |out| is zero already. */
static void copy_text(char *out, const char *text, size_t size)
{
    memcpy(out, text, strnlen(text, size - 1));
}

static void key_of(const struct journal_record *record, struct sums_key *out)
{
    memset(out, 0, sizeof(*out)); /* also what lies between members */
    out->hour = tally_hour(record->time_ms);
    out->verdict = record->verdict;
    out->layer = record->layer;
    out->reason = record->reason;
    out->level = record->level;
    if (record->usage_known)
        out->usage = USAGE_REPORTED;
    else if (record->usage_estimated)
        out->usage = USAGE_ESTIMATED;
    out->recorded = record->recorded;
    memcpy(out->tenant, record->tenant, sizeof(out->tenant));
    copy_text(out->program, record->program, sizeof(out->program));
    copy_text(out->operation, record->operation, sizeof(out->operation));
    copy_text(out->dialect, record->dialect, sizeof(out->dialect));
    copy_text(out->model, record->model, sizeof(out->model));
    copy_text(out->host, record->host, sizeof(out->host));
}

static void count(struct sums_row *row, const struct journal_record *record)
{
    row->calls++;
    row->coalesced += record->coalesced;
    row->streams += record->stream;
    if (record->usage_known || record->usage_estimated) {
        row->tokens_in += record->tokens_in;
        row->tokens_out += record->tokens_out;
        row->tokens_cached += record->tokens_cached;
        row->tokens_cache_write += record->tokens_cache_write;
    }
    row->request_bytes += record->request_bytes;
    row->response_bytes += record->response_bytes;
    row->lookup_us += record->lookup_us;
    row->first_byte_us += record->first_byte_us;
    row->last_byte_us += record->last_byte_us;
    row->recorded_first_byte_us += record->recorded_first_byte_us;
    row->recorded_last_byte_us += record->recorded_last_byte_us;
    if (record->recorded_last_byte_us > record->last_byte_us)
        row->saved_us += record->recorded_last_byte_us - record->last_byte_us;
    row->first_bytes[sums_bucket(record->first_byte_us)]++;
    row->last_bytes[sums_bucket(record->last_byte_us)]++;
}

/* True when an equal one stands before |tag|: a call is in its row once. */
static bool is_repeated(const struct journal_record *record, const char *tag)
{
    const char *at = journal_next_tag(record, NULL);
    while (at != tag && strncmp(at, tag, SUMS_TAG_SIZE - 1) != 0)
        at = journal_next_tag(record, at);
    return at != tag;
}

static void tally_tags(struct sums *sums, const struct journal_record *record,
                       struct sums_key *key)
{
    key->hour -= key->hour % 24;
    key->level = 0;
    memset(key->tenant, 0, sizeof(key->tenant));
    memset(key->program, 0, sizeof(key->program));
    const char *tag = NULL;
    while ((tag = journal_next_tag(record, tag))) {
        if (is_repeated(record, tag))
            continue;
        memset(key->tag, 0, sizeof(key->tag));
        copy_text(key->tag, tag, sizeof(key->tag));
        struct sums_row *row = rows_get(&sums->tagged, key);
        if (row)
            count(row, record);
    }
}

void tally_record(struct sums *sums, const struct journal_record *record)
{
    struct sums_key key;
    key_of(record, &key);
    struct sums_row *row = rows_get(&sums->calls, &key);
    if (row)
        count(row, record);
    if (sums->tags && record->tags[0])
        tally_tags(sums, record, &key);
}

void tally_row(struct sums *sums, const struct sums_row *row)
{
    if (row->key.tag[0] == 0)
        rows_add(&sums->calls, row);
    else if (sums->tags)
        rows_add(&sums->tagged, row);
}

void tally_move(struct sums *sums, struct sums *more)
{
    rows_move(&sums->calls, &more->calls);
    rows_move(&sums->tagged, &more->tagged);
}

void tally_clear(struct sums *sums)
{
    rows_free(&sums->calls);
    rows_free(&sums->tagged);
}
