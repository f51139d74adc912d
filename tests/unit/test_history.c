/* SPDX-License-Identifier: MIT */
/* Tests of store/{history,reset}.c: the store's size day by day, and figures begun anew. */
#include "unit.h"

#include "figures.h"
#include "store/history.h"
#include "store/limit.h"
#include "store/memory.h"
#include "store/purge.h"
#include "store/segment.h"

#include <sys/wait.h>

#define FIRST_DAY ((uint32_t)20400)

static int merge_on(struct place *place, uint32_t day, uint64_t max_size,
                    struct merge_counts *counts)
{
    struct merge_options options = {.wait = true,
                                    .segments_kept = 1,
                                    .now_s = (int64_t)day * 86400 + 70000,
                                    .max_size = max_size};
    return store_merge(&place->paths, &options, counts);
}

struct days {
    struct history_day list[500];
    size_t count, most;
};

static bool see_day(void *context, const struct history_day *day)
{
    struct days *days = context;
    days->list[days->count++] = *day;
    return days->count < days->most;
}

static void days_read(struct store *store, struct days *out)
{
    out->count = 0;
    out->most = 500;
    CHECK_INT(store_history(store, see_day, out), STORE_OK);
}

static void test_days(void)
{
    static struct days days;
    struct place place;
    struct merge_counts counts;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "alice");
    days_read(store, &days);
    CHECK_INT(days.count, 0);
    for (uint32_t i = 0; i < 3; i++) {
        CHECK_INT(number_record(store, &tenant, i), STORE_OK);
        CHECK_INT(merge_on(&place, FIRST_DAY, 0, &counts), STORE_OK);
    }
    CHECK_INT(number_record(store, &tenant, 50), STORE_OK);
    CHECK_INT(merge_on(&place, FIRST_DAY + 2, 0, &counts), STORE_OK);
    days_read(store, &days);
    CHECK_INT(days.count, 2);
    CHECK_INT(days.list[0].day, FIRST_DAY);
    CHECK_INT(days.list[0].entries, 3);
    CHECK_INT(days.list[1].day, FIRST_DAY + 2);
    CHECK_INT(days.list[1].entries, 4);
    CHECK(days.list[1].bytes > 16384 && days.list[1].bytes < 10000000);
    CHECK_INT(days.list[1].evicted, 0);
    days.count = 0;
    days.most = 1; /* the visitor has enough */
    CHECK_INT(store_history(store, see_day, &days), STORE_OK);
    CHECK_INT(days.count, 1);
    /* What is too old is forgotten. */
    for (uint32_t i = 3; i < 450; i += 3)
        CHECK_INT(merge_on(&place, FIRST_DAY + i, 0, &counts), STORE_OK);
    days_read(store, &days);
    CHECK_INT(days.list[days.count - 1].day, FIRST_DAY + 447);
    CHECK(days.list[0].day >= FIRST_DAY + 447 - HISTORY_DAYS);
    CHECK(days.list[0].day <= FIRST_DAY + 447 - HISTORY_DAYS + 3);
    store_close(store);
    place_remove(&place);
}

static bool choose_all(void *context, const struct each_entry *entry)
{
    (void)context, (void)entry;
    return true;
}

static void record_large(struct store *store, const struct tenant *tenant, uint64_t from,
                         uint64_t to)
{
    static uint8_t payload[60000];
    struct entry_label label = {.dialect = "openai"};
    for (uint64_t i = from; i < to; i++) {
        uint8_t key[STORE_KEY_SIZE];
        number_key(i, 1, key);
        for (size_t j = 0; j < sizeof(payload); j++)
            payload[j] = (uint8_t)rand();
        label.created_ms = (int64_t)i;
        CHECK_INT(store_record(store, tenant, key, NULL, &label, NULL,
                               span_of(payload, sizeof(payload))),
                  STORE_OK);
    }
}

/* Evictions count on the day on which they happen. */
static void test_evicted(void)
{
    static struct days days;
    struct place place;
    struct merge_counts counts;
    uint64_t evicted[3];
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "alice");
    for (uint32_t day = 0; day < 3; day++) {
        record_large(store, &tenant, day * 1000, day * 1000 + 100 + 40 * day);
        CHECK_INT(merge_on(&place, FIRST_DAY + day, LIMIT_LEAST, &counts), STORE_OK);
        evicted[day] = counts.evicted;
    }
    days_read(store, &days);
    CHECK_INT(days.count, 3);
    for (size_t i = 0; i < 3; i++)
        CHECK_INT(days.list[i].evicted, evicted[i]);
    CHECK(evicted[1] > 0 && evicted[2] > 0);
    /* A purge of everything keeps the history. */
    uint64_t purged;
    CHECK_INT(store_purge(store, &(struct purge_rules){0}, choose_all, NULL, &purged),
              STORE_OK);
    days_read(store, &days);
    CHECK_INT(days.count, 3);
    CHECK_INT(days.list[2].evicted, evicted[2]);
    store_close(store);
    place_remove(&place);
}

/* -- reset --------------------------------------------------------------------------- */

static void journal_some(struct store *store, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct journal_record record = figures_record((int64_t)FIRST_DAY * DAY_MS);
        store_journal(store, &record);
    }
}

static void test_reset(void)
{
    struct place place;
    struct merge_counts counts;
    place_make(&place);
    struct store *store = place_open(&place), *other = place_open(&place);
    struct tenant tenant = place_tenant(store, "alice");
    CHECK_INT(store_reset_figures(store), STORE_OK); /* nothing there yet */
    CHECK_INT(number_record(store, &tenant, 1), STORE_OK);
    journal_some(store, 3 * SEGMENT_CAPACITY + 5);
    CHECK_INT(merge_on(&place, FIRST_DAY, 0, &counts), STORE_OK);
    CHECK_INT(counts.segments, 3);
    journal_some(other, 7);
    CHECK_INT(place_calls(store, 0), 3 * SEGMENT_CAPACITY + 12);
    CHECK_INT(store_reset_figures(store), STORE_OK);
    CHECK_INT(place_calls(store, 0), 0);
    CHECK_INT(number_find(store, &tenant, 1), STORE_OK);
    /* Both have the removed segment mapped; the first record after it counts already. */
    journal_some(other, 1);
    CHECK_INT(place_calls(store, 0), 1);
    journal_some(store, SEGMENT_CAPACITY + 5);
    CHECK_INT(place_calls(store, 0), SEGMENT_CAPACITY + 6);
    CHECK_INT(merge_on(&place, FIRST_DAY, 0, &counts), STORE_OK);
    CHECK_INT(place_calls(store, 0), SEGMENT_CAPACITY + 6);
    CHECK_INT(counts.segments, 1);
    store_close(store);
    store_close(other);
    place_remove(&place);
}

/* While others write: what they write afterwards is there. */
static void test_reset_beside_writers(void)
{
    struct place place;
    int ready[2], go[2];
    pid_t writers[4];
    char byte;
    place_make(&place);
    struct store *store = place_open(&place);
    CHECK(pipe(ready) == 0 && pipe(go) == 0);
    for (int i = 0; i < 4; i++) {
        writers[i] = fork();
        if (writers[i])
            continue;
        struct store *own = place_open(&place);
        journal_some(own, 1000);
        (void)!write(ready[1], "", 1);
        (void)!read(go[0], &byte, 1);
        journal_some(own, 1000);
        _exit(own->journal.lost != 0);
    }
    for (int i = 0; i < 4; i++)
        CHECK(read(ready[0], &byte, 1) == 1);
    CHECK_INT(place_calls(store, 0), 4000);
    CHECK_INT(store_reset_figures(store), STORE_OK);
    CHECK(write(go[1], "1234", 4) == 4);
    for (int i = 0; i < 4; i++) {
        int status;
        waitpid(writers[i], &status, 0);
        CHECK_INT(status, 0);
    }
    CHECK_INT(place_calls(store, 0), 4000);
    close(ready[0]), close(ready[1]), close(go[0]), close(go[1]);
    store_close(store);
    place_remove(&place);
}

/* Without memory the figures are as before, or gone. */
static void test_reset_memory(void)
{
    struct place place;
    struct merge_counts counts;
    int result = STORE_NO_MEMORY;
    unsigned long count = 1;
    place_make(&place);
    struct store *store = place_open(&place);
    journal_some(store, SEGMENT_CAPACITY + 100);
    CHECK_INT(merge_on(&place, FIRST_DAY, 0, &counts), STORE_OK);
    uint64_t before = place_calls(store, 0);
    for (; result == STORE_NO_MEMORY && count < 1000; count++) {
        memory_fail_from(count);
        result = store_reset_figures(store);
        memory_fail_from(0);
        uint64_t calls = place_calls(store, 0);
        CHECK(calls == (result == STORE_OK ? 0 : before));
    }
    CHECK_INT(result, STORE_OK);
    CHECK(count > 5);
    store_close(store);
    place_remove(&place);
}

int main(void)
{
    RUN(test_days);
    RUN(test_evicted);
    RUN(test_reset);
    RUN(test_reset_beside_writers);
    RUN(test_reset_memory);
    return unit_end();
}
