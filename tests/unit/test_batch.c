/* SPDX-License-Identifier: MIT */
/* Recordings that wait for the merger in one file together. */
#include "unit.h"

#include "store/batch.h"
#include "store/memory.h"
#include "store/merge.h"
#include "store/purge.h"
#include "store_place.h"

#include <fcntl.h>
#include <sys/wait.h>

#define MANY 200

static const struct entry_label label = {.dialect = "openai", .model = "m", .host = "h"};

static void add(struct store *store, struct store_batch *batch,
                const struct tenant *tenant, uint64_t number, uint64_t content)
{
    uint8_t key[STORE_KEY_SIZE], stamp[STORE_STAMP_SIZE];
    struct buffer payload = {0};
    number_key(number, 1, key);
    number_payload(content, &payload);
    CHECK_INT(store_batch_add(store, batch, tenant, key, &label, NULL,
                              buffer_span(&payload), stamp),
              STORE_OK);
    buffer_free(&payload);
}

/* Those from |first| to |last|, whose payloads are |shift| numbers further. */
static void record(struct store *store, const struct tenant *tenant, uint64_t first,
                   uint64_t last, uint64_t shift)
{
    struct store_batch batch = {0};
    for (uint64_t i = first; i <= last; i++)
        add(store, &batch, tenant, i, i + shift);
    CHECK_INT(store_batch_end(store, &batch), STORE_OK);
}

/* STORE_CORRUPT: it is another one. */
static int find(struct store *store, const struct tenant *tenant, uint64_t number,
                uint64_t content)
{
    uint8_t key[STORE_KEY_SIZE];
    struct entry entry;
    struct buffer payload = {0};
    number_key(number, 1, key);
    int result = store_find_anywhere(store, tenant, key, &entry);
    if (result != STORE_OK)
        return result;
    number_payload(content, &payload);
    if (!span_equal(buffer_span(&payload), buffer_span(&entry.payload)))
        result = STORE_CORRUPT;
    buffer_free(&payload);
    entry_free(&entry);
    return result;
}

/* What store_find() says, which does not look into batches. */
static int find_alone(struct store *store, const struct tenant *tenant, uint64_t number)
{
    uint8_t key[STORE_KEY_SIZE];
    struct entry entry;
    number_key(number, 1, key);
    int result = store_find(store, tenant, key, &entry);
    if (result == STORE_OK)
        entry_free(&entry);
    return result;
}

/* How many of |count| are found in one look-up, all of them right. */
static size_t find_many(struct store *store, const struct tenant *tenant, uint64_t count)
{
    static uint8_t keys[MANY][STORE_KEY_SIZE];
    static struct entry entries[MANY];
    static struct store_wanted wanted[MANY];
    struct buffer payload = {0};
    size_t found = 0;
    for (uint64_t i = 0; i < count; i++) {
        number_key(i, 1, keys[i]);
        wanted[i] = (struct store_wanted){keys[i], &entries[i], STORE_CORRUPT};
    }
    store_find_many(store, tenant, wanted, count);
    for (uint64_t i = 0; i < count; i++) {
        if (wanted[i].result != STORE_OK)
            continue;
        number_payload(i, &payload);
        found +=
            CHECK(span_equal(buffer_span(&entries[i].payload), buffer_span(&payload)));
        entry_free(&entries[i]);
    }
    buffer_free(&payload);
    return found;
}

static bool count_one(void *context, const struct each_entry *entry)
{
    CHECK_INT(entry->state, EACH_OK);
    ++*(unsigned *)context;
    return true;
}

static unsigned count_all(struct store *store)
{
    unsigned count = 0;
    CHECK_INT(store_each(store, true, count_one, &count), STORE_OK);
    return count;
}

static void check_sizes(struct store *store, uint64_t spooled, uint64_t entries)
{
    struct store_sizes sizes;
    CHECK_INT(store_sizes(store, &sizes), STORE_OK);
    CHECK_INT(sizes.spooled, spooled);
    CHECK_INT(sizes.entries, entries);
    CHECK((sizes.spooled_bytes > 0) == (spooled > 0));
}

static void test_one_file_for_all(void)
{
    struct place place;
    struct merge_counts counts;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "me"), other = place_tenant(store, "you");
    unsigned open = open_descriptors();
    record(store, &tenant, 0, MANY - 1, 0);
    unsigned files = files_in(place_path(&place, "spool"), 'b');
    CHECK(files >= 1 && files <= 4);
    CHECK_INT(files_in(place_path(&place, "spool"), 'e'), 0);
    for (uint64_t i = 0; i < MANY; i++)
        CHECK_INT(find(store, &tenant, i, i), STORE_OK);
    CHECK_INT(find(store, &tenant, MANY, MANY), STORE_MISS);
    CHECK_INT(find(store, &other, 1, 1), STORE_MISS);
    CHECK_INT(find_alone(store, &tenant, 1), STORE_MISS);
    CHECK_INT(find_many(store, &tenant, MANY), MANY);
    CHECK_INT(count_all(store), MANY);
    check_sizes(store, MANY, 0);
    CHECK_INT(open_descriptors(), open);
    CHECK_INT(place_merge(&place, &counts), STORE_OK);
    CHECK_INT(counts.entries, MANY);
    CHECK_INT(counts.damaged + counts.foreign, 0);
    CHECK_INT(files_in(place_path(&place, "spool"), 'b'), 0);
    for (uint64_t i = 0; i < MANY; i++)
        CHECK_INT(find(store, &tenant, i, i), STORE_OK);
    CHECK_INT(find_alone(store, &tenant, 1), STORE_OK);
    CHECK_INT(count_all(store), MANY);
    check_sizes(store, 0, MANY);
    store_close(store);
    place_remove(&place);
}

static void test_the_latest_counts(void)
{
    struct place place;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "me");
    struct store_batch batch = {0};
    CHECK_INT(number_record(store, &tenant, 1), STORE_OK);
    record(store, &tenant, 0, 19, 10); /* replaces it */
    CHECK_INT(find(store, &tenant, 1, 11), STORE_OK);
    CHECK_INT(number_record(store, &tenant, 2), STORE_OK); /* replaces one of these */
    CHECK_INT(find(store, &tenant, 2, 2), STORE_OK);
    CHECK_INT(count_all(store), 20);
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    CHECK_INT(find(store, &tenant, 0, 10), STORE_OK);
    CHECK_INT(find(store, &tenant, 1, 11), STORE_OK);
    CHECK_INT(find(store, &tenant, 2, 2), STORE_OK);
    for (uint64_t i = 30; i < 50; i++)
        add(store, &batch, &tenant, i, i);
    add(store, &batch, &tenant, 33, 52); /* the same key once more */
    CHECK_INT(store_batch_end(store, &batch), STORE_OK);
    CHECK_INT(count_all(store), 40);
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    CHECK_INT(find(store, &tenant, 33, 52), STORE_OK);
    CHECK_INT(find(store, &tenant, 49, 49), STORE_OK);
    store_close(store);
    place_remove(&place);
}

/* The one file in the spool that is a batch. */
static const char *batch_path(const struct place *place)
{
    static char path[800];
    const char *spool = place_path(place, "spool");
    DIR *stream = opendir(spool);
    path[0] = 0;
    for (struct dirent *item; stream && (item = readdir(stream));)
        if (item->d_name[0] == 'b')
            snprintf(path, sizeof(path), "%s/%s", spool, item->d_name);
    if (stream)
        closedir(stream);
    return path;
}

static void set_time(const char *path, time_t seconds)
{
    struct timespec times[2] = {{seconds, 0}, {seconds, 0}};
    CHECK_INT(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void test_the_latest_batch_counts(void)
{
    struct place place;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "me");
    record(store, &tenant, 0, 17, 20);
    set_time(batch_path(&place), 2000000000); /* the later one */
    record(store, &tenant, 2, 19, 10);
    CHECK_INT(find(store, &tenant, 2, 22), STORE_OK);
    CHECK_INT(find(store, &tenant, 19, 29), STORE_OK);
    CHECK_INT(count_all(store), 20);
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    CHECK_INT(find(store, &tenant, 2, 22), STORE_OK);
    CHECK_INT(find(store, &tenant, 19, 29), STORE_OK);
    store_close(store);
    place_remove(&place);
}

/* -- a merger at work ------------------------------------------------------------------ */

#define ROUNDS 10
#define EACH   (MANY / ROUNDS)

/* Records and merges; tells |pipe| of each round that is recorded. */
static int record_and_merge(struct place *place, struct store *store,
                            const struct tenant *tenant, int pipe)
{
    for (uint8_t round = 1; round <= ROUNDS; round++) {
        record(store, tenant, (round - 1u) * EACH, round * (uint64_t)EACH - 1, 0);
        if (write(pipe, &round, 1) != 1)
            return 1;
        CHECK_INT(place_merge(place, NULL), STORE_OK);
    }
    return unit_failed != 0;
}

/* Whatever was recorded is found while it moves. */
static void test_found_while_merged(void)
{
    struct place place;
    int ends[2], status = 1;
    uint8_t round = 0, more;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "me");
    CHECK_INT(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        store_after_fork(store);
        _exit(record_and_merge(&place, store, &tenant, ends[1]));
    }
    close(ends[1]);
    CHECK_INT(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    for (ssize_t got = -1; got != 0;) {
        while ((got = read(ends[0], &more, 1)) == 1)
            round = more;
        CHECK(find_many(store, &tenant, MANY) >= (size_t)round * EACH);
    }
    CHECK_INT(round, ROUNDS);
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK_INT(status, 0);
    close(ends[0]);
    store_close(store);
    place_remove(&place);
}

/* -- removing -------------------------------------------------------------------------- */

/* Those whose numbers are even, or all. */
static bool choose(void *context, const struct each_entry *entry)
{
    for (uint64_t i = 0; i < MANY; i += 2) {
        uint8_t key[STORE_KEY_SIZE];
        number_key(i, 1, key);
        if (memcmp(key, entry->key, sizeof(key)) == 0)
            return true;
    }
    return *(bool *)context;
}

static uint64_t purge(struct store *store, bool all)
{
    struct purge_rules rules = {0};
    uint64_t removed = 0;
    CHECK_INT(store_purge(store, &rules, choose, &all, &removed), STORE_OK);
    return removed;
}

static void test_removed(void)
{
    struct place place;
    struct merge_counts counts;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "me");
    record(store, &tenant, 0, 39, 0);
    CHECK_INT(purge(store, false), 20);
    for (uint64_t i = 0; i < 40; i++)
        CHECK_INT(find(store, &tenant, i, i), i % 2 ? STORE_OK : STORE_MISS);
    CHECK_INT(count_all(store), 20);
    check_sizes(store, 20, 0);
    CHECK_INT(place_merge(&place, &counts), STORE_OK);
    CHECK_INT(counts.entries, 20);
    for (uint64_t i = 0; i < 40; i++)
        CHECK_INT(find(store, &tenant, i, i), i % 2 ? STORE_OK : STORE_MISS);
    record(store, &tenant, 0, 39, 0);
    CHECK_INT(purge(store, true), 40);
    CHECK_INT(files_in(place_path(&place, "spool"), 'b'), 0);
    CHECK_INT(count_all(store), 0);
    store_close(store);
    place_remove(&place);
}

/* What was taken out of one file does not make it the latest. */
static void test_removed_from_the_older(void)
{
    struct place place;
    bool all = false;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "me");
    record(store, &tenant, 1, 17, 20);
    set_time(batch_path(&place), 1000000000);
    record(store, &tenant, 17, 33, 10);
    CHECK_INT(find(store, &tenant, 17, 27), STORE_OK);
    CHECK_INT(purge(store, all), 16);
    CHECK_INT(find(store, &tenant, 17, 27), STORE_OK);
    CHECK_INT(count_all(store), 17);
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    CHECK_INT(find(store, &tenant, 17, 27), STORE_OK);
    store_close(store);
    place_remove(&place);
}

/* -- limits ---------------------------------------------------------------------------- */

/* Of |size| bytes that do not compress. */
static int add_large(struct store *store, struct store_batch *batch,
                     const struct tenant *tenant, uint64_t number, size_t size)
{
    static uint8_t noise[1 << 20];
    uint8_t key[STORE_KEY_SIZE], stamp[STORE_STAMP_SIZE];
    uint64_t state = number + 88172645463325252u;
    for (size_t i = 0; i < size; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        noise[i] = (uint8_t)(state >> 32);
    }
    number_key(number, 1, key);
    return store_batch_add(store, batch, tenant, key, &label, NULL, span_of(noise, size),
                           stamp);
}

/* All of them are more than one recording may be, each is not. */
static void test_too_large_together(void)
{
    struct place place;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "me");
    struct store_batch batch = {0};
    store_limit(store, (uint64_t)16 << 20);
    for (uint64_t i = 0; i < BATCH_LEAST; i++)
        CHECK_INT(add_large(store, &batch, &tenant, i, i < 15 ? 40000 : 600000),
                  STORE_OK);
    CHECK_INT(store_batch_end(store, &batch), STORE_OK);
    CHECK_INT(files_in(place_path(&place, "spool"), 'b'), 0);
    CHECK_INT(count_all(store), BATCH_LEAST);
    store_close(store);
    place_remove(&place);
}

/* Of the spool's share, a tenth of the store's, no more is taken; what was recorded stays. */
static void test_no_room(void)
{
    struct place place;
    struct store_sizes sizes;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "me");
    int result = STORE_OK;
    uint64_t number = 0;
    store_limit(store, (uint64_t)16 << 20);
    while (result == STORE_OK && CHECK(number < 1000)) {
        struct store_batch batch = {0};
        for (uint64_t i = 0; i < 20 && result == STORE_OK; i++)
            result = add_large(store, &batch, &tenant, number++, 10000);
        int ended = store_batch_end(store, &batch);
        result = result == STORE_OK ? ended : result;
    }
    CHECK_INT(result, STORE_LIMITED);
    CHECK_INT(store_sizes(store, &sizes), STORE_OK);
    CHECK(sizes.spooled >= number - 20 && sizes.spooled < number);
    CHECK(sizes.spooled_bytes < ((uint64_t)16 << 20) / 10);
    CHECK_INT(count_all(store), sizes.spooled);
    CHECK(store_wants_merge(store));
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    CHECK_INT(count_all(store), sizes.spooled);
    store_close(store);
    place_remove(&place);
}

/* -- damage ---------------------------------------------------------------------------- */

static void load(const char *path, struct buffer *out)
{
    CHECK_INT(file_read(path, false, 1 << 24, out, NULL), STORE_OK);
}

static void save(const char *path, struct span content)
{
    FILE *file = fopen(path, "w");
    if (!CHECK(file != NULL))
        return;
    CHECK_INT(fwrite(content.at, 1, content.size, file), content.size);
    fclose(file);
    (void)!chmod(path, 0600);
}

/* Whatever the file holds: right or nothing. */
static void check_none_wrong(struct store *store, const struct tenant *tenant)
{
    for (uint64_t i = 0; i < 4; i++) {
        int result = find(store, tenant, i, i);
        CHECK(result == STORE_OK || result == STORE_MISS || result == STORE_UNAVAILABLE);
    }
}

static void test_damaged(void)
{
    struct place place;
    char path[800];
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "me");
    struct buffer whole = {0};
    record(store, &tenant, 0, 15, 0);
    snprintf(path, sizeof(path), "%s", batch_path(&place));
    load(path, &whole);
    for (size_t i = 0; i < whole.size; i += i < 140 ? 1 : 997) {
        save(path, span_of(whole.at, i));
        check_none_wrong(store, &tenant);
        save(path, buffer_span(&whole));
        for (uint8_t bit = 1; bit && i < 140; bit = (uint8_t)(bit << 1)) {
            whole.at[i] ^= bit;
            save(path, buffer_span(&whole));
            check_none_wrong(store, &tenant);
            whole.at[i] ^= bit;
        }
    }
    whole.at[whole.size - 1] ^= 1; /* one entry of all */
    save(path, buffer_span(&whole));
    struct merge_counts counts;
    CHECK_INT(place_merge(&place, &counts), STORE_OK);
    CHECK_INT(counts.entries, 15);
    CHECK_INT(counts.damaged, 1);
    save(path, span_of(whole.at, 40));
    CHECK_INT(place_merge(&place, &counts), STORE_OK);
    CHECK_INT(counts.damaged, 1);
    whole.at[8]++; /* of another version: nobody's business */
    save(path, buffer_span(&whole));
    CHECK_INT(place_merge(&place, &counts), STORE_OK);
    CHECK_INT(counts.foreign, 1);
    CHECK_INT(purge(store, true), 15);
    CHECK_INT(files_in(place_path(&place, "spool"), 'b'), 1);
    buffer_free(&whole);
    store_close(store);
    place_remove(&place);
}

/* What a later version has sealed waits for it. */
static void test_sealed_by_another_version(void)
{
    struct place place;
    struct merge_counts counts;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "me");
    struct buffer whole = {0};
    record(store, &tenant, 0, 15, 0);
    load(batch_path(&place), &whole);
    for (size_t i = 0; i < 16; i++) {
        struct batched item;
        CHECK(batch_at(buffer_span(&whole), i, &item));
        whole.at[item.offset + 8] = 99;
    }
    save(batch_path(&place), buffer_span(&whole));
    CHECK_INT(place_merge(&place, &counts), STORE_OK);
    CHECK_INT(counts.foreign, 1);
    CHECK_INT(counts.damaged + counts.entries, 0);
    CHECK_INT(files_in(place_path(&place, "spool"), 'b'), 1);
    check_none_wrong(store, &tenant);
    buffer_free(&whole);
    store_close(store);
    place_remove(&place);
}

static int record_some(struct store *store, const struct tenant *tenant)
{
    struct store_batch batch = {0};
    int result = STORE_OK;
    for (uint64_t i = 0; i < BATCH_LEAST && result == STORE_OK; i++) {
        uint8_t key[STORE_KEY_SIZE], stamp[STORE_STAMP_SIZE];
        number_key(i, 1, key);
        result = store_batch_add(store, &batch, tenant, key, &label, NULL,
                                 span_text("payload"), stamp);
    }
    int ended = store_batch_end(store, &batch);
    return result == STORE_OK ? ended : result;
}

static void test_memory_is_short(void)
{
    struct place place;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "me");
    int result = STORE_NO_MEMORY;
    unsigned long at = 0;
    while (result != STORE_OK && CHECK(++at < 1000)) {
        memory_fail_from(at);
        result = record_some(store, &tenant);
        memory_fail_from(0);
        CHECK(result == STORE_OK || result == STORE_NO_MEMORY);
        CHECK_INT(files_in(place_path(&place, "spool"), 'b'), result == STORE_OK);
    }
    CHECK(at > 3);
    for (at = 1, result = STORE_NO_MEMORY; result != STORE_OK && CHECK(at < 1000); at++) {
        struct entry entry;
        uint8_t key[STORE_KEY_SIZE];
        number_key(1, 1, key);
        memory_fail_from(at);
        result = store_find_anywhere(store, &tenant, key, &entry);
        memory_fail_from(0);
        CHECK(result == STORE_OK || result == STORE_NO_MEMORY);
        if (result == STORE_OK)
            entry_free(&entry);
    }
    CHECK(at > 3);
    store_close(store);
    place_remove(&place);
}

/* Files of their own, which store_find() finds. */
static void test_a_few(void)
{
    struct place place;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "me");
    record(store, &tenant, 0, BATCH_LEAST - 2, 0);
    CHECK_INT(files_in(place_path(&place, "spool"), 'b'), 0);
    CHECK_INT(files_in(place_path(&place, "spool"), 'e'), BATCH_LEAST - 1);
    for (uint64_t i = 0; i < BATCH_LEAST - 1; i++) {
        CHECK_INT(find(store, &tenant, i, i), STORE_OK);
        CHECK_INT(find_alone(store, &tenant, i), STORE_OK);
    }
    store_close(store);
    place_remove(&place);
}

int main(void)
{
    RUN(test_a_few);
    RUN(test_one_file_for_all);
    RUN(test_the_latest_counts);
    RUN(test_the_latest_batch_counts);
    RUN(test_found_while_merged);
    RUN(test_removed);
    RUN(test_removed_from_the_older);
    RUN(test_too_large_together);
    RUN(test_no_room);
    RUN(test_damaged);
    RUN(test_sealed_by_another_version);
    RUN(test_memory_is_short);
    return unit_end();
}
