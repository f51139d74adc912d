/* SPDX-License-Identifier: MIT */
/* Tests of store/{merge,writer,fold,each,purge,check}.c. */
#include "unit.h"

#include "store/check.h"
#include "store/memory.h"
#include "store/pages.h"
#include "store/purge.h"
#include "store/secret.h"
#include "store/segment.h"
#include "store/writer.h"
#include "store_place.h"

#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>

static void record_numbers(struct store *store, const struct tenant *tenant,
                           uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i < to; i++)
        CHECK_INT(number_record(store, tenant, i), STORE_OK);
}

static void find_numbers(struct store *store, const struct tenant *tenant, uint64_t from,
                         uint64_t to, int expected)
{
    for (uint64_t i = from; i < to; i++)
        CHECK_INT(number_find(store, tenant, i), expected);
}

static void test_merge(void)
{
    struct place place;
    struct merge_counts counts;
    struct store_sizes sizes;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant alice = place_tenant(store, "alice"), bob = place_tenant(store, "bob");
    CHECK_INT(place_merge(&place, &counts), STORE_OK);
    CHECK_INT(counts.entries, 0);
    record_numbers(store, &alice, 0, 200);
    record_numbers(store, &bob, 200, 250);
    CHECK_INT(store_sizes(store, &sizes), STORE_OK);
    CHECK_INT(sizes.spooled, 250);
    CHECK_INT(place_merge(&place, &counts), STORE_OK);
    CHECK_INT(counts.entries, 250);
    CHECK_INT(counts.aliases, 250);
    CHECK_INT(counts.damaged + counts.foreign + counts.salvaged, 0);
    record_numbers(store, &alice, 100, 300); /* half of them again */
    CHECK_INT(place_merge(&place, &counts), STORE_OK);
    CHECK_INT(counts.entries, 200);
    find_numbers(store, &alice, 0, 300, STORE_OK);
    find_numbers(store, &bob, 0, 200, STORE_MISS);
    CHECK_INT(store_sizes(store, &sizes), STORE_OK);
    CHECK_INT(sizes.entries, 300);
    CHECK_INT(sizes.aliases, 300);
    CHECK_INT(sizes.spooled, 0);
    CHECK(sizes.data_bytes > 300000);
    CHECK_INT(files_in(place.store, 'm'), 1); /* merge.lock; "merging" is gone */
    store_close(store);
    place_remove(&place);
}

/* The newer of two recordings under one key wins, also when it comes while a merge runs.
 */
static void test_replaced(void)
{
    struct place place;
    struct entry entry;
    uint8_t key[STORE_KEY_SIZE] = {1};
    struct entry_label label = {.created_ms = 1};
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "alice");
    for (int i = 0; i < 3; i++) {
        char text[2] = {(char)('0' + i), 0};
        CHECK_INT(store_record(store, &tenant, key, NULL, &label, NULL, span_text(text)),
                  STORE_OK);
        CHECK_INT(place_merge(&place, NULL), STORE_OK);
        CHECK_INT(store_find(store, &tenant, key, &entry), STORE_OK);
        CHECK(span_is(buffer_span(&entry.payload), text));
        entry_free(&entry);
    }
    store_close(store);
    place_remove(&place);
}

static void test_busy(void)
{
    struct place place;
    struct merge_counts counts;
    struct merge_options options = {0};
    place_make(&place);
    store_close(place_open(&place));
    int lock = open(place_path(&place, "merge.lock"), O_RDWR | O_CREAT, 0600);
    CHECK(flock(lock, LOCK_EX) == 0);
    CHECK_INT(store_merge(&place.paths, &options, &counts), STORE_BUSY);
    close(lock);
    CHECK_INT(store_merge(&place.paths, &options, &counts), STORE_OK);
    place_remove(&place);
}

static void spool_file(struct place *place, const char *name, const void *content,
                       size_t size)
{
    char path[700];
    snprintf(path, sizeof(path), "%s/spool/%s", place->store, name);
    int descriptor = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    CHECK(write(descriptor, content, size) == (ssize_t)size);
    close(descriptor);
}

/* Torn files (zeroes, cut, empty) go; foreign ones and abandoned temporary ones as they
 * should. */
static void test_odd_files(void)
{
    struct place place;
    struct merge_counts counts;
    struct merge_options options = {.leftover_ms = 1};
    char name[SPOOL_NAME_SIZE], path[700];
    uint8_t key[STORE_KEY_SIZE], zeroes[4000] = {0};
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "alice");
    record_numbers(store, &tenant, 0, 10);
    for (uint64_t i = 0; i < 4; i++) {
        number_key(i, 1, key);
        spool_name(RECORD_ENTRY, key, name);
        snprintf(path, sizeof(path), "%s/spool/%s", place.store, name);
        struct stat status;
        CHECK(stat(path, &status) == 0);
        if (i == 0)
            CHECK(truncate(path, 0) == 0);
        if (i == 1)
            CHECK(truncate(path, status.st_size - 1) == 0);
        if (i == 2)
            spool_file(&place, name, zeroes, (size_t)status.st_size % sizeof(zeroes));
        if (i == 3) { /* the right size, the end full of zeroes */
            CHECK(truncate(path, status.st_size / 2) == 0);
            CHECK(truncate(path, status.st_size) == 0);
        }
        CHECK_INT(number_find(store, &tenant, i), STORE_MISS);
    }
    number_key(4, 2, key);
    spool_name(RECORD_ALIAS, key, name);
    spool_file(&place, name, zeroes, 81);
    spool_name(RECORD_ENTRY, zeroes, name);
    spool_file(&place, name, "preechoE\3\0\0\0", 12);
    spool_file(&place, "t-0123", "x", 1);
    spool_file(&place, "README", "x", 1);
    usleep(20000);
    CHECK_INT(store_merge(&place.paths, &options, &counts), STORE_OK);
    CHECK_INT(counts.entries, 6);
    CHECK_INT(counts.aliases, 9);
    CHECK_INT(counts.damaged, 5);
    CHECK_INT(counts.foreign, 1);
    CHECK_INT(counts.leftover, 1);
    CHECK_INT(files_in(place_path(&place, "spool"), 0), 2);
    find_numbers(store, &tenant, 5, 10, STORE_OK);
    find_numbers(store, &tenant, 0, 4, STORE_MISS);
    store_close(store);
    place_remove(&place);
}

struct listing {
    unsigned count, spooled, by_state[4];
    bool stop;
};

static bool list_entry(void *context, const struct each_entry *entry)
{
    struct listing *listing = context;
    listing->count++;
    listing->spooled += entry->spooled;
    listing->by_state[entry->state]++;
    if (entry->state == EACH_OK) {
        CHECK_TEXT(entry->label.model, "m");
        CHECK_INT(entry->label.created_ms, entry->created_ms);
    }
    return !listing->stop;
}

static void test_each_and_load(void)
{
    struct place place;
    struct listing listing = {0};
    struct each_entry about;
    struct entry entry;
    uint8_t key[STORE_KEY_SIZE];
    char digits[2 * STORE_KEY_SIZE + 1];
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant alice = place_tenant(store, "alice"), bob = place_tenant(store, "bob");
    CHECK_INT(store_each(store, true, list_entry, &listing), STORE_OK);
    CHECK_INT(listing.count, 0);
    record_numbers(store, &alice, 0, 60);
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    record_numbers(store, &bob, 60, 80);
    record_numbers(store, &alice, 50, 60); /* in both */
    CHECK_INT(store_each(store, false, list_entry, &listing), STORE_OK);
    CHECK_INT(listing.count, 80);
    CHECK_INT(listing.spooled, 30);
    CHECK_INT(listing.by_state[EACH_OK], 80);
    listing = (struct listing){.stop = true};
    CHECK_INT(store_each(store, true, list_entry, &listing), STORE_OK);
    CHECK_INT(listing.count, 1);
    for (uint64_t i = 0; i < 80; i += 79) { /* one in LMDB, one in the spool */
        struct buffer payload = {0};
        number_key(i, 1, key);
        number_payload(i, &payload);
        hex_encode(key, sizeof(key), digits);
        CHECK_INT(store_load(store, digits, &about, &entry), STORE_OK);
        CHECK_INT(about.label.created_ms, i);
        CHECK(span_equal(buffer_span(&entry.payload), buffer_span(&payload)));
        entry_free(&entry);
        digits[13] = 0;
        CHECK_INT(store_load(store, digits, &about, &entry), STORE_OK);
        entry_free(&entry);
        digits[12] = digits[12] == 'f' ? '0' : 'f';
        CHECK_INT(store_load(store, digits, &about, &entry), STORE_MISS);
        buffer_free(&payload);
    }
    digits[1] = 0;
    int ambiguous = 0;
    for (const char *first = "0123456789abcdef"; *first; first++) {
        digits[0] = *first;
        ambiguous += store_load(store, digits, &about, &entry) == STORE_AMBIGUOUS;
    }
    CHECK(ambiguous > 8);
    CHECK_INT(store_load(store, "", &about, &entry), STORE_CORRUPT);
    CHECK_INT(store_load(store, "xyz", &about, &entry), STORE_CORRUPT);
    store_close(store);
    place_remove(&place);
}

struct choice {
    struct tenant tenant;
    int64_t below;
    bool all;
};

static bool choose(void *context, const struct each_entry *entry)
{
    const struct choice *choice = context;
    return choice->all ||
           (memcmp(entry->tenant, choice->tenant.id, TENANT_ID_SIZE) == 0 &&
            entry->created_ms < choice->below);
}

static bool count_key(void *context, struct span key, struct span value, uint64_t size)
{
    (void)key, (void)value, (void)size;
    ++*(unsigned *)context;
    return true;
}

static unsigned lmdb_records(struct place *place)
{
    unsigned count = 0;
    int result =
        pages_scan(place_path(place, "data.mdb"), (struct span){0}, 0, count_key, &count);
    CHECK(result == STORE_OK || result == STORE_MISS);
    return count;
}

#define RECORDS_ALONE 3 /* counts, that all entries are filed, and today's size */

static void test_purge(void)
{
    struct place place;
    struct choice choice = {.below = 30};
    struct purge_rules rules = {0};
    uint64_t removed;
    struct store_sizes sizes;
    struct journal_record record = {.verdict = VERDICT_HIT};
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant alice = place_tenant(store, "alice"), bob = place_tenant(store, "bob");
    record_numbers(store, &alice, 0, 50);
    record_numbers(store, &bob, 100, 120);
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    record_numbers(store, &alice, 20, 25); /* again */
    record_numbers(store, &alice, 60, 70);
    choice.tenant = alice;
    CHECK_INT(store_purge(store, &rules, choose, &choice, &removed), STORE_OK);
    CHECK_INT(removed, 30);
    find_numbers(store, &alice, 0, 30, STORE_MISS);
    find_numbers(store, &alice, 30, 50, STORE_OK);
    find_numbers(store, &alice, 60, 70, STORE_OK);
    find_numbers(store, &bob, 100, 120, STORE_OK);
    CHECK_INT(files_in(place_path(&place, "spool"), 0), 20);
    CHECK_INT(store_sizes(store, &sizes), STORE_OK);
    CHECK_INT(sizes.entries, 40);
    /* They are listed as removed, and go with the next merge. */
    CHECK_INT(lmdb_records(&place), 4 * 70 + RECORDS_ALONE + 1);
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    CHECK_INT(lmdb_records(&place), 4 * 50 + RECORDS_ALONE);
    choice.all = true;
    store_journal(store, &record);
    CHECK_INT(store_purge(store, &rules, choose, &choice, &removed), STORE_OK);
    CHECK_INT(removed, 50);
    CHECK_INT(files_in(place_path(&place, "spool"), 0), 0);
    CHECK_INT(lmdb_records(&place), 2); /* counts and today's size */
    find_numbers(store, &bob, 100, 120, STORE_MISS);
    record_numbers(store, &bob, 100, 120);
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    find_numbers(store, &bob, 100, 120, STORE_OK);
    CHECK_INT(place_calls(store, VERDICT_HIT), 1);
    store_close(store);
    place_remove(&place);
}

static void journal_many(struct store *store, uint64_t count)
{
    struct journal_record record = {.verdict = VERDICT_HIT,
                                    .layer = LAYER_EXACT,
                                    .last_byte_us = 1,
                                    .recorded_last_byte_us = 11};
    for (uint64_t i = 0; i < count; i++)
        store_journal(store, &record);
}

/* Old segments become rows of the ledger; nothing is counted twice or lost, killed in between or not.
 */
static void test_fold(void)
{
    struct place place;
    struct sums_row sum;
    struct merge_counts counts;
    struct merge_options options = {.wait = true, .segments_kept = 2};
    struct purge_rules rules = {0};
    uint64_t purged;
    struct choice choice = {.all = true};
    char copy[700], first[700];
    place_make(&place);
    struct store *store = place_open(&place);
    uint64_t count = 5 * SEGMENT_CAPACITY + 100;
    journal_many(store, count);
    snprintf(first, sizeof(first), "%s/journal/0000000000000001", place.store);
    snprintf(copy, sizeof(copy), "%s/copy", place.root);
    CHECK(link(first, copy) == 0);
    CHECK_INT(store_merge(&place.paths, &options, &counts), STORE_OK);
    CHECK_INT(counts.segments, 4);
    CHECK_INT(files_in(place_path(&place, "journal"), '0'), 2);
    place_sum(store, VERDICT_HIT, &sum);
    CHECK_INT(sum.calls, count);
    CHECK_INT(sum.saved_us, 10 * count);
    /* The merger was killed after the commit, before it removed the file. */
    CHECK(rename(copy, first) == 0);
    CHECK_INT(place_calls(store, VERDICT_HIT), count);
    CHECK_INT(store_merge(&place.paths, &options, &counts), STORE_OK);
    CHECK_INT(place_calls(store, VERDICT_HIT), count);
    CHECK_INT(files_in(place_path(&place, "journal"), '0'), 2);
    journal_many(store, SEGMENT_CAPACITY);
    count += SEGMENT_CAPACITY;
    CHECK_INT(store_merge(&place.paths, &options, &counts), STORE_OK);
    CHECK_INT(counts.segments, 1);
    CHECK_INT(place_calls(store, VERDICT_HIT), count);
    /* A purge of everything keeps the figures. */
    CHECK_INT(store_purge(store, &rules, choose, &choice, &purged), STORE_OK);
    CHECK_INT(place_calls(store, VERDICT_HIT), count);
    store_close(store);
    place_remove(&place);
}

static void count_problem(void *context, const char *text)
{
    (void)context;
    CHECK(text[0] != 0 && strchr(text, '\n') == NULL);
}

static void test_check(void)
{
    struct place place;
    struct store_check check;
    char salt[700], id[2 * TENANT_ID_SIZE + 1];
    place_make(&place);
    CHECK_INT(store_check(&place.paths, count_problem, NULL, &check), STORE_OK);
    CHECK_INT(check.problems, 2); /* nothing is there yet */
    CHECK_INT(files_in(place.root, 0), 0);
    struct store *store = place_open(&place);
    struct tenant alice = place_tenant(store, "alice"), bob = place_tenant(store, "bob");
    record_numbers(store, &alice, 0, 20);
    record_numbers(store, &bob, 20, 25);
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    record_numbers(store, &alice, 30, 32);
    journal_many(store, 3);
    CHECK_INT(store_check(&place.paths, count_problem, NULL, &check), STORE_OK);
    CHECK_INT(check.problems, 0);
    CHECK_INT(check.entries, 27);
    CHECK_INT(check.spooled, 2);
    CHECK_INT(check.tenants, 2);
    CHECK_INT(check.journal.records, 3);
    hex_encode(bob.id, TENANT_ID_SIZE, id);
    snprintf(salt, sizeof(salt), "%s/salts/%s", place.config, id);
    unlink(salt);
    char name[SPOOL_NAME_SIZE];
    uint8_t zeroes[STORE_KEY_SIZE] = {0};
    spool_name(RECORD_ENTRY, zeroes, name);
    spool_file(&place, name, "damaged", 7);
    CHECK_INT(store_check(&place.paths, count_problem, NULL, &check), STORE_OK);
    CHECK_INT(check.entries, 22);
    CHECK_INT(check.unknown_tenant, 5);
    CHECK_INT(check.damaged, 1);
    CHECK_INT(check.tenants, 1);
    chmod(place.store, 0777);
    CHECK_INT(store_check(&place.paths, count_problem, NULL, &check), STORE_OK);
    CHECK(check.problems > 0);
    CHECK_INT(check.entries, 0);
    chmod(place.store, 0700);
    snprintf(salt, sizeof(salt), "%s/secret", place.config);
    CHECK(truncate(salt, 3) == 0);
    CHECK_INT(store_check(&place.paths, count_problem, NULL, &check), STORE_OK);
    CHECK_INT(check.problems, 1);
    CHECK_INT(check.unknown_tenant, 27);
    store_close(store);
    place_remove(&place);
}

/* LMDB's file damaged in many ways: the merger saves what can be read, and goes on. */
static void test_salvage(void)
{
    struct place place;
    struct merge_counts counts;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "alice");
    char data[600];
    snprintf(data, sizeof(data), "%s", place_path(&place, "data.mdb"));
    srand(3);
    for (int round = 0; round < 12; round++) {
        uint8_t noise[4096];
        for (size_t i = 0; i < sizeof(noise); i++)
            noise[i] = (uint8_t)rand();
        record_numbers(store, &tenant, 0, 100);
        CHECK_INT(place_merge(&place, &counts), STORE_OK);
        find_numbers(store, &tenant, 0, 100, STORE_OK);
        int descriptor = open(data, O_RDWR);
        off_t pages = lseek(descriptor, 0, SEEK_END) / 4096;
        if (round % 4 == 0)
            CHECK(ftruncate(descriptor, pages / 2 * 4096) == 0);
        if (round % 4 == 1) /* no LMDB file at all */
            CHECK(pwrite(descriptor, noise, sizeof(noise), 0) == sizeof(noise));
        if (round % 4 == 2) { /* leaves, and the last writer died */
            CHECK(pwrite(descriptor, noise, 4096, pages / 2 * 4096) == 4096);
            CHECK(pwrite(descriptor, noise, 4096, pages / 3 * 4096) == 4096);
            close(open(place_path(&place, "merging"), O_CREAT | O_WRONLY, 0600));
        }
        if (round % 4 == 3) { /* nothing wrong, but the last three writers died */
            int marker = open(place_path(&place, "merging"), O_CREAT | O_WRONLY, 0600);
            CHECK(write(marker, "3", 1) == 1);
            close(marker);
        }
        close(descriptor);
        for (uint64_t i = 0; i < 100; i++) {
            int result = number_find(store, &tenant, i);
            CHECK(result == STORE_OK || result == STORE_MISS);
        }
        record_numbers(store, &tenant, 200, 210);
        CHECK_INT(place_merge(&place, &counts), STORE_OK);
        CHECK_INT(counts.entries, 10);
        if (round % 4 == 3)
            CHECK(counts.salvaged >= 3 * 100);
        find_numbers(store, &tenant, 200, 210, STORE_OK);
        if (round % 4 == 3)
            find_numbers(store, &tenant, 0, 100, STORE_OK);
        CHECK(access(place_path(&place, "damaged.mdb"), F_OK) != 0);
        CHECK(access(place_path(&place, "merging"), F_OK) != 0);
    }
    store_close(store);
    place_remove(&place);
}

/* A foreign version is left alone. */
static void test_foreign_lmdb(void)
{
    struct place place;
    struct merge_counts counts;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "alice");
    record_numbers(store, &tenant, 0, 5);
    CHECK_INT(place_merge(&place, &counts), STORE_OK);
    int descriptor = open(place_path(&place, "data.mdb"), O_RDWR);
    uint32_t version = 2;
    CHECK(pwrite(descriptor, &version, 4, 16 + 4) == 4);
    CHECK(pwrite(descriptor, &version, 4, 4096 + 16 + 4) == 4);
    find_numbers(store, &tenant, 0, 5, STORE_UNAVAILABLE);
    record_numbers(store, &tenant, 5, 6);
    find_numbers(store, &tenant, 5, 6, STORE_OK); /* from the spool */
    for (int i = 0; i < 5; i++)
        CHECK_INT(place_merge(&place, &counts), STORE_UNAVAILABLE);
    version = 1;
    CHECK(pwrite(descriptor, &version, 4, 16 + 4) == 4);
    CHECK(pwrite(descriptor, &version, 4, 4096 + 16 + 4) == 4);
    close(descriptor);
    CHECK_INT(place_merge(&place, &counts), STORE_OK);
    find_numbers(store, &tenant, 0, 6, STORE_OK);
    store_close(store);
    place_remove(&place);
}

/* More than the first map size: the map grows. */
static void test_map_grows(void)
{
    struct place place;
    struct merge_counts counts;
    struct entry entry;
    uint8_t key[STORE_KEY_SIZE];
    struct entry_label label = {.created_ms = 1};
    struct buffer payload = {0};
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "alice");
    uint32_t state = 1;
    for (size_t i = 0; i < (size_t)6 << 20; i++) {
        state = state * 1664525 + 1013904223;
        buffer_append_byte(&payload, (uint8_t)(state >> 24));
    }
    for (uint64_t i = 0; i < 14; i++) {
        number_key(i, 1, key);
        CHECK_INT(
            store_record(store, &tenant, key, NULL, &label, NULL, buffer_span(&payload)),
            STORE_OK);
        payload.at[0]++;
    }
    CHECK_INT(place_merge(&place, &counts), STORE_OK);
    CHECK_INT(counts.entries, 14);
    for (uint64_t i = 0; i < 14; i++) {
        number_key(i, 1, key);
        CHECK_INT(store_find(store, &tenant, key, &entry), STORE_OK);
        CHECK_INT(entry.payload.size, payload.size);
        CHECK_INT((uint8_t)(payload.at[0] - entry.payload.at[0]), 14 - i);
        entry_free(&entry);
    }
    buffer_free(&payload);
    store_close(store);
    place_remove(&place);
}

#define PROCESSES 20
#define NUMBERS   400

/* One of twenty: records its own and some common numbers, and finds whatever it has
 * recorded. */
static void work(struct place *place, uint64_t who)
{
    struct store *store = place_open(place);
    struct tenant tenant = place_tenant(store, "alice");
    struct journal_record record = {.verdict = VERDICT_MISS, .recorded = true};
    uint64_t mine[60];
    int failed = 0;
    srand((unsigned)who);
    for (int i = 0; i < 60; i++) {
        mine[i] = i % 3 ? (uint64_t)(rand() % NUMBERS) : 1000 + who * 100 + (uint64_t)i;
        failed += !CHECK(number_record(store, &tenant, mine[i]) == STORE_OK);
        store_journal(store, &record);
        for (int j = 0; j <= i; j += 1 + i / 8)
            failed += !CHECK(number_find(store, &tenant, mine[j]) == STORE_OK);
        int result = number_find(store, &tenant, (uint64_t)(rand() % NUMBERS));
        failed += !CHECK(result == STORE_OK || result == STORE_MISS);
    }
    store_close(store);
    _exit(failed > 250 ? 250 : failed);
}

/* Twenty processes beside a merger that never stops: every recording is found at once and
 * always, by its recorder and afterwards by all. */
static void test_many_processes(void)
{
    struct place place;
    pid_t children[PROCESSES];
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "alice");
    pid_t merger = fork();
    if (merger == 0)
        for (;;)
            if (place_merge(&place, NULL) != STORE_OK)
                _exit(1);
    for (uint64_t i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0)
            work(&place, i);
    }
    int status;
    for (int i = 0; i < PROCESSES; i++) {
        waitpid(children[i], &status, 0);
        CHECK_INT(status, 0);
    }
    CHECK_INT(waitpid(merger, &status, WNOHANG), 0);
    kill(merger, SIGKILL);
    waitpid(merger, NULL, 0);
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    for (uint64_t who = 0; who < PROCESSES; who++)
        for (uint64_t i = 0; i < 60; i += 3)
            CHECK_INT(number_find(store, &tenant, 1000 + who * 100 + i), STORE_OK);
    CHECK_INT(place_calls(store, VERDICT_MISS), PROCESSES * 60);
    store_close(store);
    place_remove(&place);
}

static void record_forever(struct place *place, uint64_t from, int report)
{
    struct store *store = place_open(place);
    struct tenant tenant = place_tenant(store, "alice");
    for (uint64_t i = from;; i++)
        if (number_record(store, &tenant, i) != STORE_OK ||
            write(report, &i, sizeof(i)) != sizeof(i))
            _exit(1);
}

/* Recorders and mergers killed at random moments: what was reported as recorded stays,
 * nothing is wrong, nothing is damaged. */
static void test_kill(void)
{
    struct place place;
    struct store_check check;
    bool reported[20000] = {false};
    int pipes[2];
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "alice");
    srand(11);
    uint64_t next = 0;
    for (int round = 0; round < 40; round++) {
        CHECK(pipe(pipes) == 0);
        pid_t recorder = fork();
        if (recorder == 0)
            record_forever(&place, next, pipes[1]);
        pid_t merger = fork();
        if (merger == 0)
            for (;;)
                (void)!place_merge(&place, NULL);
        usleep((useconds_t)(rand() % 30000));
        kill(rand() % 2 ? recorder : merger, SIGKILL);
        usleep((useconds_t)(rand() % 5000));
        kill(recorder, SIGKILL);
        kill(merger, SIGKILL);
        waitpid(recorder, NULL, 0);
        waitpid(merger, NULL, 0);
        close(pipes[1]);
        for (uint64_t number;
             read(pipes[0], &number, sizeof(number)) == sizeof(number);) {
            if (number < 20000)
                reported[number] = true;
            next = number + 2;
        }
        close(pipes[0]);
    }
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    uint64_t found = 0;
    for (uint64_t i = 0; i < 20000; i++)
        if (reported[i]) {
            CHECK_INT(number_find(store, &tenant, i), STORE_OK);
            found++;
        }
    CHECK_INT(store_check(&place.paths, count_problem, NULL, &check), STORE_OK);
    CHECK_INT(check.damaged + check.foreign + check.unknown_tenant + check.problems, 0);
    CHECK(check.entries >= found);
    printf("# %llu recordings survived 40 rounds of kill -9\n",
           (unsigned long long)found);
    store_close(store);
    place_remove(&place);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    RUN(test_merge);
    RUN(test_replaced);
    RUN(test_busy);
    RUN(test_odd_files);
    RUN(test_each_and_load);
    RUN(test_purge);
    RUN(test_fold);
    RUN(test_check);
    RUN(test_salvage);
    RUN(test_foreign_lmdb);
    RUN(test_map_grows);
    RUN(test_many_processes);
    RUN(test_kill);
    return unit_end();
}
