/* SPDX-License-Identifier: MIT */
/* Exchanges whose last user message is near a recorded one, by an embedding model that this program
 * plays itself: waiting for the vector, shadow, certificates, canaries, guards, what keeps two of them
 * apart, what becomes of failures. The helper process is a real one. */
#include "unit.h"

#include "shim/core/api/guard.h"
#include "shim/core/core.h"
#include "shim/core/embedder.h"
#include "shim/core/exchange.h"
#include "store/certificates.h"
#include "store/memory.h"
#include "store/merge.h"
#include "store/reason.h"
#include "tools/shadow.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DIMENSIONS 8

static char directory[64];

static struct config *config(void)
{
    return (struct config *)(uintptr_t)core_config();
}

/* -- the model --------------------------------------------------------------------------------- */

static int listener;
static _Atomic bool refuses;
static _Atomic unsigned asked;

/* What a text is about is one component each, and how it is said a small one. */
static void say_vector(const char *text, char *out, size_t size)
{
    static const char *const topics[] = {"soup", "bread", "tea", "cake", "rice", "salad"};
    const char *end = strchr(text, '"');
    size_t length = end ? (size_t)(end - text) : 0, used = 0;
    out[0] = 0;
    for (size_t i = 0; i < DIMENSIONS; i++) {
        bool about = i < 6 && strstr(text, topics[i]);
        double value = i == 7 ? 0.1 * (double)(length % 4) : about;
        used += (size_t)snprintf(out + used, size - used, "%s%.2f", i ? "," : "", value);
    }
}

static void answer(int fd)
{
    char request[8192] = {0}, numbers[200], response[600];
    size_t got = 0;
    while (got + 1 < sizeof(request) && !strstr(request, "\"}")) {
        ssize_t more = recv(fd, request + got, sizeof(request) - 1 - got, 0);
        if (more <= 0)
            return;
        got += (size_t)more;
    }
    const char *text = strstr(request, "\"input\":\"");
    if (!text)
        return;
    asked++;
    say_vector(text + strlen("\"input\":\""), numbers, sizeof(numbers));
    snprintf(response, sizeof(response),
             "HTTP/1.1 %s\r\nConnection: close\r\n\r\n{\"model\":\"kitchen\",\"data\":[{"
             "\"index\":0,\"embedding\":[%s]}]}",
             refuses ? "503 Busy" : "200 OK", numbers);
    (void)!send(fd, response, strlen(response), MSG_NOSIGNAL);
}

static void *serve(void *context)
{
    int fd;
    (void)context;
    while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        answer(fd);
        close(fd);
    }
    return NULL;
}

static void model_start(struct embedder *embedder)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    pthread_t thread;
    char url[64];
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(bind(listener, (struct sockaddr *)&address, size) == 0);
    CHECK(listen(listener, 64) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
    CHECK(pthread_create(&thread, NULL, serve, NULL) == 0);
    pthread_detach(thread);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/", ntohs(address.sin_port));
    CHECK(!embedder_set(embedder, span_text(url), span_text("kitchen"), false));
    embedder->deadline_ms = 10000;
    config()->embedder = embedder;
}

/* -- calls ------------------------------------------------------------------------------------- */

/* Everything a request consists of; `text` is the last user message. */
struct asking {
    const char *token, *model, *system, *more, *text;
};

static const struct asking usual = {"Bearer key", "gpt-4o", "You cook.", "", ""};

static struct exchange *begin(const struct asking *asking)
{
    char body[4000];
    struct header fields[] = {{span_text("Authorization"), span_text(asking->token)},
                              {span_text("Content-Type"), span_text("application/json")}};
    snprintf(body, sizeof(body),
             "{\"model\":\"%s\"%s,\"messages\":[{\"role\":\"system\",\"content\":\"%s\"},"
             "{\"role\":\"user\",\"content\":\"%s\"}]}",
             asking->model, asking->more, asking->system, asking->text);
    struct request request = {.method = span_text("POST"),
                              .tls = true,
                              .host = span_text("api.openai.com"),
                              .port = 443,
                              .target = span_text("/v1/chat/completions"),
                              .headers = {fields, 2, 2},
                              .body = span_text(body)};
    return exchange_begin(&request, LEVEL_OPENSSL);
}

/* Waits as a level does; the verdict then. */
static enum verdict await(struct exchange *exchange)
{
    int ends[2];
    char byte;
    if (!exchange)
        return VERDICT_IS_BYPASS;
    if (exchange_verdict(exchange) != VERDICT_IS_WAIT)
        return exchange_verdict(exchange);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return VERDICT_IS_LOST;
    if (!exchange_follow(exchange, ends[1]))
        exchange_go_alone(exchange);
    else if (CHECK(recv(ends[0], &byte, 1, 0) == 1))
        (void)!exchange_again(exchange);
    close(ends[0]);
    close(ends[1]);
    return exchange_verdict(exchange);
}

static void commit(struct exchange *exchange, const char *said)
{
    char body[600];
    struct header field = {span_text("Content-Type"), span_text("application/json")};
    snprintf(body, sizeof(body),
             "{\"id\":\"%s\",\"object\":\"chat.completion\",\"model\":\"gpt-4o\","
             "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
             "\"%s\"},\"finish_reason\":\"stop\"}]}",
             said, said);
    struct response response = {
        .status = 200, .version = 11, .headers = {&field, 1, 1}, .body = span_text(body)};
    exchange_commit(exchange, &response, (struct span){0});
}

static bool take_record(void *context, const struct journal_record *record)
{
    *(struct journal_record *)context = *record;
    return true;
}

static void check_line(enum journal_verdict verdict, enum journal_layer layer,
                       enum reason reason)
{
    char path[80];
    struct journal_record line = {0};
    struct journal_state state = {0};
    snprintf(path, sizeof path, "%s/preecho/journal", directory);
    CHECK_INT(journal_each(path, take_record, &line, &state), STORE_OK);
    CHECK_INT(line.verdict, verdict);
    CHECK_INT(line.layer, layer);
    CHECK_TEXT(reason_name(line.reason), reason_name(reason));
}

/* The id of the recording that is served, or "miss", and |said| is recorded. */
static const char *ask_of(struct asking asking, const char *said)
{
    static char got[100];
    struct exchange *exchange = begin(&asking);
    enum verdict verdict = await(exchange);
    snprintf(got, sizeof(got), "bypass");
    if (verdict == VERDICT_IS_HIT) {
        struct span body = exchange_record(exchange)->response.body;
        body = span_skip(body, strlen("{\"id\":\""));
        span_copy_text(span_of(body.at, span_find(body, span_text("\""))), got,
                       sizeof(got));
        exchange_served(exchange, 1, 2);
    } else if (verdict == VERDICT_IS_MISS) {
        snprintf(got, sizeof(got), "miss");
        commit(exchange, said);
    }
    exchange_free(exchange);
    return got;
}

static const char *ask(const char *text, const char *said)
{
    struct asking asking = usual;
    asking.text = text;
    return ask_of(asking, said);
}

/* -- the store --------------------------------------------------------------------------------- */

static struct store_paths paths(char *store, char *secret, size_t size)
{
    snprintf(store, size, "%s/preecho", directory);
    snprintf(secret, size, "%s/preecho", directory);
    return (struct store_paths){store, secret};
}

/* Only what is merged is near anything. */
static void merge(void)
{
    char store[80], secret[80];
    struct store_paths where = paths(store, secret, sizeof(store));
    struct merge_options options = {.wait = true};
    struct merge_counts counts;
    CHECK_INT(store_merge(&where, &options, &counts), STORE_OK);
}

/* What was noted with entries; the last one in |out|. */
static size_t samples(struct sample *out)
{
    struct shadow shadow;
    merge();
    CHECK_INT(shadow_read(core_store(), &shadow), STORE_OK);
    size_t count = shadow.count;
    if (count)
        *out = shadow.list[count - 1].sample;
    shadow_free(&shadow);
    return count;
}

static void sample_check(enum guard guard, enum comparison comparison, bool canary)
{
    struct sample sample = {0};
    if (!CHECK(samples(&sample) > 0))
        return;
    CHECK_TEXT(guard_text((enum guard)sample.guard), guard_text(guard));
    CHECK_INT(sample.comparison, comparison);
    CHECK_INT(sample.canary, canary);
    CHECK_TEXT(sample.scope.class, "openai gpt-4o");
    CHECK_TEXT(sample.scope.model, "kitchen");
    CHECK_INT(sample.scope.guards, GUARD_VERSION);
}

/* Leave for all tenants to serve from |threshold| millionths on, given |age_ms| ago. */
static void certify_from(uint32_t threshold, int64_t age_ms)
{
    struct shadow shadow;
    struct tenant tenant;
    struct timespec now;
    merge();
    clock_gettime(CLOCK_REALTIME, &now);
    CHECK_INT(shadow_read(core_store(), &shadow), STORE_OK);
    for (size_t i = 0; i < shadow.count; i++) {
        struct certificate certificate = {.scope = shadow.list[i].sample.scope,
                                          .threshold = threshold,
                                          .most_wrong = 10000,
                                          .confidence = 950000};
        certificate.issued_ms =
            (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 - age_ms;
        CHECK_INT(store_tenant_by_id(core_store(), shadow.list[i].tenant, &tenant),
                  STORE_OK);
        CHECK_INT(certificates_put(core_store(), &tenant, &certificate.scope,
                                   threshold ? &certificate : NULL),
                  STORE_OK);
    }
    shadow_free(&shadow);
}

static void rule(enum semantic_tier tier, uint32_t canary)
{
    config()->policy.semantic = tier;
    config()->policy.semantic_canary = canary;
}

/* -- tests ------------------------------------------------------------------------------------- */

static void test_off(void)
{
    rule(SEMANTIC_TIER_OFF, 0);
    CHECK_TEXT(ask("How do I cook a salad?", "1"), "miss");
    merge();
    CHECK_TEXT(ask("How can I cook salad?", "2"), "miss");
    check_line(VERDICT_MISS, LAYER_NONE, REASON_NONE);
    CHECK_INT(asked, 0);
}

static void test_shadow(void)
{
    rule(SEMANTIC_TIER_SHADOW, 0);
    CHECK_TEXT(ask("How do I cook a soup?", "boil it"), "miss");
    check_line(VERDICT_MISS, LAYER_SEMANTIC, REASON_NONE);
    CHECK_INT(asked, 1);
    merge();
    CHECK_TEXT(ask("How can I cook soup?", "boil it"), "miss");
    /* Without a certificate it would not have been served either. */
    check_line(VERDICT_MISS, LAYER_SEMANTIC, REASON_NONE);
    sample_check(GUARD_NONE, COMPARISON_EQUAL, false);
    CHECK_TEXT(ask("how would I cook soup", "do not boil it"), "miss");
    sample_check(GUARD_NONE, COMPARISON_DIFFERENT, false);
    CHECK_TEXT(ask("How do I cook a soup?", "x"), "boil it"); /* its own */
    check_line(VERDICT_HIT, LAYER_EXACT, REASON_NONE);
    CHECK_INT(asked, 3);
}

static void test_certificate(void)
{
    rule(SEMANTIC_TIER_SERVE, 0);
    CHECK_TEXT(ask("How do I bake a bread?", "bake"), "miss");
    merge();
    CHECK_TEXT(ask("how do we bake bread", "bake"), "miss"); /* there is none */
    certify_from(900000, CERTIFICATE_LIFE_MS + 1000);
    CHECK_TEXT(ask("how should we bake bread", "bake"), "miss"); /* expired */
    certify_from(1000000, 0);
    CHECK_TEXT(ask("how could we two bake bread", "bake"), "miss"); /* a guard */
    certify_from(900000, 0);
    CHECK_TEXT(ask("how do you bake a bread", "x"), "bake");
    check_line(VERDICT_HIT, LAYER_SEMANTIC, REASON_NONE);
    rule(SEMANTIC_TIER_SHADOW, 0);
    CHECK_TEXT(ask("how do you bake a bread", "bake"), "miss");
    check_line(VERDICT_MISS, LAYER_SEMANTIC, REASON_SHADOW_EQUAL);
}

static void test_guards(void)
{
    rule(SEMANTIC_TIER_SERVE, 0);
    CHECK_TEXT(ask("How do I make a tea?", "t"), "miss");
    merge();
    CHECK_TEXT(ask("How do I not make a tea?", "n"), "miss");
    sample_check(GUARD_NEGATION, COMPARISON_DIFFERENT, false);
    CHECK_TEXT(ask("How do I make 2 teas?", "n"), "miss");
    sample_check(GUARD_NUMBER, COMPARISON_EQUAL, false);
    CHECK_TEXT(ask("how can I make a tea", "x"), "t");
}

static void test_canary(void)
{
    rule(SEMANTIC_TIER_SERVE, 100);
    CHECK_TEXT(ask("how could I make a tea", "t"), "miss");
    check_line(VERDICT_MISS, LAYER_SEMANTIC, REASON_SHADOW_EQUAL);
    sample_check(GUARD_NONE, COMPARISON_EQUAL, true);
    rule(SEMANTIC_TIER_SERVE, 0);
    CHECK_TEXT(ask("how would I make a tea", "x"), "t");
    /* Wrong ones bring the certificate down. */
    rule(SEMANTIC_TIER_SERVE, 100);
    CHECK_TEXT(ask("how should I make a tea", "no tea"), "miss");
    check_line(VERDICT_MISS, LAYER_SEMANTIC, REASON_SHADOW_DIFFERENT);
    sample_check(GUARD_NONE, COMPARISON_DIFFERENT, true);
    rule(SEMANTIC_TIER_SERVE, 0);
    CHECK_TEXT(ask("how would I make a tea, then", "no tea"), "miss");
}

static void test_partition(void)
{
    struct asking other = usual;
    certify_from(900000, 0);
    rule(SEMANTIC_TIER_SERVE, 0);
    CHECK_TEXT(ask("How do I make a cake?", "p1"), "miss");
    merge();
    unsigned before = asked;
#define OTHERWISE(MEMBER, VALUE)                                                         \
    other = usual;                                                                       \
    other.text = "how can I make a cake";                                                \
    other.MEMBER = VALUE;                                                                \
    CHECK_TEXT(ask_of(other, "p"), "miss")
    OTHERWISE(token, "Bearer other");
    OTHERWISE(model, "gpt-4o-mini");
    OTHERWISE(system, "You do not cook.");
    OTHERWISE(more, ",\"temperature\":0");
    CHECK_INT(asked, before + 4);
    /* What is not made of words alone is not asked for. */
    OTHERWISE(more, ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]");
    CHECK_INT(asked, before + 4);
    CHECK_TEXT(ask("how can I make a cake", "p"), "p1");
}

static void test_failure(void)
{
    struct asking asking = usual;
    rule(SEMANTIC_TIER_SERVE, 0);
    refuses = true;
    CHECK_TEXT(ask("how may I make a cake", "f"), "miss");
    check_line(VERDICT_MISS, LAYER_SEMANTIC, REASON_EMBEDDING_REFUSED);
    refuses = false;
    asking.text = "how shall I make a cake";
    struct exchange *exchange = begin(&asking);
    CHECK_INT(exchange_verdict(exchange), VERDICT_IS_WAIT);
    exchange_go_alone(exchange);
    CHECK_INT(exchange_verdict(exchange), VERDICT_IS_MISS);
    commit(exchange, "f");
    exchange_free(exchange);
    check_line(VERDICT_MISS, LAYER_SEMANTIC, REASON_EMBEDDING_HELPER);
    /* One that gives up waiting. */
    asking.text = "how do I make a cake at all";
    exchange = begin(&asking);
    CHECK_INT(exchange_verdict(exchange), VERDICT_IS_WAIT);
    exchange_free(exchange);
    check_line(VERDICT_MISS, LAYER_SEMANTIC, REASON_ABORTED);
}

static void test_confidential(void)
{
    unsigned before = asked;
    config()->policy.pii = PII_SHORT;
    CHECK_TEXT(ask("Does jane.roe@mail.example.org like rice?", "r"), "miss");
    check_line(VERDICT_MISS, LAYER_NONE, REASON_NONE);
    CHECK_INT(asked, before);
    CHECK_TEXT(ask("Does Jane like rice?", "r"), "miss");
    CHECK_INT(asked, before + 1);
    config()->policy.pii = PII_CACHE;
}

/* With the |fails|-th request for memory. True: it was a hit all the same. */
static bool short_of_memory(unsigned long fails)
{
    struct asking asking = usual;
    asking.text = "how would you make a cake";
    memory_fail_from(fails);
    struct exchange *exchange = begin(&asking);
    enum verdict verdict = await(exchange);
    memory_fail_from(0);
    if (verdict == VERDICT_IS_HIT)
        CHECK(exchange_record(exchange)->response.status == 200);
    exchange_free(exchange);
    return verdict == VERDICT_IS_HIT;
}

static void test_short_memory(void)
{
    unsigned hits = 0;
    rule(SEMANTIC_TIER_SERVE, 0);
    for (unsigned long fails = 1; fails < 2000 && hits < 3; fails++)
        hits += short_of_memory(fails);
    CHECK_INT(hits, 3);
}

/* The core looks for its helper beside the program that it lies in, which is known by its first
 * argument: begins anew as one that has a directory of its own with the command in it. */
static int begin_anew(char **arguments)
{
    char own[200], command[256], name[100];
    ssize_t size = readlink("/proc/self/exe", own, sizeof(own) - 1);
    own[size > 0 ? size : 0] = 0;
    char *slash = strrchr(own, '/');
    snprintf(directory, sizeof(directory), "/tmp/preecho-unit-XXXXXX");
    if (!slash || !mkdtemp(directory))
        return 1;
    snprintf(command, sizeof(command), "%.*s/../preecho", (int)(slash - own), own);
    snprintf(name, sizeof(name), "%s/preecho.command", directory);
    if (mkdir(name, 0700) != 0)
        return 1;
    snprintf(name, sizeof(name), "%s/preecho.command/preecho", directory);
    if (symlink(command, name) != 0)
        return 1;
    snprintf(name, sizeof(name), "%s/preecho.command/again", directory);
    arguments[0] = name;
    execv("/proc/self/exe", arguments);
    return 1;
}

int main(int count, char **arguments)
{
    struct embedder embedder;
    char *below = strstr(arguments[0], "/preecho.command/again");
    if (count != 1 || !below)
        return begin_anew(arguments);
    snprintf(directory, sizeof(directory), "%.*s", (int)(below - arguments[0]),
             arguments[0]);
    setenv("XDG_CACHE_HOME", directory, 1);
    setenv("XDG_CONFIG_HOME", directory, 1);
    unsetenv("PREECHO_STORE");
    unsetenv("PREECHO_MODE");
    unsetenv("PREECHO_SCOPE");
    unsetenv("PREECHO_LEXICAL");
    unsetenv("PREECHO_SEMANTIC");
    unsetenv("PREECHO_SEMANTIC_URL");
    unsetenv("PREECHO_STOCHASTIC");
    if (core_start() != 0)
        return 1;
    model_start(&embedder);
    RUN(test_off);
    RUN(test_shadow);
    RUN(test_certificate);
    RUN(test_guards);
    RUN(test_canary);
    RUN(test_partition);
    RUN(test_failure);
    RUN(test_confidential);
    RUN(test_short_memory);
    config()->embedder = NULL;
    char command[100];
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    return system(command) == 0 ? unit_end() : 1;
}
