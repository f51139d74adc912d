/* SPDX-License-Identifier: MIT */
/* What the store's part of a hit costs: alias and entry of a 2 KB answer, found, decrypted and
 * decompressed; and what LMDB's own reader with a kept transaction would need for the reading.
 * Usage: bench_store [entries]. Prints medians in microseconds. */
#include "store/layout.h"
#include "store/merge.h"
#include "store/pages.h"

#include <ftw.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 20001

static double samples[ROUNDS];

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int order(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static double median(void)
{
    qsort(samples, ROUNDS, sizeof(*samples), order);
    return samples[ROUNDS / 2];
}

static void must(int result, const char *what)
{
    if (result == STORE_OK)
        return;
    fprintf(stderr, "%s: %s\n", what, store_result_text(result));
    exit(1);
}

static void key_of(unsigned long number, uint8_t kind, uint8_t key[STORE_KEY_SIZE])
{
    uint64_t state = number * 0x9E3779B97F4A7C15 + kind;
    for (size_t i = 0; i < STORE_KEY_SIZE; i++) {
        state = state * 6364136223846793005 + 1442695040888963407;
        key[i] = (uint8_t)(state >> 56);
    }
}

static struct span answer(void)
{
    static char text[2048];
    static const char *const words[] = {"the ", "store ", "answers ", "what ",   "it ",
                                        "has ", "seen ",  "before, ", "whole. ", "\\n"};
    size_t size = 0;
    for (unsigned state = 1; size < sizeof(text) - 16;) {
        state = state * 1664525 + 1013904223;
        const char *word = words[(state >> 24) % 10];
        memcpy(text + size, word, strlen(word));
        size += strlen(word);
    }
    return span_of(text, sizeof(text));
}

static void fill(struct store *store, const struct store_paths *paths,
                 const struct tenant *tenant, unsigned long count)
{
    struct entry_label label = {.dialect = "openai", .model = "m", .host = "localhost"};
    struct merge_options options = {0};
    struct merge_counts counts;
    uint8_t key[STORE_KEY_SIZE], alias[STORE_KEY_SIZE];
    for (unsigned long i = 0; i < count; i++) {
        key_of(i, 1, key);
        key_of(i, 2, alias);
        must(store_record(store, tenant, key, alias, &label, NULL, answer()), "record");
        if (i % 20000 == 19999 || i == count - 1)
            must(store_merge(paths, &options, &counts), "merge");
    }
}

/* |spread|: another entry each time; else the same one. */
static double time_hits(struct store *store, const struct tenant *tenant,
                        unsigned long count, bool spread)
{
    uint8_t key[STORE_KEY_SIZE], alias[STORE_KEY_SIZE];
    struct entry entry;
    for (unsigned long i = 0; i < ROUNDS; i++) {
        key_of(spread ? i * 7919 % count : 1, 2, alias);
        double start = now_us();
        must(store_find_by_alias(store, tenant, alias, key, &entry), "find");
        samples[i] = now_us() - start;
        entry_free(&entry);
    }
    return median();
}

static double time_pages(struct store *store, unsigned long count, bool spread)
{
    struct record_key name;
    uint8_t key[STORE_KEY_SIZE];
    struct buffer value = {0};
    for (unsigned long i = 0; i < ROUNDS; i++) {
        key_of(spread ? i * 7919 % count : 1, 1, key);
        buffer_clear(&value);
        double start = now_us();
        must(pages_find(&store->cache, store->layout.data,
                        record_key(&name, RECORD_ENTRY, key), SEAL_LIMIT, &value),
             "pages");
        samples[i] = now_us() - start;
    }
    buffer_free(&value);
    return median();
}

/* With the environment and the transaction kept open, as a host must not. */
static double time_lmdb(struct store *store, unsigned long count, bool spread)
{
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    struct record_key name;
    struct buffer value = {0};
    uint8_t key[STORE_KEY_SIZE];
    if (mdb_env_create(&env) ||
        mdb_env_open(env, store->layout.store, MDB_RDONLY | MDB_NOTLS, 0600) ||
        mdb_txn_begin(env, NULL, MDB_RDONLY, &txn) || mdb_dbi_open(txn, NULL, 0, &dbi))
        exit(1);
    for (unsigned long i = 0; i < ROUNDS; i++) {
        key_of(spread ? i * 7919 % count : 1, 1, key);
        buffer_clear(&value);
        double start = now_us();
        mdb_txn_reset(txn);
        if (mdb_txn_renew(txn))
            exit(1);
        struct span span = record_key(&name, RECORD_ENTRY, key);
        MDB_val wanted = {span.size, name.bytes}, found;
        if (mdb_get(txn, dbi, &wanted, &found))
            exit(1);
        buffer_append(&value, found.mv_data, found.mv_size);
        samples[i] = now_us() - start;
    }
    mdb_txn_abort(txn);
    mdb_env_close(env);
    buffer_free(&value);
    return median();
}

static double time_opening(struct store *store, const struct tenant *tenant)
{
    struct record_key name;
    struct buffer value = {0}, payload = {0};
    struct entry_label label;
    struct sealed sealed;
    struct unsealer unsealer = {0};
    uint8_t key[STORE_KEY_SIZE];
    key_of(1, 1, key);
    must(pages_find(NULL, store->layout.data, record_key(&name, RECORD_ENTRY, key),
                    SEAL_LIMIT, &value),
         "pages");
    for (unsigned long i = 0; i < ROUNDS; i++) {
        double start = now_us();
        must(sealed_parse(buffer_span(&value), &sealed), "parse");
        must(unseal_entry(&unsealer, &sealed, tenant, key, &label, &payload), "unseal");
        samples[i] = now_us() - start;
        buffer_free(&payload);
    }
    unseal_free(&unsealer);
    buffer_free(&value);
    return median();
}

static double time_journal(struct store *store)
{
    struct journal_record record = {.verdict = VERDICT_HIT, .model = "m"};
    for (unsigned long i = 0; i < ROUNDS; i++) {
        double start = now_us();
        store_journal(store, &record);
        samples[i] = now_us() - start;
    }
    return median();
}

static double time_tenant(struct store *store)
{
    struct tenant tenant;
    for (unsigned long i = 0; i < ROUNDS; i++) {
        double start = now_us();
        must(store_tenant(store, span_text("bench"), false, &tenant), "tenant");
        samples[i] = now_us() - start;
    }
    return median();
}

static int remove_one(const char *path, const struct stat *status, int kind,
                      struct FTW *where)
{
    (void)status, (void)kind, (void)where;
    return remove(path);
}

int main(int count, char **arguments)
{
    unsigned long entries = count > 1 ? strtoul(arguments[1], NULL, 10) : 1000;
    char root[] = "/tmp/preecho-bench-XXXXXX", cache[64], config[64];
    struct store *store;
    struct tenant tenant;
    if (entries < 2 || !mkdtemp(root))
        return 1;
    snprintf(cache, sizeof(cache), "%s/cache", root);
    snprintf(config, sizeof(config), "%s/config", root);
    struct store_paths paths = {cache, config};
    must(store_open(&store, &paths), "open");
    must(store_tenant(store, span_text("bench"), true, &tenant), "tenant");
    fill(store, &paths, &tenant, entries);
    printf("%lu entries; medians in microseconds   same entry   any entry\n", entries);
    printf("hit: alias + entry, opened              %9.2f   %9.2f\n",
           time_hits(store, &tenant, entries, false),
           time_hits(store, &tenant, entries, true));
    printf("one value read by preecho               %9.2f   %9.2f\n",
           time_pages(store, entries, false), time_pages(store, entries, true));
    printf("one value read by LMDB, kept open       %9.2f   %9.2f\n",
           time_lmdb(store, entries, false), time_lmdb(store, entries, true));
    printf("decrypt and decompress                  %9.2f\n",
           time_opening(store, &tenant));
    printf("tenant's keys, derived before           %9.2f\n", time_tenant(store));
    printf("journal record                          %9.2f\n", time_journal(store));
    store_close(store);
    nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}
