/* SPDX-License-Identifier: MIT */
/* Exchanges whose answers are drawn at random: kept once, skipped, asked without chance, or kept
 * several times. */
#include "unit.h"

#include "shim/core/core.h"
#include "shim/core/exchange.h"
#include "store/memory.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHAT(MORE, TEXT)                                                                 \
    "{" MORE "\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"" TEXT \
    "\"}]}"

static struct config *config(void)
{
    return (struct config *)(uintptr_t)core_config();
}

static void rule(enum stochastic stochastic, uint32_t samples)
{
    config()->policy.stochastic = stochastic;
    config()->policy.samples = samples;
    config()->keying[0] = stochastic == STOCHASTIC_ZERO;
}

static struct exchange *begin_as(const char *token, const char *field, const char *body)
{
    struct header fields[] = {{span_text("Authorization"), span_text(token)},
                              {span_text("Content-Type"), span_text("application/json")},
                              {span_text(field), span_text("x")}};
    struct request request = {.method = span_text("POST"),
                              .tls = true,
                              .host = span_text("api.openai.com"),
                              .port = 443,
                              .target = span_text("/v1/chat/completions"),
                              .headers = {fields, 3, 3},
                              .body = span_text(body)};
    return exchange_begin(&request, LEVEL_OPENSSL);
}

static struct exchange *begin(const char *body)
{
    return begin_as("Bearer key", "X-Nothing", body);
}

static enum verdict verdict_of(const struct exchange *exchange)
{
    return exchange ? exchange_verdict(exchange) : VERDICT_IS_BYPASS;
}

static void commit(struct exchange *exchange, unsigned status, int number)
{
    char body[300];
    struct header field = {span_text("Content-Type"), span_text("application/json")};
    snprintf(body, sizeof(body),
             "{\"id\":\"%d\",\"object\":\"chat.completion\",\"model\":\"gpt-4o\","
             "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
             "\"Hi\"},\"finish_reason\":\"stop\"}]}",
             number);
    struct response response = {.status = status,
                                .version = 11,
                                .headers = {&field, 1, 1},
                                .body = span_text(body)};
    exchange_commit(exchange, &response, (struct span){0});
}

/* The number of the answer that a hit brings. */
static int number_of(const struct exchange *exchange)
{
    const struct record *record = exchange_record(exchange);
    return atoi((const char *)record->response.body.at + strlen("{\"id\":\""));
}

#define MISS   (-1)
#define BYPASS (-2)

/* Asks; |number|: what upstream answers. What the program gets from the store, or MISS, BYPASS. */
static int ask_as(const char *token, const char *body, int number)
{
    struct exchange *exchange = begin_as(token, "X-Nothing", body);
    int got = BYPASS;
    if (verdict_of(exchange) == VERDICT_IS_HIT) {
        got = number_of(exchange);
        exchange_served(exchange, 1, 2);
    } else if (verdict_of(exchange) == VERDICT_IS_MISS) {
        got = MISS;
        commit(exchange, 200, number);
    }
    exchange_free(exchange);
    return got;
}

static int ask(const char *body, int number)
{
    return ask_as("Bearer key", body, number);
}

static void fail(const char *body, unsigned status)
{
    struct exchange *exchange = begin(body);
    if (CHECK(verdict_of(exchange) == VERDICT_IS_MISS))
        commit(exchange, status, 0);
    exchange_free(exchange);
}

/* -- first, skip -------------------------------------------------------------------------- */

static void test_first_and_skip(void)
{
    const char *drawn = CHAT("", "first"), *cold = CHAT("\"temperature\":0,", "first");
    rule(STOCHASTIC_FIRST, 3);
    CHECK_INT(ask(drawn, 1), MISS);
    CHECK_INT(ask(drawn, 2), 1);
    CHECK_INT(ask(cold, 3), MISS);
    rule(STOCHASTIC_SKIP, 3);
    CHECK_INT(ask(drawn, 4), BYPASS);
    CHECK_INT(ask(cold, 5), 3);
    rule(STOCHASTIC_FIRST, 3);
    CHECK_INT(ask(drawn, 6), 1);
}

/* -- zero --------------------------------------------------------------------------------- */

static bool upstream_gets(const struct exchange *exchange, const char *body)
{
    return span_is(exchange_upstream_body(exchange), body);
}

static void test_zero(void)
{
    const char *drawn = CHAT("", "zero"), *cold = CHAT("\"temperature\":0,", "zero");
    const char *warm = CHAT("\"temperature\":0.7,", "zero");
    rule(STOCHASTIC_FIRST, 3);
    CHECK_INT(ask(drawn, 1), MISS);
    rule(STOCHASTIC_ZERO, 3);
    struct exchange *exchange = begin(drawn);
    if (!CHECK(verdict_of(exchange) == VERDICT_IS_MISS)) /* not what was drawn */
        return;
    CHECK(upstream_gets(exchange, cold));
    commit(exchange, 200, 2);
    exchange_free(exchange);
    CHECK_INT(ask(drawn, 3), 2); /* by its alias */
    CHECK_INT(ask(cold, 3), 2);
    CHECK_INT(ask(warm, 3), 2); /* by its key */
    CHECK_INT(ask(warm, 3), 2);
    rule(STOCHASTIC_FIRST, 3);
    CHECK_INT(ask(drawn, 3), 1);
    CHECK_INT(ask(cold, 3), 2);
    CHECK_INT(ask(warm, 4), MISS);
    exchange = begin(CHAT("", "as it is"));
    if (CHECK(verdict_of(exchange) == VERDICT_IS_MISS))
        CHECK_INT(exchange_upstream_body(exchange).size, 0);
    exchange_free(exchange);
}

/* Aliases of other rules lead nowhere, even when nobody has told them apart. */
static void test_zero_takes_nothing_drawn(void)
{
    const char *drawn = CHAT("", "alias");
    rule(STOCHASTIC_FIRST, 3);
    CHECK_INT(ask(drawn, 1), MISS);
    rule(STOCHASTIC_ZERO, 3);
    config()->keying[0] = 0;
    CHECK_INT(ask(drawn, 2), MISS);
    CHECK_INT(ask(drawn, 3), 2);
}

static void test_zero_and_what_cannot_be(void)
{
    rule(STOCHASTIC_ZERO, 3);
    struct exchange *exchange = begin_as("Bearer key", "Content-MD5", CHAT("", "signed"));
    CHECK_INT(verdict_of(exchange), VERDICT_IS_BYPASS);
    exchange_free(exchange);
    exchange =
        begin_as("Bearer key", "Content-MD5", CHAT("\"temperature\":0,", "signed"));
    CHECK_INT(verdict_of(exchange), VERDICT_IS_MISS);
    exchange_free(exchange);
    CHECK_INT(ask("{\"model\":\"o3\",\"messages\":[]}", 1), BYPASS);
    config()->policy.mode = MODE_OBSERVE;
    exchange = begin(CHAT("", "observed"));
    if (CHECK(verdict_of(exchange) == VERDICT_IS_MISS))
        CHECK_INT(exchange_upstream_body(exchange).size, 0);
    exchange_free(exchange);
    config()->policy.mode = MODE_AUTO;
}

static void test_zero_with_short_memory(void)
{
    const char *drawn = CHAT("", "memory");
    bool missed = false;
    rule(STOCHASTIC_ZERO, 3);
    for (unsigned long at = 1; at < 200 && !missed; at++) {
        memory_fail_from(at);
        struct exchange *exchange = begin(drawn);
        memory_fail_from(0);
        missed = verdict_of(exchange) == VERDICT_IS_MISS;
        if (missed) /* never one that would go out unchanged */
            CHECK(upstream_gets(exchange, CHAT("\"temperature\":0,", "memory")));
        exchange_free(exchange);
    }
    CHECK(missed);
}

/* -- samples ------------------------------------------------------------------------------ */

static void test_samples(void)
{
    const char *drawn = CHAT("", "samples"),
               *other = CHAT("\"temperature\":1,", "samples");
    const char *cold = CHAT("\"temperature\":0,", "samples");
    rule(STOCHASTIC_SAMPLES, 3);
    CHECK_INT(ask(drawn, 10), MISS);
    CHECK_INT(ask(drawn, 11), MISS);
    CHECK_INT(ask(drawn, 12), MISS);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 3; i++)
            CHECK_INT(ask(drawn, 99), 10 + i);
    CHECK_INT(ask(other, 20), MISS); /* another key, another count */
    CHECK_INT(ask(drawn, 99), 10);
    CHECK_INT(ask(cold, 30), MISS); /* not drawn: one answer */
    CHECK_INT(ask(cold, 31), 30);
    CHECK_INT(ask(cold, 31), 30);
    rule(STOCHASTIC_FIRST, 3);
    CHECK_INT(ask(drawn, 99), 10);
    CHECK_INT(ask(drawn, 99), 10);
}

static void test_samples_go_on_from_the_first(void)
{
    const char *drawn = CHAT("", "grow");
    rule(STOCHASTIC_FIRST, 3);
    CHECK_INT(ask(drawn, 1), MISS);
    rule(STOCHASTIC_SAMPLES, 2);
    CHECK_INT(ask(drawn, 2), 1);
    CHECK_INT(ask(drawn, 2), MISS);
    rule(STOCHASTIC_SAMPLES, 3);
    CHECK_INT(ask(drawn, 3), MISS);
    CHECK_INT(ask(drawn, 4), 1);
    CHECK_INT(ask(drawn, 4), 2);
    CHECK_INT(ask(drawn, 4), 3);
    rule(STOCHASTIC_SAMPLES, 0); /* nonsense: one */
    CHECK_INT(ask(drawn, 4), 1);
    CHECK_INT(ask(drawn, 4), 1);
}

/* Other spellings of a request share its count; other people do not. */
static void test_samples_are_counted_by_key(void)
{
    const char *drawn = CHAT("", "spelled"), *spelled = " " CHAT("", "spelled");
    rule(STOCHASTIC_SAMPLES, 3);
    CHECK_INT(ask(drawn, 1), MISS);
    CHECK_INT(ask(spelled, 2), MISS);
    CHECK_INT(ask(drawn, 3), MISS);
    CHECK_INT(ask(spelled, 9), 1);
    CHECK_INT(ask(spelled, 9), 2);
    CHECK_INT(ask(drawn, 9), 3);
    CHECK_INT(ask_as("Bearer other", drawn, 5), MISS); /* its first recording of all */
    CHECK_INT(ask_as("Bearer other", drawn, 6), MISS);
    CHECK_INT(ask_as("Bearer other", drawn, 7), MISS);
    CHECK_INT(ask_as("Bearer other", drawn, 9), 5);
    CHECK_INT(ask_as("Bearer other", drawn, 9), 6);
}

static void test_failures_take_no_place(void)
{
    const char *drawn = CHAT("", "fails");
    rule(STOCHASTIC_SAMPLES, 2);
    fail(drawn, 500);
    CHECK_INT(ask(drawn, 1), MISS);
    fail(drawn, 429);
    exchange_free(begin(drawn)); /* the program gives up */
    CHECK_INT(ask(drawn, 2), MISS);
    CHECK_INT(ask(drawn, 9), 1);
    CHECK_INT(ask(drawn, 9), 2);
}

/* Three at once: each its own place; the one in the middle fails. */
static void test_samples_at_once(void)
{
    const char *drawn = CHAT("", "at once");
    struct exchange *exchanges[3];
    rule(STOCHASTIC_SAMPLES, 3);
    for (int i = 0; i < 3; i++)
        exchanges[i] = begin(drawn);
    for (int i = 2; i >= 0; i--) {
        if (CHECK(verdict_of(exchanges[i]) == VERDICT_IS_MISS))
            commit(exchanges[i], i == 1 ? 500 : 200, i);
        exchange_free(exchanges[i]);
    }
    CHECK_INT(ask(drawn, 9), 0);
    CHECK_INT(ask(drawn, 7), MISS);
    CHECK_INT(ask(drawn, 9), 2);
    CHECK_INT(ask(drawn, 9), 0);
    CHECK_INT(ask(drawn, 9), 7);
}

static void test_samples_in_replay_mode(void)
{
    const char *drawn = CHAT("", "replayed");
    rule(STOCHASTIC_SAMPLES, 3);
    CHECK_INT(ask(drawn, 1), MISS);
    CHECK_INT(ask(drawn, 2), MISS);
    config()->mode = config()->policy.mode = MODE_REPLAY;
    struct exchange *exchange = begin(drawn); /* the third is missing */
    if (CHECK(verdict_of(exchange) == VERDICT_IS_HIT))
        CHECK(exchange_mark(exchange).denied);
    exchange_free(exchange);
    config()->mode = config()->policy.mode = MODE_AUTO;
    CHECK_INT(ask(drawn, 3), MISS);
    config()->mode = config()->policy.mode = MODE_REPLAY;
    for (int i = 0; i < 6; i++)
        CHECK_INT(ask(drawn, 9), i % 3 + 1);
    config()->mode = config()->policy.mode = MODE_AUTO;
}

static void test_samples_with_short_memory(void)
{
    const char *drawn = CHAT("", "short");
    rule(STOCHASTIC_SAMPLES, 2);
    CHECK_INT(ask(drawn, 1), MISS);
    CHECK_INT(ask(drawn, 2), MISS);
    bool hit = false;
    for (unsigned long at = 1; at < 200 && !hit; at++) {
        memory_fail_from(at);
        struct exchange *exchange = begin(drawn);
        memory_fail_from(0);
        hit = verdict_of(exchange) == VERDICT_IS_HIT;
        if (hit)
            CHECK_INT(number_of(exchange), 1);
        exchange_free(exchange);
    }
    CHECK(hit);
    CHECK_INT(ask(drawn, 9), 2);
}

static void test_seed_and_n(void)
{
    rule(STOCHASTIC_FIRST, 3);
    CHECK_INT(ask(CHAT("\"seed\":1,", "more"), 1), MISS);
    CHECK_INT(ask(CHAT("\"seed\":2,", "more"), 2), MISS);
    CHECK_INT(ask(CHAT("\"n\":2,", "more"), 3), MISS);
    CHECK_INT(ask(CHAT("\"seed\":1,", "more"), 9), 1);
    CHECK_INT(ask(CHAT("\"seed\":2,", "more"), 9), 2);
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
    RUN(test_first_and_skip);
    RUN(test_zero);
    RUN(test_zero_takes_nothing_drawn);
    RUN(test_zero_and_what_cannot_be);
    RUN(test_zero_with_short_memory);
    RUN(test_samples);
    RUN(test_samples_go_on_from_the_first);
    RUN(test_samples_are_counted_by_key);
    RUN(test_failures_take_no_place);
    RUN(test_samples_at_once);
    RUN(test_samples_in_replay_mode);
    RUN(test_samples_with_short_memory);
    RUN(test_seed_and_n);
    char command[64];
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    return system(command) == 0 ? unit_end() : 1;
}
