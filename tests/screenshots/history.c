/* SPDX-License-Identifier: MIT */
/* Fills a store with calls that nobody has made, through the same functions as a host process: for
 * screenshots, and for tests of whatever prints figures. The same arguments give the same calls.
 *
 * usage: history STORE CONFIG day AGE    one day of a plausible past, AGE days ago, with entries
 *        history STORE CONFIG one        a single call
 *        history STORE CONFIG models N   N models with odd names; figures from 0 to 2^62
 *        history STORE CONFIG calls N    N calls within the last 90 days, every kind of them
 *        history STORE CONFIG spread N   N days, a call on each */
#include "store/reason.h"
#include "store/store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define CHECK(condition)                                                                 \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            fprintf(stderr, "history: %s failed\n", #condition);                         \
            exit(1);                                                                     \
        }                                                                                \
    } while (0)

#define DAY_MS  86400000LL
#define PAYLOAD 24000

static uint64_t state;

/* 0 up to |below|, by a linear congruence (Knuth's MMIX). */
static uint64_t draw(uint64_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % below;
}

static double chance(void)
{
    return (double)draw(1000000) / 1e6;
}

/* Times and sizes lie around |middle|, now and then far above. */
static uint64_t around(double middle)
{
    double sum = 0;
    for (int i = 0; i < 6; i++)
        sum += chance();
    return (uint64_t)(middle * exp((sum - 3) * 0.9));
}

static const struct source {
    const char *program, *dialect, *operation, *model, *host;
    unsigned share; /* of 100 calls */
    double in, out, first_ms, last_ms;
    double cached; /* share of the input */
} sources[] = {
    {"agent.py", "openai", "chat", "gpt-4o-mini", "api.openai.com", 34, 2400, 380, 420,
     3100, 0.45},
    {"review", "anthropic", "messages", "claude-sonnet-4-5", "api.anthropic.com", 18,
     9200, 900, 900, 14000, 0.7},
    {"agent.py", "openai", "chat", "gpt-4o", "api.openai.com", 12, 3100, 520, 600, 6200,
     0.3},
    {"indexer", "openai", "embeddings", "text-embedding-3-small", "api.openai.com", 20,
     640, 0, 180, 190, 0},
    {"node", "gemini", "generate", "gemini-2.5-flash",
     "generativelanguage.googleapis.com", 11, 1800, 600, 380, 2600, 0.2},
    {"curl", "compatible", "chat", "our-own-finetune-2", "llm.example.com", 5, 900, 200,
     250, 1900, 0},
};
#define SOURCES (sizeof(sources) / sizeof(*sources))

static int64_t now_ms(void)
{
    return (int64_t)time(NULL) * 1000;
}

static const struct source *draw_source(void)
{
    unsigned at = (unsigned)draw(100), sum = 0;
    for (size_t i = 0; i < SOURCES; i++) {
        sum += sources[i].share;
        if (at < sum)
            return &sources[i];
    }
    return &sources[0];
}

static struct journal_record from_source(const struct source *source)
{
    struct journal_record record = {.port = 443,
                                    .status = 200,
                                    .pid = (uint32_t)(1000 + draw(9000)),
                                    .verdict = VERDICT_MISS,
                                    .layer = LAYER_EXACT,
                                    .level = LEVEL_OPENSSL,
                                    .recorded = true,
                                    .usage_known = true,
                                    .stream = source->out > 0 && draw(3) == 0};
    record.tokens_in = around(source->in);
    record.tokens_out = source->out > 0 ? around(source->out) : 0;
    record.first_byte_us = around(source->first_ms * 1000);
    record.last_byte_us = record.first_byte_us + around(source->last_ms * 1000);
    record.lookup_us = 12 + draw(20);
    record.request_bytes = record.tokens_in * 4;
    record.response_bytes = 400 + record.tokens_out * 5;
    if (chance() < source->cached)
        record.tokens_cached =
            (uint64_t)((double)record.tokens_in * (0.5 + chance() / 2.5));
    snprintf(record.program, sizeof(record.program), "%s", source->program);
    snprintf(record.dialect, sizeof(record.dialect), "%s", source->dialect);
    snprintf(record.operation, sizeof(record.operation), "%s", source->operation);
    snprintf(record.model, sizeof(record.model), "%s", source->model);
    snprintf(record.host, sizeof(record.host), "%s", source->host);
    snprintf(record.tags, sizeof(record.tags), "git:shop");
    return record;
}

static void name(struct journal_record *record, uint64_t number)
{
    memset(record->tenant, 7, sizeof(record->tenant));
    number = (number + 1) * 0x9e3779b97f4a7c15u;
    memcpy(record->request, &number, sizeof(record->request));
    memcpy(record->key, &number, sizeof(number));
}

static void make_hit(struct journal_record *record)
{
    record->verdict = VERDICT_HIT;
    record->recorded = false;
    record->recorded_first_byte_us = record->first_byte_us;
    record->recorded_last_byte_us = record->last_byte_us;
    record->first_byte_us = around(70);
    record->last_byte_us = record->first_byte_us + around(60);
    record->coalesced = draw(40) == 0;
}

/* Why now and then nothing is kept; few requests, again and again. */
static void make_lost(struct journal_record *record)
{
    static const uint8_t reasons[] = {REASON_LIVE_TOOLS,    REASON_STATEFUL,
                                      REASON_REMOTE_OBJECT, REASON_NO_TERMINAL_EVENT,
                                      REASON_STATUS,        REASON_H2};
    unsigned which = (unsigned)draw(6);
    record->reason = reasons[which];
    record->recorded = false;
    record->verdict = which < 3 || which == 5 ? VERDICT_BYPASS : VERDICT_MISS;
    record->layer = record->verdict == VERDICT_BYPASS ? LAYER_NONE : LAYER_EXACT;
    record->usage_known = which != 4;
    record->usage_estimated = which == 5;
    if (which == 4) {
        record->status = 429;
        record->tokens_in = record->tokens_out = record->tokens_cached = 0;
    }
    name(record, draw(9));
}

static struct journal_record draw_record(double hit_share)
{
    struct journal_record record = from_source(draw_source());
    name(&record, 1000 + draw(1000000));
    double kind = chance();
    if (kind < 0.09)
        make_lost(&record);
    else if (kind < 0.09 + 0.91 * hit_share)
        make_hit(&record);
    if (draw(25) == 0 && record.usage_known)
        record.usage_estimated = true;
    if (record.usage_estimated)
        record.usage_known = false;
    return record;
}

static void add_entry(struct store *store, const struct tenant *tenant,
                      const struct journal_record *record)
{
    static uint8_t payload[PAYLOAD]; /* noise, which does not compress */
    struct entry_label label = {.port = 443,
                                .status = 200,
                                .usage_known = true,
                                .created_ms = record->time_ms,
                                .first_byte_us = record->first_byte_us,
                                .last_byte_us = record->last_byte_us,
                                .tokens_in = record->tokens_in,
                                .tokens_out = record->tokens_out,
                                .ttl_s = UINT64_MAX};
    memcpy(label.model, record->model, sizeof(label.model));
    memcpy(label.host, record->host, sizeof(label.host));
    memcpy(label.dialect, record->dialect, sizeof(label.dialect));
    memcpy(label.operation, record->operation, sizeof(label.operation));
    for (size_t i = 0; i < sizeof(payload); i++)
        payload[i] = (uint8_t)draw(256);
    CHECK(store_record(store, tenant, record->key, NULL, &label, NULL,
                       span_of(payload, 4000 + draw(PAYLOAD - 4000))) == STORE_OK);
}

/* Working hours have more calls, week-ends fewer; what is known grows. */
static void add_day(struct store *store, unsigned age)
{
    struct tenant tenant;
    int64_t midnight = now_ms() / DAY_MS * DAY_MS - age * DAY_MS;
    int64_t begin = midnight + DAY_MS / 3, end = midnight + DAY_MS * 4 / 5;
    if (end > now_ms()) { /* today is not over yet */
        begin = begin < now_ms() ? begin : midnight;
        end = now_ms();
    }
    unsigned weekday = (unsigned)((midnight / DAY_MS + 3) % 7);
    unsigned calls = weekday < 5 ? 90 + (unsigned)draw(60) : 15 + (unsigned)draw(15);
    double share = 0.80 - 0.6 * exp(-(60.0 - age) / 18) + 0.08 * (chance() - 0.5);
    CHECK(store_tenant(store, span_text("demo"), true, &tenant) == STORE_OK);
    for (unsigned i = 0; i < calls; i++) {
        struct journal_record record = draw_record(share);
        record.time_ms = begin + (end - begin) * i / calls;
        store_journal(store, &record);
        if (record.verdict == VERDICT_MISS && record.recorded)
            add_entry(store, &tenant, &record);
    }
}

static void add_calls(struct store *store, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        struct journal_record record = draw_record(0.6);
        record.time_ms = now_ms() - (int64_t)draw(90) * DAY_MS - (int64_t)draw(DAY_MS);
        store_journal(store, &record);
    }
}

/* Names as long as they may be, of the widest letters, of what HTML minds, of no letters at all. */
static void odd_name(char model[96], uint64_t number)
{
    static const char *const names[] = {
        "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"
        "WWWWWWWW",
        "<script>alert('1')</script><img src=x onerror=\"alert(2)\">&amp;&lt;",
        "\xe6\xa8\xa1\xe5\x9e\x8b\xe6\xa8\xa1\xe5\x9e\x8b\xe6\xa8\xa1\xe5\x9e\x8b\xe6\xa8"
        "\xa1"
        "\xe5\x9e\x8b\xe6\xa8\xa1\xe5\x9e\x8b\xe6\xa8\xa1\xe5\x9e\x8b\xe6\xa8\xa1\xe5\x9e"
        "\x8b"
        "\xe6\xa8\xa1\xe5\x9e\x8b\xe6\xa8\xa1\xe5\x9e\x8b\xe6\xa8\xa1\xe5\x9e\x8b\xe6\xa8"
        "\xa1",
        "no\x01 \xff\xfe text\x1b[31m\xc2\x9b",
        "gpt-4o-mini",
        "",
        "]]><!--\"' style='position:fixed'",
    };
    if (number < sizeof(names) / sizeof(*names))
        snprintf(model, 96, "%s", names[number]);
    else
        snprintf(model, 96,
                 "gpt-4o-of-a-team-that-likes-long-names-and-numbers-them-%llu",
                 (unsigned long long)number);
}

static void add_models(struct store *store, uint64_t count)
{
    for (uint64_t i = 0; i < 12 * count; i++) {
        struct journal_record record = draw_record(0.5);
        odd_name(record.model, i % count);
        snprintf(record.dialect, sizeof(record.dialect), "openai");
        snprintf(record.host, sizeof(record.host), "%s",
                 i % count == 1 ? "<b onclick=\"x\">host</b>" : "api.openai.com");
        snprintf(record.program, sizeof(record.program), "%s",
                 i % 7 ? "agent.py" : "<i>prog'\"&");
        record.tokens_in = i % 5 ? draw(50) : UINT64_C(1) << (i % 63);
        record.tokens_cached = record.tokens_in / 2;
        record.last_byte_us = i % 11 ? record.last_byte_us : UINT64_C(1) << (i % 50);
        record.time_ms = now_ms() - (int64_t)draw(5 * 3600000);
        store_journal(store, &record);
    }
}

static void add_spread(struct store *store, uint64_t days)
{
    for (uint64_t i = 0; i < days; i++) {
        struct journal_record record = draw_record(0.5);
        record.time_ms = now_ms() - (int64_t)i * DAY_MS;
        store_journal(store, &record);
    }
}

int main(int count, char **arguments)
{
    struct store *store;
    CHECK(count >= 4);
    struct store_paths paths = {arguments[1], arguments[2]};
    uint64_t number = count > 4 ? strtoull(arguments[4], NULL, 10) : 1;
    state = 20261127 + number;
    CHECK(store_open(&store, &paths) == STORE_OK);
    if (strcmp(arguments[3], "day") == 0)
        add_day(store, (unsigned)number);
    else if (strcmp(arguments[3], "models") == 0)
        add_models(store, number);
    else if (strcmp(arguments[3], "calls") == 0)
        add_calls(store, number);
    else
        add_spread(store, number);
    store_close(store);
    return 0;
}
