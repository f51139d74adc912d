/* SPDX-License-Identifier: MIT */
/* Tests of store/{fold,ledger*,period,detail,calendar}.c: what happens to figures when the
 * journal is folded. */
#include "unit.h"

#include "figures.h"
#include "store/calendar.h"
#include "store/detail.h"
#include "store/ledger.h"
#include "store/memory.h"
#include "store/period.h"
#include "store/writer.h"

#include <signal.h>
#include <sys/wait.h>

#define NOW_S ((int64_t)20500 * 86400 + 12345)

static const struct sums_rules all = {.tags = true};

static int fold_at(struct place *place, unsigned kept, int64_t now_s, uint64_t max_size)
{
    struct merge_counts counts;
    struct merge_options options = {
        .wait = true, .segments_kept = kept, .now_s = now_s, .max_size = max_size};
    return store_merge(&place->paths, &options, &counts);
}

#define POOL 100

/* Calls of a hundred kinds. */
static void journal_some(struct store *store, size_t count, int64_t from_ms,
                         int64_t to_ms)
{
    static struct journal_record pool[POOL];
    if (pool[0].verdict == 0)
        for (size_t i = 0; i < POOL; i++)
            pool[i] = figures_record(0);
    for (size_t i = 0; i < count; i++) {
        struct journal_record record = pool[rand() % POOL];
        record.time_ms =
            from_ms + (to_ms - from_ms) / (int64_t)count * (int64_t)i + rand() % 1000;
        store_journal(store, &record);
    }
}

static void check_same(struct store *store, const struct sums_rules *rules,
                       const struct sums_row *before, size_t before_count)
{
    size_t count;
    struct sums_row *rows = figures_rows(store, rules, &count);
    CHECK_INT(count, before_count);
    CHECK(figures_equal(rows, count, before, before_count));
    free(rows);
}

/* Random records, folded at random points: the rows are the same, for all of the time and for
 * parts of it that begin and end with a day. */
static void test_same_rows(void)
{
    for (unsigned seed = 1; seed <= 6; seed++) {
        struct place place;
        size_t counts[2];
        place_make(&place);
        struct store *store = place_open(&place);
        srand(seed);
        int64_t begin = (NOW_S - 5 * 86400) / 86400 * DAY_MS;
        struct sums_rules part = {begin + DAY_MS, begin + 3 * DAY_MS, true};
        for (int round = 0; round < 4; round++) {
            journal_some(store, (size_t)(rand() % (3 * SEGMENT_CAPACITY)), begin,
                         begin + 4 * DAY_MS);
            struct sums_row *rows = figures_rows(store, &all, &counts[0]);
            struct sums_row *parts = figures_rows(store, &part, &counts[1]);
            CHECK_INT(fold_at(&place, 1 + (unsigned)rand() % 2, NOW_S, 0), STORE_OK);
            check_same(store, &all, rows, counts[0]);
            check_same(store, &part, parts, counts[1]);
            free(rows);
            free(parts);
        }
        CHECK(files_in(place_path(&place, "journal"), '0') <= 2);
        store_close(store);
        place_remove(&place);
    }
}

/* The merger killed at random moments while it folds. */
static void test_kill(void)
{
    struct place place;
    size_t count;
    place_make(&place);
    struct store *store = place_open(&place);
    srand(3);
    for (int round = 0; round < 30; round++) {
        journal_some(store, SEGMENT_CAPACITY + 50, NOW_S * 1000 - 3 * DAY_MS,
                     NOW_S * 1000);
        struct sums_row *rows = figures_rows(store, &all, &count);
        pid_t merger = fork();
        if (merger == 0)
            _exit(fold_at(&place, 1, NOW_S, 0) != STORE_OK);
        usleep((unsigned)rand() % 40000);
        kill(merger, SIGKILL);
        waitpid(merger, NULL, 0);
        if (access(place_path(&place, "damaged.mdb"), F_OK) ==
            0) /* killed often in a row */
            CHECK_INT(fold_at(&place, 1000, NOW_S, 0), STORE_OK);
        check_same(store, &all, rows, count);
        free(rows);
    }
    size_t before;
    struct sums_row *rows = figures_rows(store, &all, &before);
    CHECK_INT(fold_at(&place, 1, NOW_S, 0), STORE_OK);
    CHECK_INT(files_in(place_path(&place, "journal"), '0'), 1);
    check_same(store, &all, rows, before);
    free(rows);
    store_close(store);
    place_remove(&place);
}

#define WRITERS 50
#define EACH    2000

static void write_and_exit(struct place *place)
{
    struct store *store = place_open(place);
    journal_some(store, EACH, NOW_S * 1000 - DAY_MS, NOW_S * 1000);
    _exit(store->journal.lost != 0);
}

/* Writers, a merger that folds all it may, and readers, at once: nothing is lost, and no reader
 * ever sees less than before. */
static void test_concurrent(void)
{
    struct place place;
    pid_t writers[WRITERS];
    place_make(&place);
    struct store *store = place_open(&place);
    pid_t merger = fork();
    if (merger == 0)
        for (;;)
            if (fold_at(&place, 1, NOW_S, 0) != STORE_OK)
                _exit(1);
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = fork();
        if (writers[i] == 0)
            write_and_exit(&place);
    }
    uint64_t seen = 0, calls = 0;
    int status;
    for (int i = 0; i < WRITERS; i++) {
        waitpid(writers[i], &status, 0);
        CHECK_INT(status, 0);
        calls = place_calls(store, 0);
        CHECK(calls >= seen);
        seen = calls;
    }
    CHECK_INT(waitpid(merger, &status, WNOHANG), 0);
    kill(merger, SIGKILL);
    waitpid(merger, NULL, 0);
    CHECK_INT(place_calls(store, 0), WRITERS * EACH);
    CHECK_INT(fold_at(&place, 1, NOW_S, 0), STORE_OK);
    CHECK_INT(place_calls(store, 0), WRITERS * EACH);
    store_close(store);
    place_remove(&place);
}

/* Gives out the next slot of segment |sequence| without filling it. */
static void slot_take(struct place *place, unsigned sequence)
{
    char path[700];
    uint64_t next;
    snprintf(path, sizeof(path), "%s/journal/%016x", place->store, sequence);
    int descriptor = open(path, O_RDWR);
    CHECK(pread(descriptor, &next, sizeof(next), SEGMENT_NEXT_OFFSET) == sizeof(next));
    next++;
    CHECK(pwrite(descriptor, &next, sizeof(next), SEGMENT_NEXT_OFFSET) == sizeof(next));
    close(descriptor);
}

/* A writer that was interrupted between taking a slot and filling it has some seconds. */
static void test_unfinished(void)
{
    struct place place;
    struct timespec old[2] = {{.tv_sec = 1000000}, {.tv_sec = 1000000}};
    char path[700];
    place_make(&place);
    struct store *store = place_open(&place);
    journal_some(store, 10, NOW_S * 1000, NOW_S * 1000 + 1000);
    slot_take(&place, 1);
    journal_some(store, SEGMENT_CAPACITY, NOW_S * 1000, NOW_S * 1000 + 1000);
    journal_some(store, SEGMENT_CAPACITY, NOW_S * 1000, NOW_S * 1000 + 1000);
    CHECK_INT(fold_at(&place, 1, NOW_S, 0), STORE_OK);
    CHECK_INT(files_in(place_path(&place, "journal"), '0'), 3);
    snprintf(path, sizeof(path), "%s/journal/%016x", place.store, 1);
    CHECK(utimensat(AT_FDCWD, path, old, 0) == 0);
    CHECK_INT(fold_at(&place, 1, NOW_S, 0), STORE_OK);
    CHECK_INT(files_in(place_path(&place, "journal"), '0'), 1);
    struct sums *sums;
    struct journal_state state = {0};
    CHECK_INT(store_sums(store, &all, &sums, &state), STORE_OK);
    CHECK_INT(state.torn, 1);
    sums_free(sums);
    CHECK_INT(place_calls(store, 0), 10 + 2 * SEGMENT_CAPACITY);
    store_close(store);
    place_remove(&place);
}

/* What |rows| have in all, but for those with tags. */
static struct sums_row sum_of(const struct sums_row *rows, size_t count)
{
    struct sums_row sum = {.calls = 0};
    for (size_t i = 0; i < count; i++) {
        if (rows[i].key.tag[0])
            continue;
        sum.calls += rows[i].calls;
        sum.tokens_in += rows[i].tokens_in;
        sum.saved_us += rows[i].saved_us;
        sum.last_bytes[40] += rows[i].last_bytes[40];
    }
    return sum;
}

static void check_sum(struct store *store, const struct sums_row *expected)
{
    size_t count;
    struct sums_row *rows = figures_rows(store, &all, &count);
    struct sums_row sum = sum_of(rows, count);
    CHECK_INT(sum.calls, expected->calls);
    CHECK_INT(sum.tokens_in, expected->tokens_in);
    CHECK_INT(sum.saved_us, expected->saved_us);
    CHECK_INT(sum.last_bytes[40], expected->last_bytes[40]);
    free(rows);
}

/* Hours, then days and tags are given up with age; what was counted never is. */
static void test_age(void)
{
    struct place place;
    size_t count, distinct = 0;
    place_make(&place);
    struct store *store = place_open(&place);
    srand(9);
    int64_t day = NOW_S / 86400, begin = day * DAY_MS;
    journal_some(store, 2 * SEGMENT_CAPACITY, begin, begin + 2 * DAY_MS);
    struct sums_row *rows = figures_rows(store, &all, &count);
    struct sums_row sum = sum_of(rows, count);
    free(rows);
    CHECK_INT(fold_at(&place, 1, NOW_S, 0), STORE_OK);
    const int64_t later[] = {2, 29, 32, 399, 402, 4000};
    for (size_t i = 0; i < sizeof(later) / sizeof(*later); i++) {
        int64_t now_s = NOW_S + later[i] * 86400;
        journal_some(store, SEGMENT_CAPACITY, now_s * 1000, now_s * 1000 + 1);
        rows = figures_rows(store, &all, &count);
        sum = sum_of(rows, count);
        free(rows);
        CHECK_INT(fold_at(&place, 1, now_s, 0), STORE_OK);
        check_sum(store, &sum);
        struct sums_rules first = {begin, begin + DAY_MS, true};
        rows = figures_rows(store, &first, &count);
        bool hours = false, tags = false, who = false;
        for (size_t j = 0; j < count; j++) {
            hours = hours || rows[j].key.hour % 24;
            tags = tags || rows[j].key.tag[0];
            who = who || rows[j].key.program[0];
        }
        CHECK_INT(hours, later[i] <= LEDGER_HOURS_DAYS);
        CHECK_INT(tags, later[i] <= LEDGER_DAYS);
        CHECK_INT(who, later[i] <= LEDGER_DAYS);
        CHECK(count > 10);
        distinct += count;
        free(rows);
    }
    CHECK(distinct > 1000);
    /* A month is one row of its kind, and asked for as a whole. */
    struct sums_rules month = {(int64_t)calendar_next_month((uint32_t)day) * DAY_MS - 1,
                               0, false};
    rows = figures_rows(store, &month, &count);
    bool found = false;
    for (size_t i = 0; i < count; i++)
        found = found || rows[i].key.hour == calendar_month((uint32_t)day) * 24;
    CHECK(found);
    free(rows);
    store_close(store);
    place_remove(&place);
}

static uint64_t ledger_bytes(struct place *place)
{
    struct path data;
    struct sums sums = {.tags = true};
    struct buffer out = {0};
    unsigned span = PERIOD_HOUR;
    CHECK(path_join(&data, place->store, "data.mdb"));
    CHECK_INT(ledger_read(data.text, &all, &sums), STORE_OK);
    CHECK_INT(period_encode(&sums, span, &out), STORE_OK);
    uint64_t size = out.size;
    buffer_free(&out);
    tally_clear(&sums);
    return size;
}

/* In a limited store the ledger stays within its part, whatever was asked. */
static void test_limit(void)
{
    struct place place;
    size_t count;
    place_make(&place);
    struct store *store = place_open(&place);
    srand(4);
    for (int i = 0; i < 6 * SEGMENT_CAPACITY; i++) {
        struct journal_record record =
            figures_record(NOW_S * 1000 - (int64_t)(i % 9) * DAY_MS);
        snprintf(record.model, sizeof(record.model), "model-%d", i);
        int used = snprintf(record.tags, sizeof(record.tags), "doc:%d", i);
        record.tags[used + 1] = 0;
        store_journal(store, &record);
        if (i % (2 * SEGMENT_CAPACITY) == 0)
            CHECK_INT(fold_at(&place, 1, NOW_S, LIMIT_LEAST), STORE_OK);
    }
    struct sums_row *rows = figures_rows(store, &all, &count);
    struct sums_row sum = sum_of(rows, count);
    free(rows);
    CHECK_INT(sum.calls, 6 * SEGMENT_CAPACITY);
    CHECK_INT(fold_at(&place, 1, NOW_S, LIMIT_LEAST), STORE_OK);
    check_sum(store, &sum);
    uint64_t size = ledger_bytes(&place);
    CHECK(size < LIMIT_LEAST / 32);
    printf("# %llu bytes of ledger\n", (unsigned long long)size);
    store_close(store);
    place_remove(&place);
}

static size_t rows_size(const struct sums *sums)
{
    return period_rows_size(&sums->calls) + period_rows_size(&sums->tagged);
}

static void test_detail(void)
{
    struct sums sums = {.tags = true};
    unsigned span = PERIOD_HOUR;
    struct journal_record kinds[10];
    for (int i = 0; i < 10; i++)
        kinds[i] = figures_record(0);
    for (int i = 0; i < 3000; i++) {
        struct journal_record record = kinds[i % 10];
        record.time_ms = i % 24 * HOUR_MS;
        int used = snprintf(record.tags, sizeof(record.tags), "doc:%d%ctest:one", i, 0);
        record.tags[used + 1] = 0;
        tally_record(&sums, &record);
    }
    CHECK_INT(detail_fit(&sums, SIZE_MAX, &span), STORE_OK);
    CHECK_INT(span, PERIOD_HOUR);
    CHECK(rows_size(&sums) > 500000);
    CHECK_INT(detail_fit(&sums, 300000, &span), STORE_OK);
    CHECK_INT(span, PERIOD_DAY);
    CHECK(rows_size(&sums) <= 300000);
    uint64_t others = 0, ones = 0, docs = 0;
    for (size_t i = 0; i < sums.tagged.count; i++) {
        const struct sums_row *row = rows_at(&sums.tagged, i);
        others += strcmp(row->key.tag, "doc:(others)") == 0 ? row->calls : 0;
        ones += strcmp(row->key.tag, "test:one") == 0 ? row->calls : 0;
        docs += strncmp(row->key.tag, "doc:", 4) == 0 ? row->calls : 0;
    }
    CHECK_INT(docs, 3000);
    CHECK_INT(others, 3000);
    CHECK_INT(ones, 3000); /* a tag that is used stays */
    CHECK_INT(detail_fit(&sums, 9000, &span), STORE_OK);
    CHECK(rows_size(&sums) <= 9000);
    uint64_t calls = 0;
    for (size_t i = 0; i < sums.calls.count; i++)
        calls += rows_at(&sums.calls, i)->calls;
    CHECK_INT(calls, 3000);
    tally_clear(&sums);
}

static void test_calendar(void)
{
    CHECK_INT(calendar_month(0), 0);
    CHECK_INT(calendar_month(30), 0);
    CHECK_INT(calendar_month(31), 31);
    CHECK_INT(calendar_next_month(0), 31);
    CHECK_INT(calendar_next_month(31), 59); /* February 1970 has 28 days */
    CHECK_INT(calendar_next_month(334), 365);
    CHECK_INT(calendar_month(19782), 19754); /* 29 February 2024 is in it */
    CHECK_INT(calendar_next_month(19754), 19783);
}

/* A fold that finds no memory leaves everything as it was. */
static void test_memory(void)
{
    struct place place;
    size_t before;
    int result = STORE_NO_MEMORY;
    place_make(&place);
    struct store *store = place_open(&place);
    journal_some(store, SEGMENT_CAPACITY + 10, NOW_S * 1000, NOW_S * 1000 + 100);
    CHECK_INT(fold_at(&place, 1, NOW_S, 0), STORE_OK);
    journal_some(store, SEGMENT_CAPACITY, NOW_S * 1000, NOW_S * 1000 + 100);
    struct sums_row *rows = figures_rows(store, &all, &before);
    for (unsigned long count = 1; result == STORE_NO_MEMORY && count < 5000; count++) {
        memory_fail_from(count);
        result = fold_at(&place, 1, NOW_S, 0);
        memory_fail_from(0);
        check_same(store, &all, rows, before);
    }
    CHECK_INT(result, STORE_OK);
    CHECK_INT(files_in(place_path(&place, "journal"), '0'), 1);
    free(rows);
    store_close(store);
    place_remove(&place);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    RUN(test_calendar);
    RUN(test_detail);
    RUN(test_same_rows);
    RUN(test_kill);
    RUN(test_concurrent);
    RUN(test_unfinished);
    RUN(test_age);
    RUN(test_limit);
    RUN(test_memory);
    return unit_end();
}
