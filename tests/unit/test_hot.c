/* SPDX-License-Identifier: MIT */
/* Requests that were made again and again without being kept. */
#include "unit.h"

#include "store/reason.h"
#include "tools/hot.h"

#include <stdlib.h>

static struct journal_record lost(uint8_t tenant, uint64_t number, uint8_t reason)
{
    struct journal_record record = {.time_ms = 5000,
                                    .verdict = VERDICT_BYPASS,
                                    .reason = reason,
                                    .tokens_in = 100,
                                    .usage_known = true,
                                    .program = "agent",
                                    .dialect = "openai",
                                    .operation = "chat",
                                    .model = "gpt-4o-mini",
                                    .host = "api.openai.com"};
    memset(record.tenant, tenant, sizeof(record.tenant));
    memcpy(record.request, &number, sizeof(record.request));
    return record;
}

static void add(struct hot_search *search, struct journal_record record)
{
    CHECK(hot_add(search, &record));
}

static struct hot_search search_with(struct prices **prices)
{
    unsigned line;
    if (prices_load(NULL, prices, &line) != STORE_OK)
        exit(2);
    return (struct hot_search){.quotes = quotes_new(*prices)};
}

static void search_end(struct hot_search *search, struct prices *prices)
{
    hot_free(search);
    quotes_free(search->quotes);
    prices_free(prices);
}

static void test_groups(void)
{
    struct prices *prices;
    struct hot_search search = search_with(&prices);
    struct journal_record hit = lost(1, 1, 0), kept = lost(1, 1, 0),
                          by_key = lost(1, 0, 0);
    hit.verdict = VERDICT_HIT;
    kept.verdict = VERDICT_MISS;
    kept.recorded = true;
    by_key.verdict = VERDICT_MISS;
    by_key.reason = REASON_STATUS;
    memset(by_key.key, 9, sizeof(by_key.key));
    add(&search, lost(1, 1, REASON_H2));
    add(&search, lost(1, 1, REASON_H2));
    add(&search, lost(1, 1, REASON_H2));
    add(&search, lost(2, 1, REASON_H2));         /* another tenant's */
    add(&search, lost(1, 1, REASON_LIVE_TOOLS)); /* for another reason */
    add(&search, lost(1, 2, REASON_H2));
    add(&search, lost(1, 0, REASON_H2)); /* nobody knows which */
    add(&search, hit);
    add(&search, kept);
    add(&search, by_key);
    add(&search, by_key);
    CHECK_INT(search.calls, 9);
    CHECK_INT(search.nameless, 1);
    CHECK_INT(hot_sort(&search), 2);
    CHECK_INT(search.places[0].calls, 3);
    CHECK_INT(search.places[0].tokens, 300);
    CHECK_INT(search.places[0].cost, 300 * 150000); /* 0.15 dollars a million */
    CHECK_INT(search.places[0].reason, REASON_H2);
    CHECK_TEXT(search.places[0].quote->model, "gpt-4o-mini");
    CHECK_TEXT(search.places[0].program, "agent");
    CHECK_INT(search.places[1].calls, 2);
    CHECK_INT(search.places[1].reason, REASON_STATUS);
    search_end(&search, prices);
}

static void test_span(void)
{
    struct prices *prices;
    struct hot_search search = search_with(&prices);
    search.since_ms = 5000;
    search.until_ms = 6000;
    struct journal_record record = lost(1, 1, REASON_H2);
    for (record.time_ms = 4999; record.time_ms <= 6000; record.time_ms++)
        add(&search, record);
    CHECK_INT(search.calls, 1000);
    CHECK_INT(search.oldest_ms, 4999);
    search_end(&search, prices);
}

/* Many of them, whose numbers follow on one another or differ in the high bits alone. */
static void test_many(void)
{
    struct prices *prices;
    struct hot_search search = search_with(&prices);
    for (unsigned round = 0; round < 2; round++)
        for (uint64_t i = 1; i <= 20000; i++)
            add(&search, lost(1, i % 2 ? i : i << 40, REASON_H2));
    CHECK_INT(search.used, 20000);
    CHECK(search.used * 3 <= search.capacity * 2 + 3);
    CHECK_INT(hot_sort(&search), 20000);
    for (size_t i = 0; i < 20000; i++)
        CHECK_INT(search.places[i].calls, 2);
    search_end(&search, prices);
}

static void test_none(void)
{
    struct prices *prices;
    struct hot_search search = search_with(&prices);
    CHECK_INT(hot_sort(&search), 0);
    search_end(&search, prices);
}

int main(void)
{
    RUN(test_groups);
    RUN(test_span);
    RUN(test_many);
    RUN(test_none);
    return unit_end();
}
