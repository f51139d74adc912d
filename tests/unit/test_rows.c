/* SPDX-License-Identifier: MIT */
/* Vectors in the store: they come and go with their entries, and what is near is found. */
#include "unit.h"

#include "store/card.h"
#include "store/forget.h"
#include "store/memory.h"
#include "store/near.h"
#include "store/pages.h"
#include "store/partition.h"
#include "store/purge.h"
#include "store/rows_plan.h"
#include "store_place.h"
#include "vectors.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#define DIMENSIONS 96
#define MODEL      "embedder"

static struct vector vector;
static const uint8_t partition_one[VECTOR_PARTITION_SIZE] = {1};
static const uint8_t partition_two[VECTOR_PARTITION_SIZE] = {2};

/* -- plans ----------------------------------------------------------------------------- */

/* Rows are numbers of entries, 0 nobody. */
static void check_plan(uint32_t rows, const uint32_t *gone, size_t gone_count,
                       uint32_t coming)
{
    uint32_t table[600] = {0}, seen[600] = {0}, stay = rows, entry = 1;
    struct buffer list = {0};
    struct rows_plan plan;
    for (uint32_t i = 0; i < rows; i++)
        table[i] = entry++;
    buffer_append(&list, gone, gone_count * sizeof(*gone));
    CHECK_INT(rows_plan(rows, &list, coming, 1000, &plan), STORE_OK);
    for (size_t i = 0; i < gone_count; i++)
        if (gone[i] < rows && table[gone[i]]) {
            table[gone[i]] = 0;
            stay--;
        }
    CHECK_INT(plan.rows, stay + coming);
    for (size_t i = 0; i < plan.moves.size / sizeof(struct row_move); i++) {
        struct row_move move = ((struct row_move *)(void *)plan.moves.at)[i];
        CHECK(move.from >= plan.rows && move.to < plan.rows && table[move.from] &&
              !table[move.to]);
        table[move.to] = table[move.from];
        table[move.from] = 0;
    }
    CHECK_INT(plan.come.size / sizeof(uint32_t), coming);
    for (size_t i = 0; i < coming; i++) {
        uint32_t row = ((uint32_t *)(void *)plan.come.at)[i];
        CHECK(row < plan.rows && !table[row] &&
              (row == 0 || table[row - 1] || row < rows));
        table[row] = entry++;
    }
    for (uint32_t i = 0; i < plan.rows; i++) {
        CHECK(table[i] && table[i] < 600 && !seen[table[i]]);
        seen[table[i] % 600]++;
    }
    rows_plan_free(&plan);
    buffer_free(&list);
}

static void test_plan(void)
{
    struct random random = {1};
    uint32_t gone[200];
    for (unsigned round = 0; round < 2000; round++) {
        uint32_t rows = random_word(&random) % 200;
        size_t count = random_word(&random) % (rows + 1);
        for (size_t i = 0; i < count; i++)
            gone[i] = random_word(&random) % (rows + 5);
        check_plan(rows, gone, count, random_word(&random) % 100);
    }
    for (uint32_t i = 0; i < 200; i++)
        gone[i] = i;
    check_plan(200, gone, 200, 0);
    check_plan(200, gone, 200, 200);
    check_plan(0, gone, 0, 0);
}

static void test_plan_limits(void)
{
    struct buffer gone = {0};
    struct rows_plan plan;
    uint32_t one = 3;
    buffer_append(&gone, &one, sizeof(one));
    CHECK_INT(rows_plan(10, &gone, 1, 10, &plan), STORE_OK);
    rows_plan_free(&plan);
    CHECK_INT(rows_plan(10, &gone, 2, 10, &plan), STORE_FULL);
    memory_fail_from(1);
    CHECK_INT(rows_plan(10, &gone, 1, 10, &plan), STORE_NO_MEMORY);
    memory_fail_from(0);
    buffer_free(&gone);
}

/* -- in a store ------------------------------------------------------------------------ */

static void number_vector(uint64_t number, struct vector *out)
{
    static float values[DIMENSIONS];
    struct random random = {number * 1000003};
    for (size_t i = 0; i < DIMENSIONS; i++)
        values[i] = random_normal(&random);
    vectors_require(vector_encode(values, DIMENSIONS, out), "not encoded");
}

static int record(struct store *store, const struct tenant *tenant, uint64_t number,
                  const uint8_t *partition, const char *model)
{
    uint8_t key[STORE_KEY_SIZE];
    struct buffer note = {0};
    struct entry_label label = {.dialect = "openai", .ttl_s = UINT64_MAX};
    number_key(number, 1, key);
    number_vector(number, &vector);
    vector_note_encode(partition, span_text(model), &vector, &note);
    struct entry_notes notes = {.vector = buffer_span(&note)};
    int result =
        store_record(store, tenant, key, NULL, &label, &notes, span_text("an answer"));
    buffer_free(&note);
    return result;
}

static uint32_t rows_now(struct store *store, const struct tenant *tenant,
                         const uint8_t *partition, const char *model)
{
    struct near near;
    number_vector(1, &vector);
    CHECK_INT(store_near(store, tenant, partition, span_text(model), &vector, &near),
              STORE_OK);
    return near.rows;
}

/* Whether the nearest to number |number|'s vector is itself. */
static bool finds(struct store *store, const struct tenant *tenant, uint64_t number)
{
    uint8_t key[STORE_KEY_SIZE];
    struct near near;
    number_vector(number, &vector);
    number_key(number, 1, key);
    int result =
        store_near(store, tenant, partition_one, span_text(MODEL), &vector, &near);
    CHECK_INT(result, STORE_OK);
    return near.count && near.list[0].cosine > 0.999 &&
           memcmp(near.list[0].key, key, sizeof(key)) == 0;
}

static void test_found(void)
{
    struct place place;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "one"), other = place_tenant(store, "two");
    CHECK_INT(rows_now(store, &tenant, partition_one, MODEL), 0); /* no file */
    for (uint64_t i = 0; i < 300; i++)
        CHECK_INT(record(store, &tenant, i, partition_one, MODEL), STORE_OK);
    for (uint64_t i = 300; i < 310; i++)
        CHECK_INT(record(store, &tenant, i, partition_two, MODEL), STORE_OK);
    for (uint64_t i = 310; i < 320; i++)
        CHECK_INT(record(store, &tenant, i, partition_one, "another"), STORE_OK);
    for (uint64_t i = 320; i < 330; i++)
        CHECK_INT(record(store, &other, i, partition_one, MODEL), STORE_OK);
    CHECK_INT(rows_now(store, &tenant, partition_one, MODEL), 0); /* not merged */
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    CHECK_INT(rows_now(store, &tenant, partition_one, MODEL), 300);
    CHECK_INT(rows_now(store, &tenant, partition_two, MODEL), 10);
    CHECK_INT(rows_now(store, &tenant, partition_one, "another"), 10);
    CHECK_INT(rows_now(store, &other, partition_one, MODEL), 10);
    for (uint64_t i = 0; i < 330; i++)
        CHECK(finds(store, i < 320 ? &tenant : &other, i) == (i < 300 || i >= 320));
    CHECK(!finds(store, &other, 5) && !finds(store, &tenant, 325));
    /* again: nothing is doubled; with another model the row moves */
    for (uint64_t i = 0; i < 20; i++)
        CHECK_INT(record(store, &tenant, i, partition_one, i < 10 ? MODEL : "another"),
                  STORE_OK);
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    CHECK_INT(rows_now(store, &tenant, partition_one, MODEL), 290);
    CHECK_INT(rows_now(store, &tenant, partition_one, "another"), 20);
    for (uint64_t i = 0; i < 300; i++)
        CHECK(finds(store, &tenant, i) == (i < 10 || i >= 20));
    store_close(store);
    place_remove(&place);
}

/* What limits are computed from knows of an entry's vector, and of one without. */
static void test_cards(void)
{
    struct place place;
    struct entry_label label = {.dialect = "openai", .ttl_s = UINT64_MAX};
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "one");
    CHECK_INT(record(store, &tenant, 1, partition_one, MODEL), STORE_OK);
    for (uint64_t number = 1; number < 3; number++) {
        uint8_t key[STORE_KEY_SIZE];
        struct record_key name;
        struct card card;
        struct buffer value = {0};
        number_key(number, 1, key);
        if (number == 2)
            CHECK_INT(store_record(store, &tenant, key, NULL, &label,
                                   &(struct entry_notes){0}, span_text("an answer")),
                      STORE_OK);
        CHECK_INT(place_merge(&place, NULL), STORE_OK);
        CHECK_INT(pages_find(NULL, store->layout.data,
                             record_key(&name, RECORD_CARD, key), 4096, &value),
                  STORE_OK);
        CHECK(card_decode(buffer_span(&value), &card));
        CHECK_INT(card.vector, number == 1 ? vector_words(DIMENSIONS) : 0);
        buffer_free(&value);
    }
    store_close(store);
    place_remove(&place);
}

struct choice {
    uint8_t keys[64][STORE_KEY_SIZE];
    size_t count;
};

static bool is_chosen(void *context, const struct each_entry *entry)
{
    const struct choice *choice = context;
    for (size_t i = 0; i < choice->count; i++)
        if (memcmp(choice->keys[i], entry->key, STORE_KEY_SIZE) == 0)
            return true;
    return false;
}

#define NUMBERS 900

/* Entries come and go at random, by purges of both kinds; merges now and then. */
static void test_random(void)
{
    static bool there[NUMBERS];
    struct random random = {77};
    struct place place;
    uint64_t removed;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "one");
    for (unsigned round = 0; round < 12; round++) {
        uint32_t live = 0;
        struct choice choice = {.count = 0};
        for (unsigned i = 0; i < (round == 3 ? 500 : 60); i++) {
            uint64_t number = random_word(&random) % NUMBERS;
            CHECK_INT(record(store, &tenant, number, partition_one, MODEL), STORE_OK);
            there[number] = true;
        }
        if (round % 2)
            CHECK_INT(place_merge(&place, NULL), STORE_OK);
        for (unsigned i = 0; i < 50; i++) {
            uint64_t number = random_word(&random) % NUMBERS;
            number_key(number, 1, choice.keys[choice.count++]);
            there[number] = false;
        }
        struct purge_rules rules = {.thorough = round % 3 == 0};
        CHECK_INT(store_purge(store, &rules, is_chosen, &choice, &removed), STORE_OK);
        CHECK_INT(place_merge(&place, NULL), STORE_OK);
        for (unsigned i = 0; i < NUMBERS; i++) {
            live += there[i];
            if (i % 4 == round % 4)
                CHECK(finds(store, &tenant, i) == there[i]);
        }
        CHECK_INT(rows_now(store, &tenant, partition_one, MODEL), live);
    }
    CHECK_INT(pages_verify(place_path(&place, "data.mdb")), STORE_OK);
    store_close(store);
    place_remove(&place);
}

static bool counts_key(void *context, struct span key, struct span value, uint64_t size)
{
    unsigned *counts = context;
    (void)value, (void)size;
    counts[key.at[0]]++;
    return true;
}

/* How many records of |kind| there are. */
static unsigned records_of(const struct place *place, int kind)
{
    unsigned counts[256] = {0};
    (void)!pages_scan(place_path(place, "data.mdb"), (struct span){0}, 0, counts_key,
                      counts);
    return counts[kind];
}

static void test_forget(void)
{
    struct place place;
    struct forget_counts counts;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "one"), other = place_tenant(store, "two");
    char id[2 * TENANT_ID_SIZE + 1];
    for (uint64_t i = 0; i < 40; i++)
        CHECK_INT(record(store, i % 2 ? &tenant : &other, i, partition_one, MODEL),
                  STORE_OK);
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    CHECK_INT(records_of(&place, RECORD_ROW), 40);
    CHECK_INT(records_of(&place, RECORD_PLACE), 40);
    CHECK_INT(records_of(&place, RECORD_NEAR), 4);
    hex_encode(tenant.id, TENANT_ID_SIZE, id);
    CHECK_INT(store_forget(store, id, false, &counts), STORE_OK);
    CHECK_INT(counts.entries, 20);
    CHECK_INT(records_of(&place, RECORD_ROW), 20);
    CHECK_INT(records_of(&place, RECORD_PLACE), 20);
    CHECK_INT(records_of(&place, RECORD_NEAR), 2);
    CHECK_INT(records_of(&place, RECORD_GONE), 0);
    CHECK(finds(store, &other, 2) && !finds(store, &tenant, 1));
    store_close(store);
    place_remove(&place);
}

static void test_evicted(void)
{
    struct place place;
    struct merge_options options = {.wait = true, .max_size = (uint64_t)32 << 20};
    struct merge_counts counts;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "one");
    uint8_t key[STORE_KEY_SIZE];
    struct entry entry;
    static uint8_t payload[60000];
    unsigned live = 0, found = 0;
    struct random random = {5};
    for (size_t i = 0; i < sizeof(payload); i++)
        payload[i] = (uint8_t)random_word(&random);
    for (unsigned round = 0; round < 4; round++) {
        for (uint64_t i = 0; i < 200; i++) {
            struct buffer note = {0};
            struct entry_label label = {.ttl_s = UINT64_MAX};
            number_key(round * 200 + i, 1, key);
            number_vector(round * 200 + i, &vector);
            vector_note_encode(partition_one, span_text(MODEL), &vector, &note);
            struct entry_notes notes = {.vector = buffer_span(&note)};
            memcpy(payload, &i, sizeof(i));
            CHECK_INT(store_record(store, &tenant, key, NULL, &label, &notes,
                                   span_of(payload, sizeof(payload))),
                      STORE_OK);
            buffer_free(&note);
        }
        CHECK_INT(store_merge(&place.paths, &options, &counts), STORE_OK);
    }
    CHECK(counts.evicted > 0);
    for (uint64_t i = 0; i < 800; i++) {
        number_key(i, 1, key);
        if (store_find(store, &tenant, key, &entry) != STORE_OK)
            continue;
        entry_free(&entry);
        live++;
        found += finds(store, &tenant, i);
    }
    printf("# %u of 800 are left, %u found\n", live, found);
    CHECK(live > 100 && live < 700 && found == live);
    CHECK_INT(rows_now(store, &tenant, partition_one, MODEL), live);
    CHECK_INT(records_of(&place, RECORD_PLACE), live);
    store_close(store);
    place_remove(&place);
}

/* A store whose merger is killed at any moment: in the end every vector is found, once. */
static void test_killed(void)
{
    struct place place;
    struct random random = {9};
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "one");
    uint64_t count = 0;
    for (unsigned round = 0; round < 12; round++) {
        for (unsigned i = 0; i < 40; i++)
            CHECK_INT(record(store, &tenant, count++, partition_one, MODEL), STORE_OK);
        pid_t child = fork();
        if (child == 0)
            _exit(place_merge(&place, NULL) != STORE_OK);
        struct timespec pause = {0, (long)(random_word(&random) % 12000000)};
        nanosleep(&pause, NULL);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        uint32_t rows = rows_now(store, &tenant, partition_one, MODEL);
        CHECK(rows <= count);
    }
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    CHECK_INT(rows_now(store, &tenant, partition_one, MODEL), count);
    for (uint64_t i = 0; i < count; i++)
        CHECK(finds(store, &tenant, i));
    CHECK_INT(records_of(&place, RECORD_COME), 0);
    store_close(store);
    place_remove(&place);
}

/* A file that was set aside: partitions are made anew from what entries could be saved. */
static void test_salvaged(void)
{
    struct place place;
    struct merge_counts counts;
    char data[512], damaged[512];
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "one");
    for (uint64_t i = 0; i < 30; i++)
        CHECK_INT(record(store, &tenant, i, partition_one, MODEL), STORE_OK);
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    snprintf(data, sizeof(data), "%s", place_path(&place, "data.mdb"));
    snprintf(damaged, sizeof(damaged), "%s", place_path(&place, "damaged.mdb"));
    CHECK_INT(rename(data, damaged), 0);
    unlink(place_path(&place, "lock.mdb"));
    CHECK_INT(place_merge(&place, &counts), STORE_OK);
    CHECK(counts.salvaged > 0);
    CHECK_INT(rows_now(store, &tenant, partition_one, MODEL), 30);
    for (uint64_t i = 0; i < 30; i++)
        CHECK(finds(store, &tenant, i));
    CHECK_INT(records_of(&place, RECORD_PLACE), 30);
    store_close(store);
    place_remove(&place);
}

/* Two processes search while a third appends and removes. */
static int search_all_the_time(struct place *place, uint64_t count)
{
    struct store *store = place_open(place);
    struct tenant tenant = place_tenant(store, "one");
    struct random random = {(uint64_t)getpid()};
    struct near near;
    unsigned overtaken = 0;
    for (unsigned i = 0; i < 3000; i++) {
        uint8_t key[STORE_KEY_SIZE];
        uint64_t number = random_word(&random) % count;
        number_vector(number, &vector);
        number_key(number, 1, key);
        int result =
            store_near(store, &tenant, partition_one, span_text(MODEL), &vector, &near);
        if (result == STORE_UNAVAILABLE || result == STORE_CORRUPT) {
            overtaken++; /* the writer was faster every time */
            continue;
        }
        if (result != STORE_OK || near.rows < count || near.list[0].cosine < 0.999 ||
            memcmp(near.list[0].key, key, sizeof(key)) != 0)
            return 1;
    }
    store_close(store);
    return overtaken > 300;
}

static void test_beside_writer(void)
{
    enum { READERS = 2 };
    struct place place;
    pid_t readers[READERS];
    uint64_t removed, count = 400;
    int status;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "one");
    for (uint64_t i = 0; i < count; i++)
        CHECK_INT(record(store, &tenant, i, partition_one, MODEL), STORE_OK);
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    for (unsigned i = 0; i < READERS; i++)
        if ((readers[i] = fork()) == 0)
            _exit(search_all_the_time(&place, count));
    for (unsigned round = 0; round < 15; round++) {
        struct choice choice = {.count = 0};
        struct purge_rules rules = {.thorough = true};
        for (uint64_t i = 0; i < 20; i++) {
            CHECK_INT(record(store, &tenant, 1000 + i, partition_one, MODEL), STORE_OK);
            number_key(1000 + i, 1, choice.keys[choice.count++]);
        }
        CHECK_INT(place_merge(&place, NULL), STORE_OK);
        CHECK_INT(store_purge(store, &rules, is_chosen, &choice, &removed), STORE_OK);
        CHECK_INT(removed, 20);
    }
    for (unsigned i = 0; i < READERS; i++) {
        waitpid(readers[i], &status, 0);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    CHECK_INT(rows_now(store, &tenant, partition_one, MODEL), count);
    store_close(store);
    place_remove(&place);
}

struct searcher {
    struct store *store;
    struct tenant tenant;
    uint64_t count;
    unsigned wrong;
};

/* As finds(), but without what threads would share. */
static void *search_in_thread(void *context)
{
    struct searcher *searcher = context;
    struct vector *own = memory_new(sizeof(*own));
    float values[DIMENSIONS];
    uint8_t key[STORE_KEY_SIZE];
    struct near near;
    for (unsigned i = 0; own && i < 150; i++) {
        uint64_t number = (i * 7919) % searcher->count;
        struct random random = {number * 1000003};
        for (size_t k = 0; k < DIMENSIONS; k++)
            values[k] = random_normal(&random);
        number_key(number, 1, key);
        if (!vector_encode(values, DIMENSIONS, own) ||
            store_near(searcher->store, &searcher->tenant, partition_one,
                       span_text(MODEL), own, &near) != STORE_OK ||
            near.count == 0 || memcmp(near.list[0].key, key, sizeof(key)) != 0)
            searcher->wrong++;
    }
    memory_free(own);
    return NULL;
}

/* Some find the cache busy and go without; so does a child of a process that was searching. */
static void test_threads(void)
{
    enum { THREADS = 4 };
    struct place place;
    pthread_t threads[THREADS];
    struct searcher searchers[THREADS];
    int status;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "one");
    for (uint64_t i = 0; i < 300; i++)
        CHECK_INT(record(store, &tenant, i, partition_one, MODEL), STORE_OK);
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    for (size_t i = 0; i < THREADS; i++) {
        searchers[i] = (struct searcher){store, tenant, 300, 0};
        CHECK_INT(pthread_create(&threads[i], NULL, search_in_thread, &searchers[i]), 0);
    }
    for (unsigned i = 0; i < 10; i++) {
        pid_t child = fork();
        if (child == 0) {
            struct searcher own = {store, tenant, 300, 0};
            store_after_fork(store);
            search_in_thread(&own);
            _exit(own.wrong != 0);
        }
        waitpid(child, &status, 0);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        CHECK_INT(searchers[i].wrong, 0);
    }
    store_close(store);
    place_remove(&place);
}

/* -- what is kept ---------------------------------------------------------------------- */

static struct vector_shelf *shelf(struct vector_cache *cache, uint8_t number,
                                  size_t count)
{
    uint8_t name[VECTOR_CACHE_NAME] = {number};
    return vector_cache_shelf(cache, name, count);
}

static void put(struct vector_shelf *shelf, size_t at, uint8_t stamp)
{
    shelf->blocks[at].stamp[0] = stamp;
    buffer_append_text(&shelf->blocks[at].signs, "signs");
}

static void test_cache(void)
{
    static struct vector_cache cache;
    vector_cache_init(&cache);
    put(shelf(&cache, 1, 3), 2, 7);
    CHECK(shelf(&cache, 1, 5)->blocks[2].stamp[0] == 7);
    CHECK(shelf(&cache, 1, 5)->blocks[4].signs.size == 0);
    CHECK_INT(shelf(&cache, 1, 2)->count, 2);
    CHECK(shelf(&cache, 1, 3)->blocks[2].signs.size == 0);
    put(shelf(&cache, 1, 3), 0, 9);
    for (uint8_t i = 2; i <= VECTOR_CACHE_SHELVES; i++)
        (void)shelf(&cache, i, 1);
    CHECK(shelf(&cache, 1, 3)->blocks[0].stamp[0] == 9); /* used again */
    (void)shelf(&cache, 100, 1);                         /* in place of 2 */
    CHECK(shelf(&cache, 1, 3)->blocks[0].stamp[0] == 9);
    shelf(&cache, 1, 3)->bytes = VECTOR_CACHE_BYTES;
    shelf(&cache, 3, 1)->bytes = 1;
    vector_cache_trim(&cache, shelf(&cache, 3, 1));
    CHECK(shelf(&cache, 1, 3)->blocks[0].signs.size == 0);
    CHECK_INT(shelf(&cache, 3, 1)->bytes, 1);
    memory_fail_from(1);
    CHECK(!shelf(&cache, 200, 1));
    memory_fail_from(0);
    CHECK(shelf(&cache, 200, 0));
    vector_cache_free(&cache);
}

/* The merger and a search, with every shortage of memory. */
static void test_memory(void)
{
    struct place place;
    struct near near;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "one");
    uint64_t count = 0;
    unsigned long from = 1;
    for (int result = STORE_NO_MEMORY; result != STORE_OK && from < 3000; from += 7) {
        CHECK_INT(record(store, &tenant, count++, partition_one, MODEL), STORE_OK);
        memory_fail_from(from);
        result = place_merge(&place, NULL);
        memory_fail_from(0);
        CHECK(result == STORE_OK || result == STORE_NO_MEMORY);
    }
    CHECK_INT(place_merge(&place, NULL), STORE_OK);
    CHECK_INT(rows_now(store, &tenant, partition_one, MODEL), count);
    printf("# %lu allocations\n", from);
    for (int result = STORE_NO_MEMORY, i = 1; result != STORE_OK && i < 500; i++) {
        struct store *fresh = place_open(&place);
        number_vector(3, &vector);
        memory_fail_from((unsigned long)i);
        result =
            store_near(fresh, &tenant, partition_one, span_text(MODEL), &vector, &near);
        memory_fail_from(0);
        CHECK(result == STORE_OK || (result == STORE_NO_MEMORY && near.count == 0));
        store_close(fresh);
    }
    CHECK(near.count > 0);
    store_close(store);
    place_remove(&place);
}

/* What is damaged or belongs to another record does not open. */
static void test_boxes(void)
{
    struct place place;
    place_make(&place);
    struct store *store = place_open(&place);
    struct tenant tenant = place_tenant(store, "one"), other = place_tenant(store, "two");
    struct buffer box = {0}, out = {0};
    uint8_t key[STORE_KEY_SIZE] = {7}, second[STORE_KEY_SIZE] = {8};
    box_seal(&tenant, span_text("name"), span_text("plain"), &box);
    CHECK_INT(box.size, 5 + PARTITION_BOX);
    CHECK(!box_open(&tenant, span_text("mame"), buffer_span(&box), &out));
    CHECK(!box_open(&other, span_text("name"), buffer_span(&box), &out));
    for (size_t i = 0; i < box.size; i++) {
        box.at[i] ^= 1;
        CHECK(!box_open(&tenant, span_text("name"), buffer_span(&box), &out));
        CHECK(!box_open(&tenant, span_text("name"), span_of(box.at, i), &out));
        box.at[i] ^= 1;
    }
    CHECK(box_open(&tenant, span_text("name"), buffer_span(&box), &out));
    CHECK(span_is(buffer_span(&out), "plain"));
    buffer_clear(&box);
    struct row_place found, where = {{3}, 70000};
    row_place_seal(&tenant, key, &where, &box);
    CHECK(!row_place_open(&tenant, second, buffer_span(&box), &found));
    CHECK(!row_place_open(&other, key, buffer_span(&box), &found));
    CHECK(row_place_open(&tenant, key, buffer_span(&box), &found));
    CHECK(found.row == where.row && memcmp(found.id, where.id, sizeof(found.id)) == 0);
    buffer_free(&box);
    buffer_free(&out);
    store_close(store);
    place_remove(&place);
}

int main(void)
{
    RUN(test_plan);
    RUN(test_plan_limits);
    RUN(test_boxes);
    RUN(test_found);
    RUN(test_cards);
    RUN(test_random);
    RUN(test_forget);
    RUN(test_evicted);
    RUN(test_killed);
    RUN(test_salvaged);
    RUN(test_beside_writer);
    RUN(test_threads);
    RUN(test_cache);
    RUN(test_memory);
    return unit_end();
}
