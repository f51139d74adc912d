/* SPDX-License-Identifier: MIT */
/* Tests of store/pages.c against LMDB itself: what LMDB wrote is found, beside a writer,
 * and from damaged files nothing but errors comes. */
#include "unit.h"

#include "store/pages.h"
#include "store/tree.h"
#include "store_place.h"

#include <lmdb.h>
#include <signal.h>
#include <sys/wait.h>

struct data {
    struct place place;
    char path[400];
    MDB_env *env;
    MDB_dbi dbi;
};

static void data_open(struct data *data)
{
    place_make(&data->place);
    mkdir(data->place.store, 0700);
    snprintf(data->path, sizeof(data->path), "%s/data.mdb", data->place.store);
    mdb_env_create(&data->env);
    mdb_env_set_mapsize(data->env, (size_t)1 << 30);
    CHECK_INT(mdb_env_open(data->env, data->place.store, MDB_NOSYNC, 0600), 0);
}

static void data_close(struct data *data)
{
    mdb_env_close(data->env);
    place_remove(&data->place);
}

static void put(struct data *data, MDB_txn *txn, struct span key, struct span value)
{
    MDB_val name = {key.size, (void *)(uintptr_t)key.at};
    MDB_val content = {value.size, (void *)(uintptr_t)value.at};
    mdb_dbi_open(txn, NULL, 0, &data->dbi);
    int code = mdb_put(txn, data->dbi, &name, &content, 0);
    if (code)
        CHECK_TEXT(mdb_strerror(code), "");
}

/* 33 bytes like the store's, or a short or long one. */
static struct span key_of(uint64_t number, uint8_t out[PAGES_KEY_LIMIT])
{
    number_key(number, 3, out + 1);
    out[0] = 'e';
    size_t size = 33;
    if (number % 11 == 0)
        size = 1 + number % 32;
    if (number % 13 == 0) {
        size = 33 + number % 470;
        memset(out + 33, (int)number, size - 33);
    }
    return span_of(out, size);
}

/* What is in LMDB now, value by value. */
static void compare(struct data *data, struct pages_cache *cache, uint64_t numbers)
{
    MDB_txn *txn;
    struct buffer value = {0};
    uint8_t bytes[PAGES_KEY_LIMIT];
    mdb_txn_begin(data->env, NULL, MDB_RDONLY, &txn);
    mdb_dbi_open(txn, NULL, 0, &data->dbi);
    for (uint64_t i = 0; i < numbers; i++) {
        struct span key = key_of(i, bytes);
        MDB_val name = {key.size, bytes}, expected;
        int code = mdb_get(txn, data->dbi, &name, &expected);
        buffer_clear(&value);
        int result = pages_find(cache, data->path, key, SIZE_MAX, &value);
        if (result != (code ? STORE_MISS : STORE_OK))
            CHECK_INT(result, code);
        if (!code &&
            !span_equal(buffer_span(&value), span_of(expected.mv_data, expected.mv_size)))
            CHECK_INT(i, -1);
    }
    CHECK(1);
    mdb_txn_abort(txn);
    buffer_free(&value);
}

static void put_numbers(struct data *data, uint64_t from, uint64_t to, unsigned version)
{
    MDB_txn *txn;
    struct buffer value = {0};
    uint8_t bytes[PAGES_KEY_LIMIT];
    mdb_txn_begin(data->env, NULL, 0, &txn);
    for (uint64_t i = from; i < to; i++) {
        number_payload(i + version, &value);
        put(data, txn, key_of(i, bytes), buffer_span(&value));
    }
    mdb_txn_commit(txn);
    buffer_free(&value);
}

static void delete_every(struct data *data, uint64_t to, uint64_t step)
{
    MDB_txn *txn;
    uint8_t bytes[PAGES_KEY_LIMIT];
    mdb_txn_begin(data->env, NULL, 0, &txn);
    mdb_dbi_open(txn, NULL, 0, &data->dbi);
    for (uint64_t i = 0; i < to; i += step) {
        struct span key = key_of(i, bytes);
        MDB_val name = {key.size, bytes};
        mdb_del(txn, data->dbi, &name, NULL);
    }
    mdb_txn_commit(txn);
}

static void test_same_as_lmdb(void)
{
    static struct data data;
    static struct pages_cache cache;
    data_open(&data);
    pages_cache_init(&cache);
    compare(&data, NULL, 10); /* empty */
    put_numbers(&data, 0, 1, 0);
    compare(&data, &cache, 10);
    put_numbers(&data, 0, 3000, 0);
    compare(&data, NULL, 3100);
    compare(&data, &cache, 3100);
    put_numbers(&data, 1000, 5000, 1); /* overwritten, other sizes */
    compare(&data, &cache, 5100);
    delete_every(&data, 5000, 3);
    compare(&data, &cache, 5100);
    compare(&data, NULL, 5100);
    delete_every(&data, 5000, 1);
    compare(&data, &cache, 100);
    pages_cache_free(&cache);
    data_close(&data);
}

struct seen {
    uint64_t count;
    uint64_t bytes;
    uint8_t last[PAGES_KEY_LIMIT];
    size_t last_size;
    uint64_t stop_after;
};

static bool see(void *context, struct span key, struct span value, uint64_t size)
{
    struct seen *seen = context;
    int order = memcmp(seen->last, key.at,
                       seen->last_size < key.size ? seen->last_size : key.size);
    if (seen->count && !(order < 0 || (order == 0 && seen->last_size < key.size)))
        CHECK(!"keys in order, each once");
    memcpy(seen->last, key.at, key.size);
    seen->last_size = key.size;
    seen->count++;
    seen->bytes += size;
    if (value.size > 100)
        CHECK_INT(value.size, 100);
    return seen->count != seen->stop_after;
}

static void test_scan(void)
{
    static struct data data;
    struct seen seen = {0}, some = {.stop_after = 5};
    MDB_stat stat;
    MDB_txn *txn;
    data_open(&data);
    CHECK_INT(pages_scan(data.path, span_text("e"), 100, see, &seen), STORE_OK);
    CHECK_INT(seen.count, 0);
    put_numbers(&data, 0, 4000, 0);
    mdb_env_stat(data.env, &stat);
    CHECK_INT(pages_scan(data.path, (struct span){0}, 100, see, &seen), STORE_OK);
    CHECK_INT(seen.count, stat.ms_entries);
    CHECK_INT(pages_scan(data.path, span_text("e"), 100, see, &some), STORE_OK);
    CHECK_INT(some.count, 5);
    mdb_txn_begin(data.env, NULL, 0, &txn);
    put(&data, txn, span_text("d1"), span_text("x"));
    put(&data, txn, span_text("f1"), span_text("yz"));
    put(&data, txn, span_text("f"), span_text(""));
    put(&data, txn, span_text("f2"), span_text(""));
    mdb_txn_commit(txn);
    seen = (struct seen){0};
    CHECK_INT(pages_scan(data.path, span_text("e"), 100, see, &seen), STORE_OK);
    CHECK_INT(seen.count, stat.ms_entries);
    seen = (struct seen){0};
    CHECK_INT(pages_scan(data.path, span_text("f"), 100, see, &seen), STORE_OK);
    CHECK_INT(seen.count, 3);
    CHECK_INT(seen.bytes, 2);
    seen = (struct seen){0};
    CHECK_INT(pages_scan(data.path, span_text("f1"), 100, see, &seen), STORE_OK);
    CHECK_INT(seen.count, 1);
    seen = (struct seen){0};
    CHECK_INT(pages_scan(data.path, span_text("z"), 100, see, &seen), STORE_OK);
    CHECK_INT(seen.count, 0);
    CHECK_INT(pages_check(data.path), STORE_OK);
    data_close(&data);
}

/* A value names the round it was written in, all through; a whole transaction has one
 * round. */
static void round_value(uint64_t round, size_t size, struct buffer *out)
{
    buffer_clear(out);
    while (out->size < size)
        buffer_append_u64(out, round);
}

#define ROUND_KEYS 40

static void write_rounds(struct data *data)
{
    struct buffer value = {0};
    uint8_t bytes[PAGES_KEY_LIMIT];
    for (uint64_t round = 1;; round++) {
        MDB_txn *txn;
        mdb_txn_begin(data->env, NULL, 0, &txn);
        for (uint64_t i = 0; i < ROUND_KEYS; i++) {
            round_value(round, (i * 977 + round * 131) % 9000 + 8, &value);
            put(data, txn, key_of(i * 11 * 13 + 1, bytes), buffer_span(&value));
        }
        mdb_txn_commit(txn);
    }
}

/* Reads without a reader slot while another process commits as fast as it can. Rounds
 * never go back, values are never mixed, and a key is never missing. */
static void test_beside_writer(void)
{
    static struct data data;
    static struct pages_cache cache;
    struct buffer value = {0};
    uint64_t last = 0, found = 0, given_up = 0;
    uint8_t bytes[PAGES_KEY_LIMIT];
    data_open(&data);
    mdb_env_close(data.env);
    pages_cache_init(&cache);
    pid_t writer = fork();
    if (writer == 0) {
        mdb_env_create(&data.env);
        mdb_env_set_mapsize(data.env, (size_t)1 << 30);
        mdb_env_open(data.env, data.place.store, MDB_NOSYNC, 0600);
        write_rounds(&data);
    }
    while (pages_find(NULL, data.path, key_of(1, bytes), SIZE_MAX, &value) != STORE_OK)
        usleep(1000);
    for (uint64_t i = 0; i < 100000; i++) {
        uint64_t round = 0;
        buffer_clear(&value);
        int result =
            pages_find(i % 2 ? &cache : NULL, data.path,
                       key_of(i % ROUND_KEYS * 11 * 13 + 1, bytes), SIZE_MAX, &value);
        if (result == STORE_UNAVAILABLE) {
            given_up++;
            continue;
        }
        if (result != STORE_OK) {
            CHECK_INT(result, STORE_OK);
            continue;
        }
        memcpy(&round, value.at, sizeof(round));
        for (size_t at = 0; at + 8 <= value.size; at += 8)
            if (memcmp(value.at + at, &round, 8) != 0)
                CHECK(!"one value, one round");
        if (round < last)
            CHECK(!"rounds go forward");
        last = round;
        found++;
    }
    kill(writer, SIGKILL);
    waitpid(writer, NULL, 0);
    printf("# %llu rounds, %llu found, %llu given up\n", (unsigned long long)last,
           (unsigned long long)found, (unsigned long long)given_up);
    CHECK(found > 90000);
    CHECK(last > 10);
    buffer_free(&value);
    pages_cache_free(&cache);
    place_remove(&data.place);
}

static bool count_only(void *context, struct span key, struct span value, uint64_t size)
{
    (void)key, (void)value, (void)size;
    ++*(uint64_t *)context;
    return true;
}

/* Seeded damage: bits, zeroed pages, exchanged pages, truncation. Reading may fail, no
 * more. */
static void test_damage(void)
{
    static struct data data;
    struct buffer whole = {0}, value = {0};
    static struct pages_cache cache;
    uint8_t bytes[PAGES_KEY_LIMIT];
    unsigned long results[16] = {0};
    data_open(&data);
    put_numbers(&data, 0, 300, 0);
    put_numbers(&data, 0, 300, 5);
    CHECK_INT(file_read(data.path, false, SIZE_MAX, &whole, NULL), STORE_OK);
    mdb_env_close(data.env);
    pages_cache_init(&cache);
    srand(20240607);
    for (int round = 0; round < 400; round++) {
        int descriptor = open(data.path, O_RDWR);
        size_t size = whole.size;
        for (int flips = rand() % 40; flips >= 0; flips--) {
            /* mostly where the structure is: page headers, pointers, the first nodes */
            size_t page = (size_t)rand() % (size / 4096) * 4096;
            size_t at = page + (size_t)rand() % (rand() % 2 ? 64 : 4096);
            uint8_t byte = whole.at[at] ^ (uint8_t)(1 << rand() % 8);
            CHECK(pwrite(descriptor, &byte, 1, (off_t)at) == 1);
        }
        if (round % 5 == 0) {
            size_t from = (size_t)rand() % (size / 4096) * 4096;
            size_t to = (size_t)rand() % (size / 4096) * 4096;
            CHECK(pwrite(descriptor, whole.at + from, 4096, (off_t)to) == 4096);
        }
        if (round % 7 == 0)
            CHECK(ftruncate(descriptor, rand() % (int)size) == 0);
        for (uint64_t i = 0; i < 60; i++) {
            buffer_clear(&value);
            int result =
                pages_find(i % 2 ? &cache : NULL, data.path,
                           key_of((uint64_t)rand() % 300, bytes), 1 << 20, &value);
            results[-result & 15]++;
        }
        uint64_t count = 0;
        int result = pages_scan(data.path, (struct span){0}, 1 << 20, count_only, &count);
        results[-result & 15]++;
        CHECK(count < 1000000);
        (void)!pages_check(data.path);
        CHECK(ftruncate(descriptor, (off_t)size) == 0);
        CHECK(pwrite(descriptor, whole.at, size, 0) == (ssize_t)size);
        close(descriptor);
    }
    printf("# found %lu, missed %lu, unavailable %lu, damaged %lu\n", results[0],
           results[1], results[2], results[6]);
    CHECK(results[0] > 0 && results[6] > 0);
    pages_cache_free(&cache);
    buffer_free(&whole);
    buffer_free(&value);
    place_remove(&data.place);
}

static void test_other_files(void)
{
    static struct data data;
    struct buffer value = {0};
    data_open(&data);
    put_numbers(&data, 0, 10, 0);
    mdb_env_close(data.env);
    CHECK_INT(pages_find(NULL, "/nonexistent/data.mdb", span_text("e"), 9, &value),
              STORE_MISS);
    CHECK_INT(pages_find(NULL, data.place.store, span_text("e"), 9, &value),
              STORE_UNAVAILABLE); /* a directory */
    int descriptor = open(data.path, O_RDWR);
    uint32_t version = 2;
    CHECK(pwrite(descriptor, &version, 4, 20) == 4);
    CHECK_INT(pages_find(NULL, data.path, span_text("e"), 9, &value), STORE_UNAVAILABLE);
    CHECK_INT(pages_check(data.path), STORE_UNAVAILABLE);
    CHECK(ftruncate(descriptor, 0) == 0);
    CHECK_INT(pages_find(NULL, data.path, span_text("e"), 9, &value), STORE_MISS);
    CHECK_INT(pages_check(data.path), STORE_MISS);
    CHECK(ftruncate(descriptor, 5000) == 0);
    CHECK_INT(pages_find(NULL, data.path, span_text("e"), 9, &value), STORE_CORRUPT);
    close(descriptor);
    unlink(data.path);
    CHECK(mkfifo(data.path, 0600) == 0);
    CHECK_INT(pages_find(NULL, data.path, span_text("e"), 9, &value), STORE_UNAVAILABLE);
    buffer_free(&value);
    place_remove(&data.place);
}

static size_t kept_pages(const struct pages_cache *cache)
{
    size_t count = 0;
    for (size_t i = 0; i < PAGES_CACHE_ROWS; i++)
        for (size_t j = 0; cache->rows[i] && j < PAGES_ROW_SLOTS; j++)
            count += cache->rows[i][j].page != NULL;
    return count;
}

/* Memory for a leaf and the branch above it is taken only by those that are read again. */
static void test_read_once(void)
{
    static struct data data;
    static struct pages_cache cache;
    MDB_stat stat;
    struct buffer value = {0};
    uint8_t bytes[PAGES_KEY_LIMIT];
    data_open(&data);
    put_numbers(&data, 0, 20000, 0);
    CHECK(mdb_env_stat(data.env, &stat) == 0 && stat.ms_depth >= 3);
    pages_cache_init(&cache);
    for (size_t i = 0; i < 3; i++) {
        CHECK_INT(pages_find(&cache, data.path, key_of(7777, bytes), SIZE_MAX, &value),
                  STORE_OK);
        CHECK_INT(kept_pages(&cache), i == 0 ? stat.ms_depth - 2 : stat.ms_depth);
    }
    pages_cache_free(&cache);
    buffer_free(&value);
    data_close(&data);
}

int main(void)
{
    RUN(test_same_as_lmdb);
    RUN(test_read_once);
    RUN(test_scan);
    RUN(test_beside_writer);
    RUN(test_damage);
    RUN(test_other_files);
    return unit_end();
}
