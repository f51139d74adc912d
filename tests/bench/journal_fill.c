/* SPDX-License-Identifier: MIT */
/* Fills a journal as some months of work would: programs and models that change with the day,
 * tests, misses that become hits. The same arguments give the same records.
 * Usage: journal_fill STORE-DIRECTORY SEGMENTS [END-SECONDS] */
#include "store/files.h"
#include "store/journal.h"
#include "store/reason.h"
#include "store/segment.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define DAYS 30

static uint64_t state = 1;

static uint64_t draw(uint64_t below)
{
    state = state * 6364136223846793005 + 1442695040888963407;
    return (state >> 33) % below;
}

/* Who calls what: a program has its models, and one way to the network. */
static const struct caller {
    const char *program, *operation, *model, *dialect;
    uint8_t tenant, level, weight;
} callers[] = {
    {"python3", "chat.completions", "gpt-4o-mini", "openai", 1, LEVEL_OPENSSL, 40},
    {"python3", "chat.completions", "gpt-4.1", "openai", 1, LEVEL_OPENSSL, 15},
    {"python3", "embeddings", "text-embedding-3-small", "openai", 1, LEVEL_OPENSSL, 20},
    {"python3", "messages", "claude-sonnet-4-5", "anthropic", 2, LEVEL_OPENSSL, 10},
    {"node", "messages", "claude-sonnet-4-5", "anthropic", 2, LEVEL_OPENSSL, 10},
    {"curl", "chat.completions", "gpt-4o-mini", "openai", 1, LEVEL_LIBCURL, 5},
};

static void who(struct journal_record *record)
{
    const struct caller *caller = callers;
    for (uint64_t at = draw(100); at >= caller->weight; caller++)
        at -= caller->weight;
    record->tenant[0] = caller->tenant;
    record->pid = (uint32_t)(1000 + draw(30000));
    record->port = 443;
    record->level = caller->level;
    snprintf(record->program, sizeof(record->program), "%s", caller->program);
    snprintf(record->operation, sizeof(record->operation), "%s", caller->operation);
    snprintf(record->model, sizeof(record->model), "%s", caller->model);
    snprintf(record->dialect, sizeof(record->dialect), "%s", caller->dialect);
    snprintf(record->host, sizeof(record->host), "api.%s.com", caller->dialect);
}

static void what(struct journal_record *record)
{
    uint64_t kind = draw(100);
    record->verdict = kind < 60 ? VERDICT_HIT : kind < 95 ? VERDICT_MISS : VERDICT_BYPASS;
    record->layer = record->verdict == VERDICT_HIT ? LAYER_EXACT : LAYER_NONE;
    record->recorded = record->verdict == VERDICT_MISS && kind < 90;
    record->reason = kind >= 95   ? REASON_STATEFUL
                     : kind >= 90 ? REASON_STATUS
                                  : REASON_NONE;
    record->status = record->reason == REASON_STATUS ? 429 : 200;
    record->usage_known = kind < 90;
    uint64_t slow = 200000 + draw(3000000);
    record->lookup_us = 15 + draw(30);
    record->last_byte_us = record->verdict == VERDICT_HIT ? 20 + draw(100) : slow;
    record->first_byte_us = record->last_byte_us / 2;
    if (record->verdict == VERDICT_HIT) {
        record->recorded_last_byte_us = slow;
        record->recorded_first_byte_us = slow / 2;
    }
    record->tokens_in = 50 + draw(4000);
    record->tokens_out = 10 + draw(800);
    record->tokens_cached = draw(3) ? 0 : record->tokens_in / 2;
    record->stream = draw(2);
    record->request_bytes = record->tokens_in * 4;
    record->response_bytes = record->tokens_out * 4;
    for (size_t i = 0; i < sizeof(record->key); i++)
        record->key[i] = (uint8_t)draw(256);
}

static void tags(struct journal_record *record)
{
    int used = snprintf(record->tags, sizeof(record->tags),
                        "git:project-%u%c"
                        "test:tests/test_%u.py::one",
                        (unsigned)draw(3), 0, (unsigned)draw(200));
    record->tags[used + 1] = 0;
}

int main(int argc, char **argv)
{
    struct journal journal = {0};
    struct path directory;
    if (argc < 3 || !path_join(&directory, argv[1], "journal")) {
        fprintf(stderr, "usage: journal_fill STORE-DIRECTORY SEGMENTS [END-SECONDS]\n");
        return 64;
    }
    uint64_t count = strtoull(argv[2], NULL, 10) * SEGMENT_CAPACITY;
    int64_t end = argc > 3 ? strtoll(argv[3], NULL, 10) : (int64_t)time(NULL);
    int64_t begin = (end - (int64_t)DAYS * 86400) * 1000;
    for (uint64_t i = 0; i < count; i++) {
        struct journal_record record = {0};
        record.time_ms =
            begin + (int64_t)((double)i / (double)count * DAYS * 86400 * 1000);
        who(&record);
        what(&record);
        tags(&record);
        journal_add(&journal, directory.text, &record);
    }
    journal_close(&journal);
    if (journal.lost)
        fprintf(stderr, "journal_fill: %llu records could not be written\n",
                (unsigned long long)journal.lost);
    return journal.lost != 0;
}
