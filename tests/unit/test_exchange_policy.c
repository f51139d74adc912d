/* SPDX-License-Identifier: MIT */
/* What the rules make of exchanges: modes, times to live, versions, changed models, answers that
 * refuse. The policy is set as the configuration would have it. */
#include "unit.h"

#include "shim/core/core.h"
#include "shim/core/exchange.h"
#include "store/duration.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define FOREVER DURATION_FOREVER

static const struct policy usual = {
    .ttl_s = FOREVER, .max_age_s = FOREVER, .stale_if_error_s = 86400};

/* How far the wall clock is ahead, in seconds. */
static long long clock_shift;

/* Takes the place of the C library's. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (clock == CLOCK_REALTIME)
        now->tv_sec += clock_shift;
    return result;
}

static struct policy *policy(void)
{
    return &((struct config *)(uintptr_t)core_config())->policy;
}

static struct exchange *begin(const char *prompt)
{
    static char body[256];
    snprintf(
        body, sizeof body,
        "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}",
        prompt);
    struct header fields[] = {
        {span_text("Authorization"), span_text("Bearer key")},
        {span_text("Content-Type"), span_text("application/json")},
    };
    struct request request = {
        .method = span_text("POST"),
        .tls = true,
        .host = span_text("api.openai.com"),
        .port = 443,
        .target = span_text("/v1/chat/completions"),
        .headers = {fields, 2, 2},
        .body = span_text(body),
    };
    return exchange_begin(&request, LEVEL_OPENSSL);
}

/* Commits an answer of |text|, of the model with |fingerprint|. */
static void commit(struct exchange *exchange, unsigned status, const char *text,
                   const char *fingerprint)
{
    static char body[512];
    snprintf(body, sizeof body,
             "{\"id\":\"x\",\"object\":\"chat.completion\",\"model\":\"gpt-4o-2026\","
             "\"system_fingerprint\":\"%s\",\"choices\":[{\"index\":0,\"message\":{"
             "\"role\":\"assistant\",\"content\":\"%s\"},\"finish_reason\":\"stop\"}]}",
             fingerprint, text);
    struct header field = {span_text("Content-Type"), span_text("application/json")};
    struct response response = {.status = status,
                                .version = 11,
                                .headers = {&field, 1, 1},
                                .body = span_text(body)};
    exchange_commit(exchange, &response, (struct span){0});
}

/* Asks; what is not served is answered by |text|. True when it was served. */
static bool ask_of(const char *prompt, const char *text, const char *fingerprint)
{
    struct exchange *exchange = begin(prompt);
    bool hit = exchange && exchange_verdict(exchange) == VERDICT_IS_HIT;
    if (hit)
        exchange_served(exchange, 1, 2);
    else if (exchange)
        commit(exchange, 200, text, fingerprint);
    exchange_free(exchange);
    return hit;
}

static bool ask(const char *prompt, const char *text)
{
    return ask_of(prompt, text, "fp");
}

/* True when |prompt| is answered from the store by |text|. Records nothing. */
static bool is_served(const char *prompt, const char *text)
{
    struct exchange *exchange = begin(prompt);
    bool hit = exchange && exchange_verdict(exchange) == VERDICT_IS_HIT;
    if (hit) {
        struct span body = exchange_record(exchange)->response.body;
        hit = span_find(body, span_text(text)) < body.size;
    }
    exchange_free(exchange);
    return hit;
}

static void test_refresh_calls_and_overwrites(void)
{
    *policy() = usual;
    CHECK(!ask("refresh", "old"));
    policy()->mode = MODE_REFRESH;
    CHECK(!is_served("refresh", ""));
    CHECK(!ask("refresh", "new"));
    *policy() = usual;
    CHECK(is_served("refresh", "new"));
}

static void test_observe_serves_nothing_and_keeps_what_is_there(void)
{
    *policy() = usual;
    policy()->mode = MODE_OBSERVE;
    CHECK(!ask("observe", "first"));
    CHECK(!ask("observe", "second"));
    *policy() = usual;
    CHECK(is_served("observe", "first"));
}

static void test_off_is_a_bypass(void)
{
    *policy() = usual;
    CHECK(!ask("off", "answer"));
    policy()->mode = MODE_OFF;
    CHECK(begin("off") == NULL);
    CHECK(begin("off, and new") == NULL);
}

static bool has_stale(const char *prompt)
{
    struct exchange *exchange = begin(prompt);
    bool stale = exchange && exchange_stale(exchange);
    exchange_free(exchange);
    return stale;
}

static void test_record_never_serves_what_has_expired(void)
{
    *policy() = usual;
    policy()->ttl_s = 3600;
    CHECK(!ask("record", "answer"));
    clock_shift = 7200;
    CHECK(has_stale("record"));
    policy()->mode = MODE_RECORD;
    CHECK(!has_stale("record"));
    clock_shift = 0;
    CHECK(is_served("record", "answer"));
}

/* The shorter of the recorder's and the reader's time counts. */
static void test_least_time_to_live(void)
{
    *policy() = usual;
    policy()->ttl_s = 3600;
    CHECK(!ask("short", "answer"));
    policy()->ttl_s = FOREVER;
    CHECK(!ask("long", "answer"));
    clock_shift = 7200;
    CHECK(!is_served("short", "") && is_served("long", "answer"));
    policy()->ttl_s = 7000;
    CHECK(!is_served("long", ""));
    clock_shift = 0;
}

static void test_maximum_age(void)
{
    *policy() = usual;
    CHECK(!ask("age", "answer"));
    clock_shift = 7200;
    policy()->max_age_s = 7300;
    CHECK(is_served("age", "answer"));
    policy()->max_age_s = 7100;
    CHECK(!is_served("age", "") && !has_stale("age"));
    clock_shift = 0;
}

static void test_version_is_part_of_the_key(void)
{
    *policy() = usual;
    CHECK(!ask("version", "none"));
    policy()->version = span_text("1");
    ((struct config *)(uintptr_t)core_config())->keying[0] = 1;
    CHECK(!ask("version", "one"));
    CHECK(is_served("version", "one"));
    ((struct config *)(uintptr_t)core_config())->keying[0] = 0;
    policy()->version = (struct span){0};
    CHECK(is_served("version", "none"));
}

static bool refuse(const char *prompt, unsigned status)
{
    struct exchange *exchange = begin(prompt);
    bool hit = exchange && exchange_verdict(exchange) == VERDICT_IS_HIT;
    if (exchange && !hit)
        commit(exchange, status, "refused", "fp");
    else if (exchange)
        CHECK_INT(exchange_record(exchange)->response.status, status);
    exchange_free(exchange);
    return hit;
}

static void test_refusals_are_kept_where_a_rule_says_so(void)
{
    *policy() = usual;
    CHECK(!refuse("400", 400) && !refuse("400", 400));
    policy()->negative_ttl_s = 60;
    CHECK(!refuse("400", 400) && refuse("400", 400));
    CHECK(!refuse("401", 401) && !refuse("401", 401));
    CHECK(!refuse("429", 429) && !refuse("429", 429));
    clock_shift = 61;
    CHECK(!refuse("400", 400) && !has_stale("401"));
    clock_shift = 0;
    policy()->negative_ttl_s = 0;
    CHECK(!is_served("400", ""));
}

static void test_a_new_model_retires_what_the_old_one_said(void)
{
    *policy() = usual;
    policy()->on_model_change = MODEL_CHANGE_RETIRE;
    CHECK(!ask_of("model", "old", "a"));
    clock_shift = 10;
    CHECK(!ask_of("of the same model", "old", "a"));
    CHECK(is_served("model", "old"));
    clock_shift = 20;
    CHECK(!ask_of("of another", "new", "b"));
    CHECK(is_served("of another", "new") && !is_served("model", "old"));
    policy()->on_model_change = MODEL_CHANGE_KEEP;
    CHECK(is_served("model", "old"));
    policy()->on_model_change = MODEL_CHANGE_RETIRE;
    clock_shift = 30; /* both answer by turns */
    CHECK(!ask_of("model", "renewed", "a"));
    clock_shift = 40;
    CHECK(!ask_of("yet another", "new", "b"));
    CHECK(is_served("model", "renewed"));
    clock_shift = 0;
}

int main(void)
{
    char directory[] = "/tmp/preecho-policy-XXXXXX", path[80], command[80];
    if (!mkdtemp(directory))
        return 1;
    snprintf(path, sizeof path, "%s/store", directory);
    setenv("PREECHO_STORE", path, 1);
    snprintf(path, sizeof path, "%s/config", directory);
    setenv("XDG_CONFIG_HOME", path, 1);
    unsetenv("PREECHO_MODE");
    unsetenv("PREECHO_SCOPE");
    unsetenv("PREECHO_TENANT");
    CHECK_INT(core_start(), 0);
    RUN(test_refresh_calls_and_overwrites);
    RUN(test_observe_serves_nothing_and_keeps_what_is_there);
    RUN(test_off_is_a_bypass);
    RUN(test_record_never_serves_what_has_expired);
    RUN(test_least_time_to_live);
    RUN(test_maximum_age);
    RUN(test_version_is_part_of_the_key);
    RUN(test_refusals_are_kept_where_a_rule_says_so);
    RUN(test_a_new_model_retires_what_the_old_one_said);
    snprintf(command, sizeof command, "rm -r %s", directory);
    CHECK_INT(system(command), 0);
    return unit_end();
}
