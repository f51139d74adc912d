/* SPDX-License-Identifier: MIT */
/* For tests of store/: a directory of its own for each test, and small helpers. */
#ifndef TESTS_UNIT_STORE_PLACE_H
#define TESTS_UNIT_STORE_PLACE_H

#include "store/each.h"
#include "store/files.h"
#include "store/layout.h"
#include "store/merge.h"
#include "store/store.h"
#include "store/sums.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
    char root[256];
    char store[280];
    char config[280];
    struct store_paths paths;
};

__attribute__((unused)) static void place_make(struct place *place)
{
    const char *base = getenv("TMPDIR");
    snprintf(place->root, sizeof(place->root), "%s/preecho-test-XXXXXX",
             base && *base ? base : "/tmp");
    if (!mkdtemp(place->root)) {
        perror(place->root);
        exit(2);
    }
    snprintf(place->store, sizeof(place->store), "%s/cache", place->root);
    snprintf(place->config, sizeof(place->config), "%s/config", place->root);
    place->paths = (struct store_paths){place->store, place->config};
}

__attribute__((unused)) static int
place_remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status, (void)kind, (void)where;
    return remove(path);
}

__attribute__((unused)) static void place_remove(struct place *place)
{
    nftw(place->root, place_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A store in |place|; ends the test program when there is none. */
__attribute__((unused)) static struct store *place_open(struct place *place)
{
    struct store *store;
    int result = store_open(&store, &place->paths);
    if (result != STORE_OK) {
        fprintf(stderr, "store_open: %s\n", store_result_text(result));
        exit(2);
    }
    return store;
}

__attribute__((unused)) static struct tenant place_tenant(struct store *store,
                                                          const char *identity)
{
    struct tenant tenant = {0};
    int result = store_tenant(store, span_text(identity), true, &tenant);
    if (result != STORE_OK) {
        fprintf(stderr, "store_tenant: %s\n", store_result_text(result));
        exit(2);
    }
    return tenant;
}

/* "below" of the place's store directory. Static text. */
__attribute__((unused)) static const char *place_path(const struct place *place,
                                                      const char *below)
{
    static char text[512];
    snprintf(text, sizeof(text), "%s/%s", place->store, below);
    return text;
}

/* Keys and payloads that a number determines. */
__attribute__((unused)) static void number_key(uint64_t number, uint8_t salt,
                                               uint8_t key[STORE_KEY_SIZE])
{
    uint64_t state = number * 0x9E3779B97F4A7C15 + salt;
    for (size_t i = 0; i < STORE_KEY_SIZE; i++) {
        state = state * 6364136223846793005 + 1442695040888963407;
        key[i] = (uint8_t)(state >> 56);
    }
}

__attribute__((unused)) static void number_payload(uint64_t number, struct buffer *out)
{
    size_t size = (size_t)(number * 7919 % 5000) + (number % 97 == 0 ? 70000 : 0);
    buffer_clear(out);
    uint64_t state = number + 1;
    for (size_t i = 0; i < size; i++) {
        state = state * 6364136223846793005 + 1442695040888963407;
        buffer_append_byte(out, i % 3 ? (uint8_t) "etaoin shrdlu{}:"[state >> 60]
                                      : (uint8_t)(state >> 56));
    }
}

/* Records number |number| with its alias. */
__attribute__((unused)) static int
number_record(struct store *store, const struct tenant *tenant, uint64_t number)
{
    uint8_t key[STORE_KEY_SIZE], alias[STORE_KEY_SIZE];
    struct buffer payload = {0};
    struct entry_label label = {.dialect = "openai", .model = "m", .host = "h"};
    label.created_ms = (int64_t)number;
    number_key(number, 1, key);
    number_key(number, 2, alias);
    number_payload(number, &payload);
    int result =
        store_record(store, tenant, key, alias, &label, NULL, buffer_span(&payload));
    buffer_free(&payload);
    return result;
}

/* Finds number |number| through its alias. STORE_CORRUPT when the answer is a wrong one.
 */
__attribute__((unused)) static int
number_find(struct store *store, const struct tenant *tenant, uint64_t number)
{
    uint8_t key[STORE_KEY_SIZE], alias[STORE_KEY_SIZE], found[STORE_KEY_SIZE];
    struct entry entry;
    number_key(number, 1, key);
    number_key(number, 2, alias);
    int result = store_find_alias(store, tenant, alias, found);
    if (result != STORE_OK)
        return result;
    if (memcmp(found, key, sizeof(key)) != 0)
        return STORE_CORRUPT;
    memset(found, 0, sizeof(found));
    result = number % 2 ? store_find(store, tenant, key, &entry)
                        : store_find_by_alias(store, tenant, alias, found, &entry);
    if (result == STORE_OK && number % 2 == 0 && memcmp(found, key, sizeof(key)) != 0)
        return STORE_CORRUPT;
    if (result != STORE_OK)
        return result;
    struct buffer payload = {0};
    number_payload(number, &payload);
    if (!span_equal(buffer_span(&payload), buffer_span(&entry.payload)) ||
        entry.label.created_ms != (int64_t)number)
        result = STORE_CORRUPT;
    buffer_free(&payload);
    entry_free(&entry);
    return result;
}

__attribute__((unused)) static int place_merge(struct place *place,
                                               struct merge_counts *counts)
{
    struct merge_options options = {.wait = true};
    struct merge_counts own;
    return store_merge(&place->paths, &options, counts ? counts : &own);
}

/* How many files in directory |path| begin with |first| (0: any but "." and ".."). */
__attribute__((unused)) static unsigned files_in(const char *path, char first)
{
    unsigned count = 0;
    DIR *stream = opendir(path);
    if (!stream)
        return 0;
    for (struct dirent *item; (item = readdir(stream));)
        if (first ? item->d_name[0] == first : item->d_name[0] != '.')
            count++;
    closedir(stream);
    return count;
}

/* How many descriptors this process has open. */
__attribute__((unused)) static unsigned open_descriptors(void)
{
    return files_in("/proc/self/fd", 0);
}

/* What the journal and the ledger add up to: everything with |verdict|, or 0 for all; in |out|
 * only the numbers count. Ends the test program when they cannot be read. */
__attribute__((unused)) static void place_sum(struct store *store, unsigned verdict,
                                              struct sums_row *out)
{
    struct sums *sums;
    struct sums_rules rules = {0};
    int result = store_sums(store, &rules, &sums, NULL);
    if (result != STORE_OK) {
        fprintf(stderr, "store_sums: %s\n", store_result_text(result));
        exit(2);
    }
    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < sums_count(sums); i++) {
        const struct sums_row *row = sums_at(sums, i);
        if (verdict && row->key.verdict != verdict)
            continue;
        out->calls += row->calls;
        out->saved_us += row->saved_us;
        out->tokens_in += row->tokens_in;
        out->tokens_out += row->tokens_out;
    }
    sums_free(sums);
}

__attribute__((unused)) static uint64_t place_calls(struct store *store, unsigned verdict)
{
    struct sums_row sum;
    place_sum(store, verdict, &sum);
    return sum.calls;
}

#endif
