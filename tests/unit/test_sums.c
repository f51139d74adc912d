/* SPDX-License-Identifier: MIT */
/* Tests of store/{sums,tally,rows}.c: rows of a live journal. */
#include "unit.h"

#include "figures.h"
#include "store/memory.h"
#include "store/rows.h"

#include <sys/wait.h>

static void test_buckets(void)
{
    CHECK_INT(sums_bucket(0), 0);
    CHECK_INT(sums_bucket(1), 1);
    CHECK_INT(sums_bucket(2), 3);
    CHECK_INT(sums_bucket(3), 4);
    CHECK_INT(sums_bucket(4), 5);
    CHECK_INT(sums_bucket(1023), 20);
    CHECK_INT(sums_bucket(1024), 21);
    CHECK_INT(sums_bucket(1448), 21);
    CHECK_INT(sums_bucket(1449), 22);
    CHECK_INT(sums_bucket(UINT64_MAX), SUMS_BUCKETS - 1);
    CHECK_INT(sums_bucket_start_us(0), 0);
    for (unsigned i = 1; i < SUMS_BUCKETS; i++) {
        uint64_t start = sums_bucket_start_us(i);
        CHECK(start >= sums_bucket_start_us(i - 1));
        CHECK(sums_bucket(start) == i || i == 2); /* nothing lies between 1 and 2 */
        CHECK(sums_bucket(start - 1) < i);
    }
}

static bool is_tagged(const struct journal_record *record, const char *tag)
{
    for (const char *at = record->tags; *at; at += strlen(at) + 1)
        if (strcmp(at, tag) == 0)
            return true;
    return false;
}

static bool is_of(const struct journal_record *record, const struct sums_key *key)
{
    int usage = record->usage_known ? 1 : record->usage_estimated ? 2 : 0;
    if (record->verdict != key->verdict || record->layer != key->layer ||
        record->reason != key->reason || usage != key->usage ||
        record->recorded != key->recorded || strcmp(record->model, key->model) != 0 ||
        strcmp(record->host, key->host) != 0 ||
        strcmp(record->dialect, key->dialect) != 0 ||
        strcmp(record->operation, key->operation) != 0)
        return false;
    if (key->tag[0])
        return record->time_ms / DAY_MS == key->hour / 24 && key->hour % 24 == 0 &&
               is_tagged(record, key->tag);
    return record->time_ms / HOUR_MS == key->hour && record->level == key->level &&
           record->tenant[0] == key->tenant[0] &&
           strcmp(record->program, key->program) == 0;
}

struct plain_sum {
    uint64_t calls, coalesced, streams, in, out, cached, write, request, response;
    uint64_t lookup, first, last, recorded_first, recorded_last, saved;
    uint32_t first_bytes[SUMS_BUCKETS], last_bytes[SUMS_BUCKETS];
};

static void add_plainly(struct plain_sum *sum, const struct journal_record *record)
{
    bool usage = record->usage_known || record->usage_estimated;
    sum->calls++;
    sum->coalesced += record->coalesced;
    sum->streams += record->stream;
    sum->in += usage ? record->tokens_in : 0;
    sum->out += usage ? record->tokens_out : 0;
    sum->cached += usage ? record->tokens_cached : 0;
    sum->write += usage ? record->tokens_cache_write : 0;
    sum->request += record->request_bytes;
    sum->response += record->response_bytes;
    sum->lookup += record->lookup_us;
    sum->first += record->first_byte_us;
    sum->last += record->last_byte_us;
    sum->recorded_first += record->recorded_first_byte_us;
    sum->recorded_last += record->recorded_last_byte_us;
    if (record->recorded_last_byte_us > record->last_byte_us)
        sum->saved += record->recorded_last_byte_us - record->last_byte_us;
    sum->first_bytes[sums_bucket(record->first_byte_us)]++;
    sum->last_bytes[sums_bucket(record->last_byte_us)]++;
}

static bool is_sum(const struct sums_row *row, const struct plain_sum *sum)
{
    return row->calls == sum->calls && row->coalesced == sum->coalesced &&
           row->streams == sum->streams && row->tokens_in == sum->in &&
           row->tokens_out == sum->out && row->tokens_cached == sum->cached &&
           row->tokens_cache_write == sum->write && row->request_bytes == sum->request &&
           row->response_bytes == sum->response && row->lookup_us == sum->lookup &&
           row->first_byte_us == sum->first && row->last_byte_us == sum->last &&
           row->recorded_first_byte_us == sum->recorded_first &&
           row->recorded_last_byte_us == sum->recorded_last &&
           row->saved_us == sum->saved &&
           memcmp(row->first_bytes, sum->first_bytes, sizeof(row->first_bytes)) == 0 &&
           memcmp(row->last_bytes, sum->last_bytes, sizeof(row->last_bytes)) == 0;
}

/* Every row against a walk over all records; every call is in one row, each of its tags in
 * one more. */
static void check_rows(const struct sums_row *rows, size_t count,
                       const struct journal_record *records, size_t record_count,
                       const struct sums_rules *rules)
{
    uint64_t calls = 0, wanted = 0, right = 0;
    for (size_t i = 0; i < count; i++) {
        struct plain_sum sum = {0};
        for (size_t j = 0; j < record_count; j++)
            if (records[j].time_ms >= rules->since_ms &&
                (!rules->until_ms || records[j].time_ms < rules->until_ms) &&
                is_of(&records[j], &rows[i].key))
                add_plainly(&sum, &records[j]);
        right += is_sum(&rows[i], &sum);
        calls += rows[i].key.tag[0] ? 0 : rows[i].calls;
    }
    for (size_t j = 0; j < record_count; j++)
        wanted += records[j].time_ms >= rules->since_ms &&
                  (!rules->until_ms || records[j].time_ms < rules->until_ms);
    CHECK_INT(right, count);
    CHECK_INT(calls, wanted);
}

#define RECORDS (2 * SEGMENT_CAPACITY + 800)

static void test_model(void)
{
    struct place place;
    struct journal_record *records = calloc(RECORDS, sizeof(*records));
    int64_t begin = 20000 * DAY_MS;
    size_t count;
    place_make(&place);
    struct store *store = place_open(&place);
    srand(5);
    for (size_t i = 0; i < RECORDS; i++) {
        records[i] = figures_record(begin + (int64_t)i * 1000 % (3 * HOUR_MS) +
                                    rand() % 2 * DAY_MS);
        store_journal(store, &records[i]);
    }
    const struct sums_rules rules[] = {{0},
                                       {.tags = true},
                                       {begin + 90 * 60000, 0, true},
                                       {0, begin + DAY_MS + 1234567, true},
                                       {begin + 1, begin + HOUR_MS + 1, false}};
    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
        struct sums_row *rows = figures_rows(store, &rules[i], &count);
        CHECK(count > 100);
        CHECK((rows[count - 1].key.tag[0] != 0) <= rules[i].tags);
        check_rows(rows, count, records, RECORDS, &rules[i]);
        free(rows);
    }
    free(records);
    store_close(store);
    place_remove(&place);
}

static void test_order(void)
{
    struct place place;
    struct sums *sums;
    struct journal_state state = {.torn = 1};
    struct sums_rules rules = {.tags = true};
    place_make(&place);
    struct store *store = place_open(&place);
    CHECK_INT(store_sums(store, &rules, &sums, &state), STORE_OK);
    CHECK_INT(sums_count(sums), 0); /* there is no journal */
    sums_free(sums);
    for (int i = 0; i < 500; i++) {
        struct journal_record record = figures_record(i);
        store_journal(store, &record);
    }
    CHECK_INT(store_sums(store, &rules, &sums, &state), STORE_OK);
    CHECK_INT(state.records, 500);
    CHECK_INT(state.segments, 1);
    CHECK_INT(state.torn, 1);
    bool tagged = false;
    for (size_t i = 0; i < sums_count(sums); i++) {
        CHECK(!tagged || sums_at(sums, i)->key.tag[0]);
        tagged = sums_at(sums, i)->key.tag[0] != 0;
    }
    CHECK(tagged);
    sums_free(sums);
    store_close(store);
    place_remove(&place);
}

/* A tag counts a call once, however often the call has it; a long one is cut. */
static void test_tags(void)
{
    struct place place;
    size_t count;
    struct sums_rules rules = {.tags = true};
    struct journal_record record = {.verdict = VERDICT_HIT, .level = LEVEL_OPENSSL};
    place_make(&place);
    struct store *store = place_open(&place);
    memcpy(record.tags, "a:1\0b:2\0a:1\0", 12);
    snprintf(record.program, sizeof(record.program), "who");
    store_journal(store, &record);
    memset(record.tags, 'x', 200);
    memset(record.tags + 200, 0, sizeof(record.tags) - 200);
    store_journal(store, &record);
    struct sums_row *rows = figures_rows(store, &rules, &count);
    CHECK_INT(count, 4);
    for (size_t i = 0; i < count; i++) {
        CHECK_INT(rows[i].calls, rows[i].key.tag[0] ? 1 : 2);
        CHECK_INT(rows[i].key.program[0], rows[i].key.tag[0] ? 0 : 'w');
        CHECK_INT(rows[i].key.level, rows[i].key.tag[0] ? 0 : LEVEL_OPENSSL);
        if (rows[i].key.tag[0] == 'x')
            CHECK_INT(strlen(rows[i].key.tag), SUMS_TAG_SIZE - 1);
    }
    free(rows);
    store_close(store);
    place_remove(&place);
}

/* Many rows: blocks, slots and their growth. */
static void test_table(void)
{
    struct rows rows = {0}, twice = {0}, none = {0};
    struct sums_key key;
    memset(&key, 0, sizeof(key));
    for (uint32_t round = 0; round < 3; round++)
        for (uint32_t i = 0; i < 20000; i++) {
            key.hour = i;
            struct sums_row *row = rows_get(&rows, &key);
            row->calls += i;
        }
    CHECK_INT(rows.count, 20000);
    for (size_t i = 0; i < rows.count; i++)
        rows_add(&twice, rows_at(&rows, i));
    rows_move(&twice, &rows);
    rows_move(&none, &twice);
    twice = none;
    CHECK_INT(rows.count, 0);
    CHECK_INT(twice.count, 20000);
    uint64_t wrong = 0;
    for (size_t i = 0; i < twice.count; i++)
        wrong += rows_at(&twice, i)->calls != 6 * (uint64_t)rows_at(&twice, i)->key.hour;
    CHECK_INT(wrong, 0);
    struct sums_row most = {.calls = 1, .first_bytes = {UINT32_MAX}};
    rows_add(&twice, &most);
    rows_add(&twice, &most);
    CHECK_INT(rows_at(&twice, 0)->first_bytes[0], UINT32_MAX); /* not beyond */
    rows_free(&twice);
}

/* Whatever is not allocated, the result says so. */
static void test_memory(void)
{
    struct place place;
    struct sums *sums;
    struct sums_rules rules = {.tags = true};
    int result = STORE_NO_MEMORY;
    place_make(&place);
    struct store *store = place_open(&place);
    for (int i = 0; i < 2 * SEGMENT_CAPACITY; i++) {
        struct journal_record record = figures_record((int64_t)i * 1000);
        store_journal(store, &record);
    }
    unsigned long count = 1;
    for (; result == STORE_NO_MEMORY && count < 10000; count++) {
        memory_fail_from(count);
        result = store_sums(store, &rules, &sums, NULL);
        memory_fail_from(0);
        CHECK((result == STORE_OK) == (sums != NULL));
        if (result == STORE_OK)
            CHECK_INT(place_calls(store, 0), 2 * SEGMENT_CAPACITY);
    }
    CHECK_INT(result, STORE_OK);
    CHECK(count > 20);
    sums_free(sums);
    sums_free(NULL);
    store_close(store);
    place_remove(&place);
}

int main(void)
{
    RUN(test_buckets);
    RUN(test_model);
    RUN(test_order);
    RUN(test_tags);
    RUN(test_table);
    RUN(test_memory);
    return unit_end();
}
