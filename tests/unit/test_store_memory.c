/* SPDX-License-Identifier: MIT */
/* Memory runs out at every single allocation in turn, ours first, then also those of LMDB, zstd
 * and libc: every call fails cleanly or succeeds, nothing is wrong afterwards. */
#include "unit.h"

#include "store/check.h"
#include "store/history.h"
#include "store/memory.h"
#include "store/purge.h"
#include "store/records.h"
#include "store_place.h"

#include <stdatomic.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_MALLOC 0
#else
#define OWN_MALLOC 1

/* The program's malloc: every library in it uses these. glibc keeps its own under __libc_*. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
#define EXPORTED   __attribute__((visibility("default")))
EXPORTED void *malloc(size_t size);
EXPORTED void *calloc(size_t count, size_t size);
EXPORTED void *realloc(void *memory, size_t size);

static _Atomic long left = -1; /* allocations until all fail; -1 = never */

static bool may_allocate(void)
{
    if (left < 0)
        return true;
    if (left == 0)
        return false;
    left--;
    return true;
}

void *malloc(size_t size)
{
    return may_allocate() ? __libc_malloc(size) : NULL;
}

void *calloc(size_t count, size_t size)
{
    return may_allocate() ? __libc_calloc(count, size) : NULL;
}

void *realloc(void *memory, size_t size)
{
    return may_allocate() ? __libc_realloc(memory, size) : NULL;
}
#endif

/* Lets the |count|-th allocation from now on and all after it fail; 0 = none. */
static void fail_from(bool everywhere, unsigned long count)
{
#if OWN_MALLOC
    if (everywhere) {
        left = count ? (long)count - 1 : -1;
        return;
    }
#endif
    (void)everywhere;
    memory_fail_from(count);
}

static bool clean(int result)
{
    return result == STORE_OK || result == STORE_NO_MEMORY || result == STORE_MISS ||
           result == STORE_UNAVAILABLE;
}

/* A host's life. True when nothing failed for want of memory. */
static bool host_life(struct place *place, uint64_t number)
{
    struct store *store;
    struct tenant tenant;
    struct entry entry;
    uint8_t key[STORE_KEY_SIZE], alias[STORE_KEY_SIZE], found[STORE_KEY_SIZE];
    struct journal_record record = {.verdict = VERDICT_HIT};
    struct entry_label label = {.model = "m"};
    static uint8_t payload[6000];
    number_key(number, 1, key);
    number_key(number, 2, alias);
    int result = store_open(&store, &place->paths);
    if (result != STORE_OK) {
        CHECK(store == NULL && clean(result));
        return false;
    }
    int tenant_result = store_tenant(store, span_text("alice"), true, &tenant);
    bool whole = tenant_result == STORE_OK;
    CHECK(clean(tenant_result));
    if (whole) {
        result = store_record(store, &tenant, key, alias, &label, NULL,
                              span_of(payload, sizeof(payload)));
        CHECK(clean(result));
        whole = whole && result == STORE_OK;
        result = store_find_alias(store, &tenant, alias, found);
        CHECK(clean(result));
        whole = whole && result == STORE_OK;
        result = store_find(store, &tenant, key, &entry);
        CHECK(clean(result));
        if (result == STORE_OK) {
            CHECK_INT(entry.payload.size, sizeof(payload));
            entry_free(&entry);
        }
        whole = whole && result == STORE_OK;
    }
    store_journal(store, &record);
    (void)store_wants_merge(store);
    store_close(store);
    return whole;
}

static bool choose_some(void *context, const struct each_entry *entry)
{
    (void)context;
    return entry->key[0] % 4 == 0;
}

static bool see_entry(void *context, const struct each_entry *entry)
{
    (void)context, (void)entry;
    return true;
}

static bool see_day(void *context, const struct history_day *day)
{
    (void)context, (void)day;
    return true;
}

static bool see_record(void *context, const struct journal_record *record)
{
    (void)context, (void)record;
    return true;
}

static void ignore_problem(void *context, const char *text)
{
    (void)context, (void)text;
}

/* The tools' calls. */
static bool tool_life(struct place *place)
{
    struct store *store;
    struct merge_counts counts;
    struct merge_options options = {.segments_kept = 1};
    struct sums *sums;
    struct sums_rules sums_rules = {.tags = true};
    struct store_sizes sizes;
    struct store_check check;
    struct purge_rules rules = {0};
    uint64_t purged;
    int results[9] = {0};
    results[0] = store_merge(&place->paths, &options, &counts);
    if (store_open(&store, &place->paths) == STORE_OK) {
        results[1] = store_each(store, true, see_entry, NULL);
        results[2] = store_sums(store, &sums_rules, &sums, NULL);
        sums_free(sums);
        results[7] = store_history(store, see_day, NULL);
        results[8] = store_each_record(store, see_record, NULL, NULL);
        results[3] = store_sizes(store, &sizes);
        results[4] = store_purge(store, &rules, choose_some, NULL, &purged);
        store_close(store);
    } else {
        results[5] = STORE_NO_MEMORY;
    }
    results[6] = store_check(&place->paths, ignore_problem, NULL, &check);
    bool whole = true;
    for (size_t i = 0; i < 9; i++) {
        CHECK(clean(results[i]) && results[i] != STORE_MISS);
        whole = whole && results[i] == STORE_OK;
    }
    return whole;
}

static void shortage(bool everywhere)
{
    struct place place;
    unsigned long count = 1;
    bool whole = false;
    place_make(&place);
    unsigned before = open_descriptors();
    for (; !whole && count < 2000; count++) {
        fail_from(everywhere, count);
        whole = host_life(&place, count);
        fail_from(everywhere, 0);
        CHECK_INT(open_descriptors(), before);
    }
    CHECK(whole);
    printf("# a host's life has %lu allocations\n", count - 1);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "alice");
    for (uint64_t i = 5000; i < 5012; i++)
        CHECK_INT(number_record(store, &tenant, i), STORE_OK);
    struct journal_record record = {.verdict = VERDICT_HIT, .tags = "test:a\0git:b\0"};
    for (int i = 0; i < 4100; i++)
        store_journal(store, &record);
    whole = false;
    for (count = 1; !whole && count < 5000; count++) {
        for (uint64_t i = 5000; i < 5004; i++)
            CHECK_INT(number_record(store, &tenant, i), STORE_OK);
        fail_from(everywhere, count);
        whole = tool_life(&place);
        fail_from(everywhere, 0);
        CHECK_INT(open_descriptors(), before);
    }
    CHECK(whole);
    printf("# the tools' calls have %lu allocations\n", count - 1);
    for (uint64_t i = 5000; i < 5012; i++) {
        uint8_t key[STORE_KEY_SIZE];
        number_key(i, 1, key);
        if (key[0] % 4)
            CHECK_INT(number_find(store, &tenant, i), STORE_OK);
        else
            CHECK_INT(number_find(store, &tenant, i), STORE_MISS);
    }
    CHECK(place_calls(store, VERDICT_HIT) >= 4100);
    store_close(store);
    place_remove(&place);
}

static void test_own_allocations(void)
{
    shortage(false);
}

static void test_all_allocations(void)
{
    if (!OWN_MALLOC) {
        printf("# skipped: a sanitizer has malloc\n");
        return;
    }
    shortage(true);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    RUN(test_own_allocations);
    RUN(test_all_allocations);
    return unit_end();
}
