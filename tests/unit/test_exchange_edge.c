/* SPDX-License-Identifier: MIT */
/* GET and HEAD through exchanges: what is recorded, found, confirmed, begun anew, and that short
 * memory ends in an honest miss. */
#include "unit.h"

#include "shim/core/core.h"
#include "shim/core/exchange.h"
#include "store/duration.h"
#include "store/memory.h"

#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const struct policy usual = {.edge = EDGE_ON,
                                    .ttl_s = DURATION_FOREVER,
                                    .max_age_s = DURATION_FOREVER,
                                    .stale_if_error_s = 86400};

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

static struct request request_of(const char *method, const char *target, const char *name,
                                 const char *value)
{
    static struct header fields[2];
    fields[0] = (struct header){span_text("Authorization"), span_text("Bearer key")};
    fields[1] = (struct header){span_text(name), span_text(value)};
    return (struct request){.method = span_text(method),
                            .tls = true,
                            .host = span_text("www.example.org"),
                            .port = 443,
                            .target = span_text(target),
                            .headers = {fields, 2, 2}};
}

static struct exchange *get(const char *target, const char *name, const char *value)
{
    struct request request = request_of("GET", target, name, value);
    return exchange_begin(&request, LEVEL_OPENSSL);
}

static void commit(struct exchange *exchange, const char *body, const char *control,
                   const char *tag)
{
    struct header fields[] = {{span_text("Cache-Control"), span_text(control)},
                              {span_text("ETag"), span_text(tag)},
                              {span_text("Vary"), span_text("X-Language")}};
    struct response response = {
        .status = 200, .version = 11, .headers = {fields, 3, 3}, .body = span_text(body)};
    exchange_commit(exchange, &response, (struct span){0});
}

static bool is_hit(const struct exchange *exchange)
{
    return exchange && exchange_verdict(exchange) == VERDICT_IS_HIT;
}

/* True when it is served, with |body|. What is not is answered by it. */
static bool ask(const char *target, const char *language, const char *body)
{
    struct exchange *exchange = get(target, "X-Language", language);
    bool hit =
        is_hit(exchange) && span_is(exchange_record(exchange)->response.body, body);
    if (hit)
        exchange_served(exchange, 1, 2);
    else if (exchange)
        commit(exchange, body, "max-age=60", "\"a\"");
    exchange_free(exchange);
    return hit;
}

static void test_4_a_fresh_answer_is_a_hit_of_the_edge_layer(void)
{
    CHECK(!ask("/fresh", "de", "one"));
    CHECK(ask("/fresh", "de", "one"));
    struct exchange *exchange = get("/fresh", "X-Language", "de");
    struct cache_mark mark = exchange_mark(exchange);
    CHECK(mark.edge && !mark.stale && exchange_is_edge(exchange));
    exchange_free(exchange);
    clock_shift = 61;
    CHECK(!is_hit(exchange = get("/fresh", "X-Language", "de")));
    CHECK(exchange_stale(exchange) && exchange_hides(exchange, 304) &&
          exchange_hides(exchange, 503) && !exchange_hides(exchange, 200));
    CHECK(span_is(exchange_upstream_fields(exchange), "If-None-Match: \"a\"\r\n"));
    exchange_free(exchange);
    clock_shift = 0;
}

static void test_4_1_variants_are_kept_side_by_side(void)
{
    CHECK(!ask("/variants", "de", "eins") && !ask("/variants", "fr", "un"));
    CHECK(ask("/variants", "de", "eins") && ask("/variants", "fr", "un"));
}

static void test_4_3_4_a_304_makes_it_fresh_and_updates_it(void)
{
    struct header news[] = {{span_text("ETag"), span_text("\"a\"")},
                            {span_text("Cache-Control"), span_text("max-age=600")},
                            {span_text("X-News"), span_text("1")}};
    struct headers fields = {news, 3, 3};
    CHECK(!ask("/confirmed", "de", "one"));
    clock_shift = 100;
    struct exchange *exchange = get("/confirmed", "X-Language", "de");
    CHECK(exchange_serve_stale(exchange, 304, &fields));
    CHECK(is_hit(exchange) && exchange_mark(exchange).validated);
    CHECK(span_is(exchange_record(exchange)->response.body, "one"));
    CHECK(span_is(headers_value(&exchange_record(exchange)->response.headers, "X-News"),
                  "1"));
    exchange_served(exchange, 1, 2);
    exchange_free(exchange);
    clock_shift = 600;
    CHECK(ask("/confirmed", "de", "one"));
    clock_shift = 0;
}

/* Another answer takes the old one's place; a failure leaves it where it is. */
static void test_4_3_3_a_whole_answer_replaces_it(void)
{
    CHECK(!ask("/replaced", "de", "one"));
    clock_shift = 100;
    struct exchange *exchange = get("/replaced", "X-Language", "de");
    CHECK(exchange && exchange_stale(exchange));
    exchange_drop(exchange, REASON_STATUS, 500);
    exchange_free(exchange);
    exchange = get("/replaced", "X-Language", "de");
    CHECK(exchange && exchange_upstream_fields(exchange).size);
    commit(exchange, "two", "max-age=60", "\"b\"");
    exchange_free(exchange);
    CHECK(ask("/replaced", "de", "two"));
    clock_shift = 0;
}

/* RFC 9111, 4.3.4: it is served, since that is what was asked about, but not made fresh. */
static void test_4_3_4_a_304_of_something_else_updates_nothing(void)
{
    struct header news[] = {{span_text("ETag"), span_text("\"b\"")},
                            {span_text("Cache-Control"), span_text("max-age=600")}};
    struct headers fields = {news, 2, 2};
    CHECK(!ask("/other", "de", "one"));
    clock_shift = 100;
    for (int i = 0; i < 2; i++) {
        struct exchange *exchange = get("/other", "X-Language", "de");
        CHECK(exchange && exchange_serve_stale(exchange, 304, &fields));
        CHECK(is_hit(exchange) &&
              span_is(exchange_record(exchange)->response.body, "one"));
        exchange_served(exchange, 1, 2);
        exchange_free(exchange);
    }
    clock_shift = 0;
}

static void test_4_3_2_a_304_to_the_programs_condition_is_for_it(void)
{
    struct headers none = {0};
    CHECK(!ask("/own", "de", "one"));
    clock_shift = 100;
    struct exchange *exchange = get("/own", "If-None-Match", "\"b\"");
    CHECK(exchange && exchange_upstream_fields(exchange).size == 0);
    CHECK(!exchange_hides(exchange, 304));
    exchange_free(exchange);
    exchange = get("/new", "X-Language", "de");
    CHECK(!exchange_hides(exchange, 304) && !exchange_serve_stale(exchange, 304, &none));
    exchange_free(exchange);
    clock_shift = 0;
}

static void test_4_a_head_is_answered_by_the_get(void)
{
    struct request head = request_of("HEAD", "/head", "X-Language", "de");
    CHECK(!ask("/head", "de", "one"));
    head = request_of("HEAD", "/head", "X-Language", "de");
    struct exchange *exchange = exchange_begin(&head, LEVEL_OPENSSL);
    CHECK(is_hit(exchange));
    CHECK(exchange && span_is(exchange_record(exchange)->request.method, "HEAD"));
    exchange_free(exchange);
    head = request_of("HEAD", "/no-head", "X-Language", "de");
    CHECK(exchange_begin(&head, LEVEL_OPENSSL) == NULL);
}

static void write_to(const char *target, unsigned status)
{
    struct request request = request_of("PUT", target, "X", "");
    struct exchange *exchange = exchange_write_begin(&request);
    CHECK(exchange != NULL);
    if (exchange)
        exchange_write_end(exchange, status);
    exchange_free(exchange);
}

static void test_4_4_writing_begins_an_epoch(void)
{
    CHECK(!ask("/written", "de", "eins") && !ask("/written", "fr", "un"));
    write_to("/written", 500);
    CHECK(ask("/written", "de", "eins"));
    write_to("/written", 204);
    CHECK(!ask("/written", "de", "zwei"));
    CHECK(!ask("/written", "fr", "deux"));
    CHECK(ask("/written", "de", "zwei") && ask("/written", "fr", "deux"));
    write_to("/never", 204);
    CHECK(!ask("/never", "de", "eins") && ask("/never", "de", "eins"));
}

static void test_4_4_an_answer_from_before_a_write_is_not_kept(void)
{
    CHECK(!ask("/late", "de", "old"));
    clock_shift = 100;
    struct exchange *exchange = get("/late", "X-Language", "de");
    write_to("/late", 204);
    commit(exchange, "late", "max-age=60", "\"b\"");
    CHECK(!exchange_recorded(exchange));
    exchange_free(exchange);
    CHECK(!ask("/late", "de", "new") && ask("/late", "de", "new"));
    clock_shift = 0;
}

static void test_rules(void)
{
    CHECK(!ask("/rules", "de", "one"));
    policy()->edge = EDGE_OFF;
    CHECK(get("/rules", "X-Language", "de") == NULL);
    policy()->edge = EDGE_KNOWN;
    CHECK(get("/rules", "X-Language", "de") == NULL);
    policy()->edge = EDGE_ON;
    policy()->mode = MODE_REFRESH;
    CHECK(!ask("/rules", "de", "two"));
    policy()->mode = MODE_AUTO;
    CHECK(ask("/rules", "de", "two"));
    policy()->ttl_s = 5;
    clock_shift = 10;
    CHECK(!is_hit(get("/rules", "X-Language", "de")));
    policy()->ttl_s = DURATION_FOREVER;
    policy()->max_age_s = 5;
    struct exchange *exchange = get("/rules", "X-Language", "de");
    CHECK(exchange && !is_hit(exchange) && !exchange_stale(exchange));
    exchange_free(exchange);
    policy()->max_age_s = DURATION_FOREVER;
    clock_shift = 0;
}

/* Whatever fails: upstream's answer or the stored one, never another. */
static void test_short_memory(void)
{
    struct header same = {span_text("ETag"), span_text("\"a\"")};
    struct headers fields = {&same, 1, 1};
    CHECK(!ask("/memory", "de", "one"));
    clock_shift = 100;
    for (unsigned number = 1; number < 60; number++) {
        memory_fail_from(number);
        struct exchange *exchange = get("/memory", "X-Language", "de");
        bool stale = exchange && exchange_stale(exchange);
        bool asks = exchange && exchange_upstream_fields(exchange).size;
        bool good = stale && asks && exchange_serve_stale(exchange, 304, &fields);
        CHECK(!good || span_is(exchange_record(exchange)->response.body, "one"));
        exchange_free(exchange);
        exchange = get("/memory-new", "X-Language", "de");
        if (exchange && !is_hit(exchange))
            commit(exchange, "two", "max-age=60", "\"a\"");
        exchange_free(exchange);
        memory_fail_from(0);
    }
    CHECK(ask("/memory", "de", "one"));
    clock_shift = 0;
}

int main(void)
{
    char directory[] = "/tmp/preecho-edge-XXXXXX", path[80], command[80];
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
    *policy() = usual;
    RUN(test_4_a_fresh_answer_is_a_hit_of_the_edge_layer);
    RUN(test_4_1_variants_are_kept_side_by_side);
    RUN(test_4_3_3_a_whole_answer_replaces_it);
    RUN(test_4_3_4_a_304_of_something_else_updates_nothing);
    RUN(test_4_3_4_a_304_makes_it_fresh_and_updates_it);
    RUN(test_4_3_2_a_304_to_the_programs_condition_is_for_it);
    RUN(test_4_a_head_is_answered_by_the_get);
    RUN(test_4_4_writing_begins_an_epoch);
    RUN(test_4_4_an_answer_from_before_a_write_is_not_kept);
    RUN(test_rules);
    RUN(test_short_memory);
    snprintf(command, sizeof command, "rm -r %s", directory);
    CHECK_INT(system(command), 0);
    return unit_end();
}
