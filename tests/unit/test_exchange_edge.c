/* SPDX-License-Identifier: MIT */
/* GET and HEAD through exchanges: what is recorded, found, confirmed, begun anew, and that short
 * memory ends in an honest miss. */
#include "unit.h"

#include "shim/core/api/edge_date.h"
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

/* RFC 9110, 13.2.1: an answer that is no success would have been given without them, too. */
static void test_13_2_1_conditions_are_for_successes(void)
{
    struct header fields[] = {{span_text("Cache-Control"), span_text("max-age=60")},
                              {span_text("ETag"), span_text("\"a\"")},
                              {span_text("Content-Type"), span_text("text/plain")}};
    for (unsigned status = 200; status <= 404; status += 204) {
        const char *target = status == 200 ? "/success" : "/none";
        struct response response = {
            .status = status, .version = 11, .headers = {fields, 3, 3}};
        struct exchange *exchange = get(target, "X", "");
        exchange_commit(exchange, &response, (struct span){0});
        exchange_free(exchange);
        exchange = get(target, "If-None-Match", "*");
        CHECK(is_hit(exchange));
        const struct response *served = &exchange_record(exchange)->response;
        CHECK_INT(served->status, status == 200 ? 304 : 404);
        CHECK(headers_find(&served->headers, "ETag") != NULL);
        CHECK(!headers_find(&served->headers, "Content-Type") == (status == 200));
        exchange_free(exchange);
    }
}

static void test_4_2_3_age_counts_from_when_it_was_made(void)
{
    struct header fields[] = {{span_text("Cache-Control"), span_text("max-age=60")},
                              {span_text("Age"), span_text("10")}};
    struct response response = {.status = 200, .version = 11, .headers = {fields, 2, 2}};
    struct exchange *exchange = get("/aged", "X", "");
    exchange_commit(exchange, &response, (struct span){0});
    exchange_free(exchange);
    clock_shift = 30;
    exchange = get("/aged", "X", "");
    CHECK(is_hit(exchange));
    uint64_t age_s = exchange_mark(exchange).age_s;
    CHECK(age_s >= 40 && age_s <= 50);
    exchange_free(exchange);
    clock_shift = 0;
}

static void test_5_2_1_5_no_store_leaves_nothing_behind(void)
{
    CHECK(get("/forbidden", "Cache-Control", "no-store") == NULL);
    CHECK(!ask("/forbidden", "de", "one") && ask("/forbidden", "de", "one"));
    CHECK(get("/forbidden", "Cache-Control", "no-store") == NULL);
    CHECK(get("/forbidden", "Cache-Control", "no-transform") == NULL);
}

/* RFC 9211, 2: what is no stored answer says nothing of a cache. */
static void test_5_2_1_7_only_if_cached_is_answered_by_504(void)
{
    struct exchange *exchange = get("/not-there", "Cache-Control", "only-if-cached");
    CHECK(is_hit(exchange) && exchange_mark(exchange).denied);
    CHECK_INT(exchange_record(exchange)->response.status, 504);
    exchange_free(exchange);
}

static void record_for_failures(const char *target, const char *control)
{
    struct header fields[] = {{span_text("Cache-Control"), span_text(control)}};
    struct response response = {.status = 200, .version = 11, .headers = {fields, 1, 1}};
    struct exchange *exchange = get(target, "X", "");
    exchange_commit(exchange, &response, (struct span){0});
    exchange_free(exchange);
}

static void test_5861_4_what_a_failure_is(void)
{
    static const unsigned failures[] = {500, 502, 503, 504}, others[] = {404, 429, 501};
    record_for_failures("/directed", "max-age=60, stale-if-error=600");
    record_for_failures("/ruled", "max-age=60");
    clock_shift = 100;
    struct exchange *directed = get("/directed", "X", ""),
                    *ruled = get("/ruled", "X", "");
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
        CHECK(exchange_hides(directed, failures[i]) &&
              exchange_hides(ruled, failures[i]));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        CHECK(!exchange_hides(directed, others[i]));
    CHECK(exchange_hides(ruled, 429) && !exchange_hides(ruled, 404));
    exchange_free(directed);
    exchange_free(ruled);
    clock_shift = 0;
}

static const struct headers *kept_headers(struct exchange *exchange)
{
    CHECK(is_hit(exchange));
    return &exchange_record(exchange)->response.headers;
}

static bool is_date(const struct headers *headers, int64_t expected_s)
{
    int64_t date_s;
    return headers_count(headers, "Date") == 1 &&
           edge_date_parse(headers_value(headers, "Date"), expected_s, &date_s) &&
           date_s >= expected_s && date_s <= expected_s + 20;
}

static void test_6_6_1_what_has_no_date_gets_one(void)
{
    struct header tag = {span_text("ETag"), span_text("\"a\"")};
    struct headers fields = {&tag, 1, 1};
    int64_t now_s = (int64_t)time(NULL);
    CHECK(!ask("/dateless", "de", "one"));
    clock_shift = 30;
    struct exchange *exchange = get("/dateless", "X-Language", "de");
    CHECK(is_date(kept_headers(exchange), now_s));
    exchange_free(exchange);
    clock_shift = 100;
    exchange = get("/dateless", "X-Language", "de");
    CHECK(exchange_serve_stale(exchange, 304, &fields));
    CHECK(is_date(kept_headers(exchange), now_s + 100));
    exchange_free(exchange);
    clock_shift = 0;
}

static void commit_plain(const char *target, const char *language, const char *vary,
                         const char *body)
{
    struct header fields[] = {{span_text("Cache-Control"), span_text("max-age=60")},
                              {span_text("Date"), span_text("yesterday")},
                              {span_text("Cache-Status"), span_text("Origin; hit")},
                              {span_text("Content-Digest"), span_text("sha-256=:x:")},
                              {span_text("Vary"), span_text(vary)}};
    size_t count = *vary ? 5 : 4;
    struct response response = {.status = 200,
                                .version = 11,
                                .headers = {fields, count, count},
                                .body = span_text(body)};
    struct exchange *exchange =
        get(target, *language ? "X-Language" : "X-Other", language);
    CHECK(exchange && !is_hit(exchange));
    exchange_commit(exchange, &response, (struct span){0});
    exchange_free(exchange);
}

/* Whether it is served to a request with |language|, or without one, with |body|. */
static bool has(const char *target, const char *language, const char *body)
{
    struct exchange *exchange =
        get(target, *language ? "X-Language" : "X-Other", language);
    bool good =
        is_hit(exchange) && span_is(exchange_record(exchange)->response.body, body);
    exchange_free(exchange);
    return good;
}

static void test_3_1_all_fields_are_kept(void)
{
    commit_plain("/fields", "de", "X-Language", "eins");
    struct exchange *exchange = get("/fields", "X-Language", "de");
    const struct headers *headers = kept_headers(exchange);
    CHECK_INT(headers->count, 5);
    CHECK(span_is(headers_value(headers, "Cache-Status"), "Origin; hit"));
    CHECK(headers_find(headers, "Content-Digest") != NULL);
    CHECK(span_is(headers_value(headers, "Date"), "yesterday"));
    exchange_free(exchange);
}

/* The answer to a request without preferences does not say what it varies by. */
static void test_4_1_who_forgets_vary_is_one_variant_of_several(void)
{
    commit_plain("/forgotten", "de", "X-Language", "eins");
    commit_plain("/forgotten", "", "", "one");
    CHECK(has("/forgotten", "de", "eins") && has("/forgotten", "", "one"));
    CHECK(!has("/forgotten", "fr", "one"));
    commit_plain("/other-way", "", "", "one");
    clock_shift = 100;
    commit_plain("/other-way", "de", "X-Language", "eins");
    CHECK(has("/other-way", "de", "eins") && !has("/other-way", "fr", "one"));
    clock_shift = 0;
}

/* RFC 9211, 2.2. */
static void test_9211_why_upstream_was_asked(void)
{
    struct header tag = {span_text("ETag"), span_text("\"a\"")};
    struct headers fields = {&tag, 1, 1};
    CHECK(!ask("/reasons", "de", "one"));
    for (clock_shift = 0; clock_shift <= 100; clock_shift += 100) {
        struct request request = request_of("GET", "/reasons", "X-Language", "de");
        struct header more[3] = {request.headers.at[0],
                                 request.headers.at[1],
                                 {span_text("Cache-Control"), span_text("no-cache")}};
        request.headers = (struct headers){more, 3, 3};
        struct exchange *exchange = exchange_begin(&request, LEVEL_OPENSSL);
        CHECK(exchange_serve_stale(exchange, 304, &fields));
        struct cache_mark mark = exchange_mark(exchange);
        CHECK(mark.validated && mark.requested == (clock_shift == 0));
        exchange_free(exchange);
    }
    clock_shift = 0;
}

/* By a method whose safety nobody knows. */
static void write_to(const char *target, unsigned status)
{
    struct request request = request_of("FROB", target, "X", "");
    struct exchange *exchange = exchange_watch_begin(&request);
    CHECK(exchange != NULL);
    if (exchange)
        exchange_watch_end(exchange, status, NULL);
    exchange_free(exchange);
}

/* A HEAD has gone upstream, which has answered it with |status|, |name| and |value| and, as the
 * answers that ask() gives, max-age=60. */
static void look_at(const char *target, unsigned status, const char *name,
                    const char *value)
{
    struct header fields[] = {{span_text("Cache-Control"), span_text("max-age=60")},
                              {span_text("X-News"), span_text("1")},
                              {span_text(name), span_text(value)}};
    struct headers headers = {fields, 3, 3};
    struct request request = request_of("HEAD", target, "X-Language", "de");
    struct exchange *exchange = exchange_watch_begin(&request);
    CHECK(exchange != NULL);
    if (exchange)
        exchange_watch_end(exchange, status, &headers);
    exchange_free(exchange);
}

static bool has_news(const char *target)
{
    struct exchange *exchange = get(target, "X-Language", "de");
    bool good =
        is_hit(exchange) &&
        span_is(headers_value(&exchange_record(exchange)->response.headers, "X-News"),
                "1");
    exchange_free(exchange);
    return good;
}

static void test_4_3_5_a_head_that_agrees_updates_it(void)
{
    CHECK(!ask("/seen", "de", "one") && !ask("/seen", "fr", "un"));
    clock_shift = 100;
    look_at("/seen", 404, "ETag", "\"a\"");
    CHECK(!is_hit(get("/seen", "X-Language", "de")));
    look_at("/seen", 200, "ETag", "\"a\"");
    CHECK(has_news("/seen") && ask("/seen", "de", "one"));
    CHECK(!is_hit(get("/seen", "X-Language", "fr")));
    clock_shift = 150;
    CHECK(ask("/seen", "de", "one"));
    clock_shift = 0;
}

static void test_4_3_5_a_head_that_does_not_makes_it_stale(void)
{
    static const char *const others[][2] = {{"ETag", "\"b\""},
                                            {"Last-Modified", "today"},
                                            {"Content-Length", "4"},
                                            {"Content-Length", "99999999999999999999"},
                                            {"Content-Length", "x"}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        char target[16];
        snprintf(target, sizeof target, "/changed%zu", i);
        CHECK(!ask(target, "de", "one") && !ask(target, "fr", "un"));
        look_at(target, 200, others[i][0], others[i][1]);
        struct exchange *exchange = get(target, "X-Language", "de");
        CHECK(exchange && !is_hit(exchange) &&
              span_is(exchange_upstream_fields(exchange), "If-None-Match: \"a\"\r\n"));
        exchange_free(exchange);
        CHECK(ask(target, "fr", "un"));
    }
}

/* Without a validator it is not known whether the bytes are the same: all stays as it is. */
static void test_4_3_5_a_head_that_does_not_say(void)
{
    CHECK(!ask("/mute", "de", "one"));
    look_at("/mute", 200, "Content-Length", "3");
    CHECK(ask("/mute", "de", "one") && !has_news("/mute"));
    clock_shift = 100;
    look_at("/mute", 200, "Content-Length", "3");
    CHECK(!is_hit(get("/mute", "X-Language", "de")));
    look_at("/never", 200, "ETag", "\"a\"");
    struct request request = request_of("HEAD", "/mute", "Cache-Control", "no-store");
    CHECK(exchange_watch_begin(&request) == NULL);
    clock_shift = 0;
}

static void test_4_3_5_short_memory(void)
{
    CHECK(!ask("/short", "de", "one"));
    clock_shift = 100;
    for (unsigned number = 1; number < 40; number++) {
        struct request request = request_of("HEAD", "/short", "X-Language", "de");
        struct header tag = {span_text("ETag"), span_text("\"a\"")};
        memory_fail_from(number);
        struct exchange *exchange = exchange_watch_begin(&request);
        if (exchange)
            exchange_watch_end(exchange, 200, &(struct headers){&tag, 1, 1});
        exchange_free(exchange);
        memory_fail_from(0);
    }
    CHECK(ask("/short", "de", "one"));
    clock_shift = 0;
}

/* What is a call of a model and no hit may be a write as well. */
static void test_4_4_a_call_that_goes_upstream_is_a_write(void)
{
    const char *target = "/v1/chat/completions";
    for (unsigned status = 400; status >= 200; status -= 200) {
        struct request request = request_of("POST", target, "X", "");
        struct response response = {.status = status, .version = 11};
        request.body = span_text("{\"model\":\"m\",\"messages\":[]}");
        (void)ask(target, "de", "list");
        CHECK(ask(target, "de", "list"));
        struct exchange *exchange = exchange_begin(&request, LEVEL_OPENSSL);
        if (CHECK(exchange && !is_hit(exchange)))
            exchange_commit(exchange, &response, (struct span){0});
        exchange_free(exchange);
        CHECK(ask(target, "de", "list") == (status == 400));
    }
}

static void test_4_4_writing_begins_an_epoch(void)
{
    CHECK(!ask("/written", "de", "eins") && !ask("/written", "fr", "un"));
    write_to("/written", 500);
    CHECK(ask("/written", "de", "eins"));
    write_to("/written?x", 200);
    write_to("/writte", 303);
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
    RUN(test_3_1_all_fields_are_kept);
    RUN(test_4_a_fresh_answer_is_a_hit_of_the_edge_layer);
    RUN(test_4_a_head_is_answered_by_the_get);
    RUN(test_4_1_variants_are_kept_side_by_side);
    RUN(test_4_1_who_forgets_vary_is_one_variant_of_several);
    RUN(test_4_2_3_age_counts_from_when_it_was_made);
    RUN(test_4_3_2_a_304_to_the_programs_condition_is_for_it);
    RUN(test_4_3_3_a_whole_answer_replaces_it);
    RUN(test_4_3_4_a_304_makes_it_fresh_and_updates_it);
    RUN(test_4_3_4_a_304_of_something_else_updates_nothing);
    RUN(test_4_3_5_a_head_that_agrees_updates_it);
    RUN(test_4_3_5_a_head_that_does_not_makes_it_stale);
    RUN(test_4_3_5_a_head_that_does_not_say);
    RUN(test_4_3_5_short_memory);
    RUN(test_4_4_a_call_that_goes_upstream_is_a_write);
    RUN(test_4_4_writing_begins_an_epoch);
    RUN(test_4_4_an_answer_from_before_a_write_is_not_kept);
    RUN(test_5_2_1_5_no_store_leaves_nothing_behind);
    RUN(test_5_2_1_7_only_if_cached_is_answered_by_504);
    RUN(test_6_6_1_what_has_no_date_gets_one);
    RUN(test_13_2_1_conditions_are_for_successes);
    RUN(test_5861_4_what_a_failure_is);
    RUN(test_9211_why_upstream_was_asked);
    RUN(test_rules);
    RUN(test_short_memory);
    snprintf(command, sizeof command, "rm -r %s", directory);
    CHECK_INT(system(command), 0);
    return unit_end();
}
