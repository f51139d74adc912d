/* SPDX-License-Identifier: MIT */
/* For tests of figures: random records, and rows in an order that can be compared. */
#ifndef TESTS_UNIT_FIGURES_H
#define TESTS_UNIT_FIGURES_H

#include "store/reason.h"
#include "store/segment.h"
#include "store_place.h"

#define HOUR_MS ((int64_t)3600 * 1000)
#define DAY_MS  (24 * HOUR_MS)

/* A call at |time_ms|; calls draw from few values, so that rows have several of them. */
__attribute__((unused)) static struct journal_record figures_record(int64_t time_ms)
{
    static const char *const tags[] = {"test:a.py::one", "test:b.py::two", "git:preecho",
                                       "run:77", "doc:42"};
    static const uint8_t verdicts[] = {VERDICT_HIT, VERDICT_MISS, VERDICT_BYPASS,
                                       VERDICT_STALE, VERDICT_OBSERVED};
    struct journal_record record = {.time_ms = time_ms};
    record.verdict = verdicts[rand() % 5];
    record.layer = rand() % 4 ? LAYER_EXACT : LAYER_NONE;
    record.reason = rand() % 3 ? REASON_NONE : REASON_STATUS;
    record.level = rand() % 2 ? LEVEL_OPENSSL : LEVEL_LIBCURL;
    record.recorded = record.verdict == VERDICT_MISS && rand() % 2;
    record.stream = rand() % 2;
    record.coalesced = rand() % 8 == 0;
    record.usage_known = rand() % 2;
    record.usage_estimated = !record.usage_known && rand() % 2;
    record.lookup_us = (uint64_t)rand() % 100;
    record.first_byte_us = (uint64_t)rand() >> (rand() % 31);
    record.last_byte_us = record.first_byte_us + (uint64_t)rand() % 1000000;
    record.recorded_first_byte_us = (uint64_t)rand() % 1000000;
    record.recorded_last_byte_us = (uint64_t)rand() % 3000000;
    record.tokens_in = (uint64_t)rand() % 5000;
    record.tokens_out = (uint64_t)rand() % 900;
    record.tokens_cached = record.tokens_in / 2;
    record.tokens_cache_write = (uint64_t)rand() % 100;
    record.request_bytes = (uint64_t)rand() % 60000;
    record.response_bytes = (uint64_t)rand() % 60000;
    record.tenant[0] = (uint8_t)(rand() % 2);
    snprintf(record.program, sizeof(record.program), "program-%d", rand() % 2);
    snprintf(record.dialect, sizeof(record.dialect), "openai");
    snprintf(record.operation, sizeof(record.operation), "%s",
             rand() % 8 ? "chat" : "embeddings");
    snprintf(record.model, sizeof(record.model), "model-%d", rand() % 3);
    snprintf(record.host, sizeof(record.host), "host-%d.example", rand() % 2);
    size_t used = 0;
    for (int i = rand() % 4; i > 0; i--) {
        const char *tag = tags[rand() % 5];
        memcpy(record.tags + used, tag, strlen(tag) + 1);
        used += strlen(tag) + 1;
    }
    return record;
}

static int figures_order(const void *a, const void *b)
{
    const struct sums_row *left = a, *right = b;
    return memcmp(&left->key, &right->key, sizeof(left->key));
}

/* All rows, by key; |*count| says how many. free() them. */
__attribute__((unused)) static struct sums_row *
figures_rows(struct store *store, const struct sums_rules *rules, size_t *count)
{
    struct sums *sums;
    int result = store_sums(store, rules, &sums, NULL);
    if (result != STORE_OK) {
        fprintf(stderr, "store_sums: %s\n", store_result_text(result));
        exit(2);
    }
    *count = sums_count(sums);
    struct sums_row *rows = calloc(*count + 1, sizeof(*rows));
    for (size_t i = 0; i < *count; i++)
        memcpy(&rows[i], sums_at(sums, i), sizeof(*rows));
    qsort(rows, *count, sizeof(*rows), figures_order);
    sums_free(sums);
    return rows;
}

__attribute__((unused)) static bool figures_equal(const struct sums_row *left,
                                                  size_t left_count,
                                                  const struct sums_row *right,
                                                  size_t right_count)
{
    size_t numbers = offsetof(struct sums_row, calls);
    if (left_count != right_count)
        return false;
    for (size_t i = 0; i < left_count; i++)
        if (memcmp(&left[i].key, &right[i].key, sizeof(left[i].key)) != 0 ||
            memcmp((const char *)&left[i] + numbers, (const char *)&right[i] + numbers,
                   sizeof(*left) - numbers) != 0)
            return false;
    return true;
}

#endif
