/* SPDX-License-Identifier: MIT */
/* The same question from several exchanges at once: who leads, who waits, who takes over. */
#include "unit.h"

#include "shim/core/core.h"
#include "shim/core/exchange.h"
#include "shim/core/exchange_parts.h"
#include "store/memory.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[64];
static const char answer[] =
    "{\"id\":\"x\",\"object\":\"chat.completion\",\"model\":\"gpt-4o\",\"choices\":[{"
    "\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"},"
    "\"finish_reason\":\"stop\"}]}";

static unsigned number; /* of the question in hand */

static struct exchange *ask_with(const char *token, const char *members)
{
    char body[200];
    struct request request = {.method = span_text("POST"),
                              .tls = true,
                              .host = span_text("api.openai.com"),
                              .port = 443,
                              .target = span_text("/v1/chat/completions")};
    snprintf(
        body, sizeof body,
        "{\"model\":\"gpt-4o\"%s,\"messages\":[{\"role\":\"user\",\"content\":\"%u\"}"
        "]}",
        members, number);
    request.body = span_text(body);
    CHECK_INT(headers_add(&request.headers, span_text("Authorization"), span_text(token)),
              0);
    CHECK_INT(headers_add(&request.headers, span_text("Content-Type"),
                          span_text("application/json")),
              0);
    errno = 66;
    struct exchange *exchange = exchange_begin(&request, LEVEL_OPENSSL);
    CHECK_INT(errno, 66);
    headers_free(&request.headers);
    return exchange;
}

static struct exchange *ask(void)
{
    return ask_with("Bearer one", "");
}

static bool is(const struct exchange *exchange, enum verdict verdict)
{
    if (!CHECK(exchange))
        return false;
    CHECK_INT(exchange_verdict(exchange), verdict);
    return exchange_verdict(exchange) == verdict;
}

static void answer_with(struct exchange *exchange, unsigned status)
{
    struct response response = {.status = status,
                                .version = 11,
                                .phrase = span_text("OK"),
                                .body = span_text(answer),
                                .first_byte_us = 200000,
                                .last_byte_us = 300000};
    CHECK_INT(headers_add(&response.headers, span_text("Content-Type"),
                          span_text("application/json")),
              0);
    exchange_commit(exchange, &response, span_text(""));
    headers_free(&response.headers);
}

static void test_answer_is_the_followers_too(void)
{
    number++;
    struct exchange *leader = ask(), *first = ask(), *second = ask();
    if (!is(leader, VERDICT_IS_MISS) || !is(first, VERDICT_IS_WAIT) ||
        !is(second, VERDICT_IS_WAIT))
        return;
    CHECK(exchange_leader_is_here(first) && !exchange_leader_is_here(leader));
    CHECK_INT(exchange_again(second), VERDICT_IS_WAIT);
    answer_with(leader, 200);
    CHECK(exchange_recorded(leader));
    CHECK_INT(exchange_again(first), VERDICT_IS_HIT);
    CHECK_INT(exchange_again(second), VERDICT_IS_HIT);
    CHECK(span_is(exchange_record(first)->response.body, answer));
    CHECK(first->line.coalesced && !leader->line.coalesced);
    exchange_served(first, 1, 2);
    CHECK(first->line.last_byte_us >= 2 && first->line.last_byte_us < 60000000);
    exchange_free(leader);
    exchange_free(first);
    exchange_free(second);
    leader = ask();
    CHECK(is(leader, VERDICT_IS_HIT) && !leader->line.coalesced);
    exchange_free(leader);
}

/* However the leader ends. */
static void end_badly(struct exchange *leader, unsigned way)
{
    if (way == 0)
        answer_with(leader, 500);
    else if (way == 1)
        exchange_drop(leader, REASON_TRUNCATED, 200);
    if (way != 2) { /* the lease is free before the object is */
        CHECK(!leader->lease.held);
    }
    exchange_free(leader);
}

static void test_one_takes_over(void)
{
    for (unsigned way = 0; way < 3; way++) {
        number++;
        struct exchange *leader = ask(), *first = ask(), *second = ask();
        if (!is(leader, VERDICT_IS_MISS) || !is(first, VERDICT_IS_WAIT))
            return;
        end_badly(leader, way);
        CHECK_INT(exchange_again(first), VERDICT_IS_MISS);
        CHECK_INT(exchange_again(second), VERDICT_IS_WAIT);
        answer_with(first, 200);
        CHECK(exchange_recorded(first));
        CHECK_INT(exchange_again(second), VERDICT_IS_HIT);
        exchange_free(first);
        exchange_free(second);
    }
}

static void test_alone(void)
{
    number++;
    struct exchange *leader = ask(), *follower = ask();
    if (!is(leader, VERDICT_IS_MISS) || !is(follower, VERDICT_IS_WAIT))
        return;
    /* There is no command beside this program that could wait. */
    CHECK(!exchange_follow(follower, 2));
    exchange_go_alone(follower);
    CHECK_INT(exchange_verdict(follower), VERDICT_IS_MISS);
    answer_with(follower, 200);
    CHECK(exchange_recorded(follower));
    answer_with(leader, 200);
    CHECK(exchange_recorded(leader));
    exchange_free(follower);
    exchange_free(leader);
}

static struct config *config(void)
{
    return (struct config *)(uintptr_t)core_config();
}

static void check_nobody_waits(void)
{
    number++;
    struct exchange *one = ask(), *two = ask();
    CHECK(is(one, VERDICT_IS_MISS) && is(two, VERDICT_IS_MISS));
    exchange_free(one);
    exchange_free(two);
}

static void test_rules(void)
{
    struct policy *policy = &config()->policy;
    const struct policy before = *policy;
    policy->coalesce = false;
    check_nobody_waits();
    *policy = before;
    policy->coalesce_wait_s = 0;
    check_nobody_waits();
    *policy = before;
    policy->mode = MODE_REFRESH;
    check_nobody_waits();
    policy->mode = MODE_OBSERVE;
    check_nobody_waits();
    *policy = before;
    policy->stochastic = STOCHASTIC_SAMPLES;
    policy->samples = 2;
    check_nobody_waits();
    *policy = before;
    policy->coalesce_wait_s = UINT64_MAX; /* forever */
    number++;
    struct exchange *one = ask(), *two = ask();
    CHECK(is(one, VERDICT_IS_MISS) && is(two, VERDICT_IS_WAIT));
    exchange_free(one);
    exchange_free(two);
    *policy = before;
}

static void test_others(void)
{
    number++;
    struct exchange *one = ask(), *two = ask_with("Bearer two", "");
    struct exchange *three = ask_with("Bearer one", ",\"seed\":7");
    CHECK(is(one, VERDICT_IS_MISS) && is(two, VERDICT_IS_MISS) &&
          is(three, VERDICT_IS_MISS));
    exchange_free(one);
    exchange_free(two);
    exchange_free(three);
}

static void *ask_elsewhere(void *argument)
{
    struct exchange *exchange = ask();
    if (is(exchange, VERDICT_IS_WAIT))
        CHECK(!exchange_leader_is_here(exchange));
    exchange_free(exchange);
    return argument;
}

static void test_other_threads(void)
{
    pthread_t thread;
    number++;
    struct exchange *leader = ask();
    CHECK(is(leader, VERDICT_IS_MISS));
    CHECK_INT(pthread_create(&thread, NULL, ask_elsewhere, NULL), 0);
    pthread_join(thread, NULL);
    exchange_free(leader);
}

/* What the parent has begun is nothing to its child. */
static void test_children(void)
{
    int status = 0;
    number++;
    struct exchange *leader = ask(), *follower = ask();
    pid_t child = fork();
    if (child == 0) {
        bool good =
            exchange_again(follower) == VERDICT_IS_MISS && !exchange_follow(follower, 2);
        exchange_free(follower);
        exchange_free(leader); /* the parent still has it */
        struct exchange *own = ask();
        good = good && own && exchange_verdict(own) == VERDICT_IS_WAIT &&
               !exchange_leader_is_here(own);
        _exit(good ? 0 : 1);
    }
    waitpid(child, &status, 0);
    CHECK_INT(status, 0);
    exchange_free(leader);
    CHECK_INT(exchange_again(follower), VERDICT_IS_MISS);
    exchange_free(follower);
}

/* An answer that came between the look-up and the lease is found; an expired one is renewed by
 * one. */
static void test_expired(void)
{
    number++;
    config()->policy.ttl_s = 0;
    struct exchange *leader = ask();
    answer_with(leader, 200);
    exchange_free(leader);
    leader = ask();
    struct exchange *follower = ask();
    CHECK(is(leader, VERDICT_IS_MISS) && exchange_stale(leader));
    CHECK(is(follower, VERDICT_IS_WAIT));
    CHECK(exchange_serve_stale(leader, 503, NULL));
    CHECK(!leader->lease.held);
    CHECK_INT(exchange_again(follower), VERDICT_IS_MISS);
    CHECK(exchange_stale(follower) && exchange_serve_stale(follower, 503, NULL));
    exchange_free(leader);
    exchange_free(follower);
    config()->policy.ttl_s = UINT64_MAX;
}

static void test_short_memory(void)
{
    for (unsigned long n = 1; n < 40; n++) {
        number++;
        struct exchange *leader = ask(), *follower = ask();
        CHECK(is(leader, VERDICT_IS_MISS) && is(follower, VERDICT_IS_WAIT));
        answer_with(leader, n % 2 ? 200 : 500);
        memory_fail_from(n);
        enum verdict verdict = exchange_again(follower);
        CHECK(!exchange_follow(follower, 2));
        memory_fail_from(0);
        CHECK(verdict == VERDICT_IS_MISS || (verdict == VERDICT_IS_HIT && n % 2));
        exchange_free(leader);
        exchange_free(follower);
    }
    struct exchange *last = ask();
    CHECK(last && exchange_verdict(last) != VERDICT_IS_WAIT);
    exchange_free(last);
}

int main(void)
{
    char path[80];
    snprintf(directory, sizeof directory, "/tmp/preecho-coalesce-XXXXXX");
    if (!mkdtemp(directory))
        return 1;
    snprintf(path, sizeof path, "%s/store", directory);
    setenv("PREECHO_STORE", path, 1);
    snprintf(path, sizeof path, "%s/config", directory);
    setenv("XDG_CONFIG_HOME", path, 1);
    static const char *const unset[] = {"PREECHO_MODE", "PREECHO_SCOPE", "PREECHO_TENANT",
                                        "PREECHO_COALESCE", "PREECHO_COALESCE_WAIT"};
    for (size_t i = 0; i < sizeof unset / sizeof *unset; i++)
        unsetenv(unset[i]);
    CHECK_INT(core_start(), 0);
    RUN(test_answer_is_the_followers_too);
    RUN(test_one_takes_over);
    RUN(test_alone);
    RUN(test_rules);
    RUN(test_others);
    RUN(test_other_threads);
    RUN(test_children);
    RUN(test_expired);
    RUN(test_short_memory);
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    CHECK_INT(system(command), 0);
    return unit_end();
}
