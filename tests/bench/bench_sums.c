/* SPDX-License-Identifier: MIT */
/* What adding up a journal costs, beside reading its files.
 * Usage: bench_sums STORE-DIRECTORY CONFIG-DIRECTORY. Prints medians in milliseconds. */
#include "store/segment.h"
#include "store/sums.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 9

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int order(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static double median(double *samples)
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

static double read_files(const char *store)
{
    double samples[ROUNDS];
    struct path journal;
    struct buffer list = {0}, content = {0};
    struct segment_header header;
    if (!path_join(&journal, store, "journal"))
        exit(1);
    must(segment_list(journal.text, &list), "list");
    for (int round = 0; round < ROUNDS; round++) {
        double begin = now_ms();
        for (size_t i = 0; i < list.size; i += sizeof(uint64_t)) {
            uint64_t sequence;
            memcpy(&sequence, list.at + i, sizeof(sequence));
            must(segment_read(journal.text, sequence, &content, &header), "read");
        }
        samples[round] = now_ms() - begin;
    }
    buffer_free(&list);
    buffer_free(&content);
    return median(samples);
}

static double add_up(struct store *store, bool tags, size_t *rows,
                     struct journal_state *state)
{
    double samples[ROUNDS];
    struct sums_rules rules = {.tags = tags};
    for (int round = 0; round < ROUNDS; round++) {
        struct sums *sums;
        *state = (struct journal_state){0};
        double begin = now_ms();
        must(store_sums(store, &rules, &sums, state), "sums");
        samples[round] = now_ms() - begin;
        *rows = sums_count(sums);
        sums_free(sums);
    }
    return median(samples);
}

int main(int argc, char **argv)
{
    struct store *store;
    struct journal_state state;
    size_t rows, tagged;
    if (argc != 3) {
        fprintf(stderr, "usage: bench_sums STORE-DIRECTORY CONFIG-DIRECTORY\n");
        return 64;
    }
    must(store_open(&store, &(struct store_paths){argv[1], argv[2]}), "open");
    double plain = add_up(store, false, &rows, &state);
    double with_tags = add_up(store, true, &tagged, &state);
    double reading = read_files(argv[1]);
    printf("%llu records: %.0f ms, %zu rows; with tags %.0f ms, %zu rows; "
           "reading the files by one thread %.0f ms\n",
           (unsigned long long)state.records, plain, rows, with_tags, tagged, reading);
    store_close(store);
    return 0;
}
