/* SPDX-License-Identifier: MIT */
/* Exchanges in replay mode: a child records, then this process may only replay. Nothing that
 * must not be sent is ever left to be sent, whatever memory there is. */
#include "unit.h"

#include "shim/core/core.h"
#include "shim/core/exchange.h"
#include "store/memory.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const char question[] =
    "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";
static const char other[] =
    "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"Help\"}]}";
static const char stateful[] =
    "{\"model\":\"m\",\"input\":\"x\",\"previous_response_id\":\"r\"}";
static const char answer[] =
    "{\"id\":\"x\",\"object\":\"chat.completion\",\"model\":\"gpt-4o\",\"choices\":[{"
    "\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"},"
    "\"finish_reason\":\"stop\"}]}";

static struct exchange *begin(const char *host, const char *path, const char *body)
{
    struct request request = {
        .method = span_text("POST"),
        .tls = true,
        .host = span_text(host),
        .port = 443,
        .target = span_text(path),
        .body = span_text(body),
    };
    struct header fields[] = {
        {span_text("Authorization"), span_text("Bearer key")},
        {span_text("Content-Type"), span_text("application/json")},
    };
    request.headers = (struct headers){fields, 2, 2};
    return exchange_begin(&request, LEVEL_OPENSSL);
}

static struct exchange *chat(const char *host, const char *body)
{
    return begin(host, "/v1/chat/completions", body);
}

/* What the child does in auto mode. 0 when it could record. */
static int record_question(void)
{
    if (core_start() != 0)
        return 1;
    struct exchange *exchange = chat("api.openai.com", question);
    if (!exchange || exchange_verdict(exchange) != VERDICT_IS_MISS)
        return 2;
    struct header field = {span_text("Content-Type"), span_text("application/json")};
    struct response response = {.status = 200,
                                .version = 11,
                                .headers = {&field, 1, 1},
                                .body = span_text(answer)};
    exchange_commit(exchange, &response, (struct span){0});
    exchange_free(exchange);
    exchange = chat("api.openai.com", question);
    return exchange && exchange_verdict(exchange) == VERDICT_IS_HIT ? 0 : 3;
}

static bool is_refusal(struct exchange *exchange, const char *part)
{
    if (!CHECK(exchange && exchange_verdict(exchange) == VERDICT_IS_HIT))
        return false;
    const struct response *response = &exchange_record(exchange)->response;
    bool right = exchange_mark(exchange).denied && response->status == 504 &&
                 span_find(response->body, span_text(part)) < response->body.size;
    exchange_served(exchange, 1, 2); /* counts no hit */
    exchange_free(exchange);
    return right;
}

static void test_hit_and_refusals(void)
{
    struct exchange *exchange = chat("api.openai.com", question);
    CHECK(exchange && exchange_verdict(exchange) == VERDICT_IS_HIT &&
          !exchange_mark(exchange).denied &&
          span_is(exchange_record(exchange)->response.body, answer));
    exchange_served(exchange, 1, 2);
    exchange_free(exchange);
    CHECK(is_refusal(chat("api.openai.com", other), "/messages/0/content"));
    CHECK(is_refusal(chat("llm.example", question), "host is llm.example"));
    CHECK(is_refusal(begin("api.openai.com", "/v1/responses", stateful), "(stateful)"));
    CHECK(is_refusal(begin("api.openai.com", "/v1/files", "{}"), "(stateful)"));
    CHECK(is_refusal(begin("named.example", "/x", "{}"), "(not-llm)"));
    CHECK(begin("llm.example", "/x", "{}") == NULL);
    CHECK(chat("llm.example", "{\"a\":1}") == NULL);
}

static void test_what_is_confined(void)
{
    struct request request = {.host = span_text("elsewhere.example"), .port = 443};
    CHECK(exchange_confines(span_text("api.openai.com"), 443));
    CHECK(exchange_confines(span_text("named.example"), 443));
    CHECK(!exchange_confines(request.host, 443));
    CHECK(exchange_must_deny(&request, REASON_TOO_LARGE));
    CHECK(!exchange_must_deny(&request, REASON_NOT_LLM));
}

/* However early memory ends, nothing is left to be sent. */
static void test_short_memory(void)
{
    unsigned lost = 0, served = 0;
    for (unsigned long n = 1; n < 120; n++) {
        memory_fail_from(n);
        struct exchange *exchange =
            n % 2 ? chat("api.openai.com", other)
                  : begin("api.openai.com", "/v1/responses", stateful);
        memory_fail_from(0);
        if (!CHECK(exchange != NULL))
            continue;
        enum verdict verdict = exchange_verdict(exchange);
        CHECK(verdict == VERDICT_IS_HIT || verdict == VERDICT_IS_LOST);
        lost += verdict == VERDICT_IS_LOST;
        served += verdict == VERDICT_IS_HIT;
        exchange_drop(exchange, REASON_NO_MEMORY, 0);
        exchange_free(exchange);
    }
    CHECK(lost > 0 && served > 0);
}

static int record_in_child(void)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0)
        _exit(record_question());
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status)
               ? WEXITSTATUS(status)
               : -1;
}

int main(void)
{
    char directory[] = "/tmp/preecho-replay-XXXXXX", path[80], command[80];
    if (!mkdtemp(directory))
        return 1;
    snprintf(path, sizeof path, "%s/store", directory);
    setenv("PREECHO_STORE", path, 1);
    snprintf(path, sizeof path, "%s/config", directory);
    setenv("XDG_CONFIG_HOME", path, 1);
    setenv("PREECHO_HOSTS", "named.example", 1);
    unsetenv("PREECHO_MODE");
    unsetenv("PREECHO_SCOPE");
    unsetenv("PREECHO_TENANT");
    CHECK_INT(record_in_child(), 0);
    setenv("PREECHO_MODE", "replay", 1);
    CHECK_INT(core_start(), 0);
    RUN(test_hit_and_refusals);
    RUN(test_what_is_confined);
    RUN(test_short_memory);
    snprintf(command, sizeof command, "rm -r %s", directory);
    CHECK_INT(system(command), 0);
    return unit_end();
}
