/* SPDX-License-Identifier: MIT */
/* `prompt_cache = mark`: what upstream gets, what is recorded, and what shortage of memory does. */
#include "unit.h"

#include "shim/core/core.h"
#include "shim/core/exchange.h"
#include "store/memory.h"
#include "store/records.h"

#include <stdlib.h>
#include <unistd.h>

#define CHAT(TEXT)                                                                       \
    "{\"model\":\"gpt-4o\",\"temperature\":0,\"messages\":[{\"role\":\"user\","          \
    "\"content\":\"" TEXT "\"}]}"

static struct config *config(void)
{
    return (struct config *)(uintptr_t)core_config();
}

static struct exchange *begin(const char *body)
{
    struct header fields[] = {{span_text("Authorization"), span_text("Bearer key")},
                              {span_text("Content-Type"), span_text("application/json")}};
    struct request request = {.method = span_text("POST"),
                              .tls = true,
                              .host = span_text("api.openai.com"),
                              .port = 443,
                              .target = span_text("/v1/chat/completions"),
                              .headers = {fields, 2, 2},
                              .body = span_text(body)};
    return exchange_begin(&request, LEVEL_OPENSSL);
}

static void commit(struct exchange *exchange)
{
    struct header field = {span_text("Content-Type"), span_text("application/json")};
    struct response response = {
        .status = 200,
        .version = 11,
        .headers = {&field, 1, 1},
        .body =
            span_text("{\"id\":\"1\",\"object\":\"chat.completion\",\"model\":\"gpt-4o\","
                      "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
                      "\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}")};
    exchange_commit(exchange, &response, (struct span){0});
}

static bool is_miss(const struct exchange *exchange)
{
    return exchange && exchange_verdict(exchange) == VERDICT_IS_MISS;
}

/* It is |body| with a key in front. */
static bool is_marked(struct span sent, const char *body)
{
    size_t size = strlen("{\"prompt_cache_key\":\"") + 32 + strlen("\",");
    return span_starts(sent, "{\"prompt_cache_key\":\"") &&
           span_is(span_skip(sent, size), body + 1);
}

static bool note_tags(void *context, const struct journal_record *record)
{
    *(struct journal_record *)context = *record;
    return true;
}

static bool latest_has_tag(void)
{
    static struct journal_record record;
    const char *tag = JOURNAL_TAG_ADDED "prompt_cache_key";
    CHECK_INT(store_each_record(core_store(), note_tags, &record, NULL), STORE_OK);
    const char *at = NULL;
    while ((at = journal_next_tag(&record, at)) && strcmp(at, tag) != 0)
        ;
    return at;
}

static void test_marked(void)
{
    const char *body = CHAT("marked");
    config()->policy.prompt_cache = PROMPT_CACHE_MARK;
    struct exchange *exchange = begin(body);
    if (CHECK(is_miss(exchange))) {
        CHECK(is_marked(exchange_upstream_body(exchange), body));
        commit(exchange);
        CHECK(latest_has_tag());
    }
    exchange_free(exchange);
    exchange = begin(body);
    if (CHECK(exchange && exchange_verdict(exchange) == VERDICT_IS_HIT)) {
        CHECK(span_is(exchange_record(exchange)->request.body, body));
        exchange_served(exchange, 1, 2);
        CHECK(!latest_has_tag());
    }
    exchange_free(exchange);
}

static void test_unmarked(void)
{
    struct exchange *exchange = begin(CHAT("unmarked"));
    if (CHECK(is_miss(exchange))) {
        CHECK(exchange_unmark(exchange));
        CHECK_INT(exchange_upstream_body(exchange).size, 0);
        CHECK(!exchange_unmark(exchange));
        commit(exchange);
        CHECK(exchange_recorded(exchange));
        CHECK(!latest_has_tag());
    }
    exchange_free(exchange);
}

static void test_off(void)
{
    config()->policy.prompt_cache = PROMPT_CACHE_OFF;
    struct exchange *exchange = begin(CHAT("off"));
    if (CHECK(is_miss(exchange)))
        CHECK_INT(exchange_upstream_body(exchange).size, 0);
    exchange_free(exchange);
    config()->policy.prompt_cache = PROMPT_CACHE_MARK;
}

/* All of it or the program's own. */
static void test_short_memory(void)
{
    const char *body = CHAT("memory");
    unsigned marked = 0, plain = 0;
    for (unsigned long at = 1; at < 200 && !marked; at++) {
        memory_fail_from(at);
        struct exchange *exchange = begin(body);
        memory_fail_from(0);
        if (is_miss(exchange)) {
            struct span sent = exchange_upstream_body(exchange);
            plain += sent.size == 0;
            marked += is_marked(sent, body);
            CHECK(sent.size == 0 || is_marked(sent, body));
        }
        exchange_free(exchange);
    }
    CHECK(plain > 0);
    CHECK(marked > 0);
}

int main(void)
{
    char directory[] = "/tmp/preecho-unit-XXXXXX";
    if (!mkdtemp(directory))
        return 1;
    setenv("XDG_CACHE_HOME", directory, 1);
    setenv("XDG_CONFIG_HOME", directory, 1);
    unsetenv("PREECHO_STORE");
    unsetenv("PREECHO_MODE");
    unsetenv("PREECHO_SCOPE");
    unsetenv("PREECHO_STOCHASTIC");
    if (core_start() != 0)
        return 1;
    RUN(test_marked);
    RUN(test_unmarked);
    RUN(test_off);
    RUN(test_short_memory);
    char command[64];
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    return system(command) == 0 ? unit_end() : 1;
}
