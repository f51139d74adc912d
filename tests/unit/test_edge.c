/* SPDX-License-Identifier: MIT */
/* RFC 9111 and RFC 5861 as a private cache follows them: a test for each statement that our kind of
 * cache has to keep, named by its section. */
#include "unit.h"

#include "shim/core/api/edge_call.h"
#include "shim/core/api/edge_condition.h"
#include "shim/core/api/edge_date.h"
#include "shim/core/api/edge_fresh.h"
#include "shim/core/api/edge_list.h"
#include "shim/core/api/record.h"
#include "store/duration.h"
#include "store/memory.h"

#include <sodium.h>
#include <stdlib.h>

#define NOW             1795788000 /* Fri, 27 Nov 2026 14:00:00 GMT */
#define DATE_NOW        "Fri, 27 Nov 2026 14:00:00 GMT"
#define DATE_HOUR_AGO   "Fri, 27 Nov 2026 13:00:00 GMT"
#define DATE_IN_AN_HOUR "Fri, 27 Nov 2026 15:00:00 GMT"

/* "Name: value\nName: value"; kept until the next eight calls. */
static struct headers *fields(const char *text)
{
    static struct header lines[8][16];
    static struct headers lists[8];
    static unsigned next;
    struct headers *out = &lists[next++ % 8];
    *out = (struct headers){lines[out - lists], 0, 16};
    struct span left = span_text(text);
    while (left.size) {
        size_t size = span_find(left, span_text("\n"));
        struct span line = span_of(left.at, size);
        size_t colon = span_find(line, span_text(":"));
        out->at[out->count++] = (struct header){span_of(line.at, colon),
                                                span_trim(span_skip(line, colon + 1))};
        left = span_skip(left, size + 1);
    }
    return out;
}

static int stored(const char *request, unsigned status, const char *response)
{
    struct response answer = {.status = status, .headers = *fields(response)};
    return (int)edge_may_store(fields(request), &answer);
}

static uint64_t lifetime(const char *response)
{
    return edge_lifetime(fields(response), 0, NOW);
}

/* What an answer with |response|, |age| and |life| is good for. */
static enum edge_use use_of(const char *request, const char *response, uint64_t age,
                            uint64_t life)
{
    struct edge_control asked;
    struct edge_stored entry = {
        .headers = fields(response), .age_s = age, .lifetime_s = life};
    edge_control_read(fields(request), &asked);
    return edge_use_for(&asked, &entry);
}

static bool fails_over(const char *request, const char *response, uint64_t age,
                       uint64_t rule_s)
{
    struct edge_control asked;
    struct edge_stored entry = {
        .headers = fields(response), .age_s = age, .lifetime_s = 60, .failing_s = rule_s};
    edge_control_read(fields(request), &asked);
    return edge_use_failing(&asked, &entry);
}

/* -- 1.2.2, 3 ----------------------------------------------------------------------------- */

static void test_1_2_2_delta_seconds_do_not_overflow(void)
{
    CHECK_INT(lifetime("Cache-Control: max-age=99999999999999999999"), EDGE_SECONDS_MOST);
    CHECK_INT(lifetime("Cache-Control: max-age=2147483649"), EDGE_SECONDS_MOST);
    CHECK_INT(edge_initial_age(fields("Age: 99999999999999999999"), NOW, 0),
              EDGE_SECONDS_MOST);
}

static void test_3_only_understood_final_statuses(void)
{
    static const unsigned good[] = {200, 203, 204, 404, 405, 410, 414};
    static const unsigned bad[] = {100, 101, 206, 301, 302, 304, 307, 308,
                                   401, 403, 407, 429, 500, 503, 504, 299};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK_INT(stored("", good[i], "Cache-Control: max-age=60"), REASON_NONE);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_INT(stored("", bad[i], "Cache-Control: max-age=60"), REASON_STATUS);
}

static void test_3_no_store_on_either_side(void)
{
    CHECK_INT(stored("", 200, "Cache-Control: no-store, max-age=60"), REASON_NO_STORE);
    CHECK_INT(stored("", 200, "Cache-Control: max-age=60\nCache-Control: No-Store"),
              REASON_NO_STORE);
    CHECK_INT(stored("Cache-Control: no-store", 200, "Cache-Control: max-age=60"),
              REASON_NO_STORE);
}

static void test_3_3_parts_are_not_kept(void)
{
    CHECK_INT(stored("", 206, "Cache-Control: max-age=60\nETag: \"a\""), REASON_STATUS);
}

static void test_3_something_must_allow_it(void)
{
    CHECK_INT(stored("", 200, "Content-Type: text/plain"), REASON_NO_FRESHNESS);
    CHECK_INT(stored("", 200, "Cache-Control: max-age=1"), REASON_NONE);
    CHECK_INT(stored("", 200, "Expires: " DATE_IN_AN_HOUR), REASON_NONE);
    CHECK_INT(stored("", 200, "ETag: \"a\""), REASON_NONE);
    CHECK_INT(stored("", 200, "Last-Modified: " DATE_HOUR_AGO), REASON_NONE);
}

static void test_3_private_and_authorization_are_for_a_private_cache(void)
{
    CHECK_INT(
        stored("Authorization: Bearer x", 200, "Cache-Control: private, max-age=60"),
        REASON_NONE);
}

static void test_3_1_set_cookie_was_meant_for_once(void)
{
    const struct headers *headers = fields("Set-Cookie: a=b\nCache-Control: max-age=60");
    CHECK(!record_keeps_edge(headers, span_text("Set-Cookie")));
}

static void test_3_1_fields_of_one_connection_are_not_kept(void)
{
    const struct headers *headers = fields(
        "Connection: close, X-Hop\nX-Hop: 1\nKeep-Alive: 5\nDate: x\nETag: \"a\"\n"
        "Proxy-Authenticate: x\nX-Unknown: 1\nVary: a\nTransfer-Encoding: chunked");
    static const char *const gone[] = {"Connection", "X-Hop", "Keep-Alive",
                                       "Proxy-Authenticate", "Transfer-Encoding"};
    static const char *const kept[] = {"Date", "ETag", "X-Unknown", "Vary",
                                       "Cache-Control"};
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
        CHECK(!record_keeps_edge(headers, span_text(gone[i])));
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        CHECK(record_keeps_edge(headers, span_text(kept[i])));
}

/* -- 4.1 ------------------------------------------------------------------------------------ */

static void variant(const char *request, const char *response, uint8_t key[32])
{
    static const struct tenant tenant = {0};
    struct request asked = {.method = span_text("GET"),
                            .tls = true,
                            .host = span_text("example.org"),
                            .port = 443,
                            .target = span_text("/a"),
                            .headers = *fields(request)};
    struct key_hash hash;
    key_begin(&hash, &tenant, "test");
    edge_call_key(&asked, &hash);
    edge_call_variant(&asked, fields(response), &hash);
    key_end(&hash, key);
}

static bool same_variant(const char *a, const char *b, const char *response)
{
    uint8_t first[32], second[32];
    variant(a, response, first);
    variant(b, response, second);
    return memcmp(first, second, sizeof first) == 0;
}

static void test_4_1_all_fields_of_vary_must_match(void)
{
    CHECK(same_variant("X: 1", "X: 2", ""));
    CHECK(!same_variant("X: 1", "X: 2", "Vary: x"));
    CHECK(same_variant("X: 1", "x: 1", "Vary: X"));
    CHECK(!same_variant("X: 1\nY: 1", "X: 1\nY: 2", "Vary: X, Y"));
    CHECK(!same_variant("X: 1\nY: 1", "X: 1\nY: 2", "Vary: X\nVary: Y"));
    CHECK(!same_variant("X: 1", "", "Vary: X"));
    CHECK(!same_variant("X:", "", "Vary: X"));
    CHECK(same_variant("", "", "Vary: X"));
}

static void test_4_1_whitespace_is_no_difference(void)
{
    CHECK(same_variant("X: a,b", "X: a ,  b", "Vary: X"));
    CHECK(!same_variant("X: a,b", "X: ab", "Vary: X"));
    CHECK(!same_variant("X: a,b", "X: b,a", "Vary: X"));
}

static void test_4_1_asterisk_never_matches(void)
{
    CHECK_INT(stored("", 200, "Cache-Control: max-age=60\nVary: *"), REASON_NO_STORE);
    CHECK_INT(stored("", 200, "Cache-Control: max-age=60\nVary: x, *"), REASON_NO_STORE);
}

static void test_2_credentials_belong_to_the_key(void)
{
    CHECK(!same_variant("Cookie: a", "Cookie: b", ""));
    CHECK(!same_variant("Cookie: a", "", ""));
    CHECK(!same_variant("Private-Token: a", "Private-Token: b", ""));
    CHECK(!same_variant("Accept: text/html", "Accept: text/plain", ""));
    CHECK(same_variant("Authorization: a", "Authorization: b", "")); /* the identity's */
    CHECK(same_variant("User-Agent: a", "User-Agent: b", ""));
}

/* -- 4.2 ------------------------------------------------------------------------------------ */

static int64_t date(const char *text)
{
    int64_t seconds = -1;
    return edge_date_parse(span_text(text), NOW, &seconds) ? seconds : -1;
}

static void test_4_2_dates_in_all_three_forms(void)
{
    CHECK_INT(date("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
    CHECK_INT(date("Sunday, 06-Nov-94 08:49:37 GMT"), 784111777);
    CHECK_INT(date("Sun Nov  6 08:49:37 1994"), 784111777);
    CHECK_INT(date("Sun Nov 16 08:49:37 1994"), 784975777);
    CHECK_INT(date("Thu, 29 Feb 2024 00:00:00 GMT"), 1709164800);
    CHECK_INT(date("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
    CHECK_INT(date(DATE_NOW), NOW);
}

static void test_4_2_names_without_case_and_no_zone_but_gmt(void)
{
    CHECK_INT(date("sun, 06 nov 1994 08:49:37 gmt"), 784111777);
    CHECK_INT(date("Sun, 06 Nov 1994 08:49:37 UTC"), 784111777);
    CHECK_INT(date("Sun, 06 Nov 1994 08:49:37 CET"), -1);
    CHECK_INT(date("Sun, 06 Nov 1994 08:49:37 +0100"), -1);
    CHECK_INT(date("Sun, 06 Nov 1994 08:49:37"), -1);
}

static void test_4_2_what_is_no_date(void)
{
    static const char *const wrong[] = {"",
                                        "0",
                                        "-1",
                                        "now",
                                        "Sun, 06 Nov 1994 24:00:00 GMT",
                                        "Sun, 31 Feb 1994 08:49:37 GMT",
                                        "Sun, 00 Nov 1994 08:49:37 GMT",
                                        "Thu, 29 Feb 2023 00:00:00 GMT",
                                        "Sun, 06 Nov 0000 08:49:37 GMT",
                                        "Sun, 06 Nov 1994 08:49:37 GMT x",
                                        "Sun, 6 Nov 1994 08:49:37 GMT"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK_INT(date(wrong[i]), -1);
}

static void test_4_2_two_digits_are_at_most_50_years_ahead(void)
{
    CHECK_INT(date("Sunday, 06-Nov-76 00:00:00 GMT"), 3371846400);
    CHECK_INT(date("Sunday, 06-Nov-77 00:00:00 GMT"), 247622400);
}

static void test_4_2_1_max_age_before_expires(void)
{
    CHECK_INT(lifetime("Cache-Control: max-age=60\nExpires: " DATE_IN_AN_HOUR), 60);
    CHECK_INT(lifetime("Date: " DATE_NOW "\nExpires: " DATE_IN_AN_HOUR), 3600);
    CHECK_INT(lifetime("Date: " DATE_HOUR_AGO "\nExpires: " DATE_IN_AN_HOUR), 7200);
    CHECK_INT(lifetime("Expires: " DATE_IN_AN_HOUR), 3600);
    CHECK_INT(lifetime("Content-Type: x"), 0);
}

static void test_4_2_1_s_maxage_is_not_for_a_private_cache(void)
{
    CHECK_INT(lifetime("Cache-Control: s-maxage=600, max-age=60"), 60);
    CHECK_INT(lifetime("Cache-Control: s-maxage=600"), 0);
}

static void test_4_2_1_what_contradicts_itself_is_stale(void)
{
    CHECK_INT(lifetime("Cache-Control: max-age=60, max-age=90"), 0);
    CHECK_INT(lifetime("Cache-Control: max-age=60, max-age=60"), 60);
    CHECK_INT(lifetime("Cache-Control: max-age=x"), 0);
    CHECK_INT(lifetime("Cache-Control: max-age=-5"), 0);
    CHECK_INT(lifetime("Cache-Control: max-age"), 0);
    CHECK_INT(lifetime("Cache-Control: max-age=1.5\nExpires: " DATE_IN_AN_HOUR), 0);
    CHECK_INT(lifetime("Expires: " DATE_IN_AN_HOUR "\nExpires: " DATE_NOW), 0);
    CHECK_INT(lifetime("Cache-Control: max-age=\"60\""), 60);
}

static void test_4_2_2_heuristics_only_where_they_are_wanted(void)
{
    const char *changed = "Date: " DATE_NOW "\nLast-Modified: " DATE_HOUR_AGO;
    const char *said =
        "Date: " DATE_NOW "\nLast-Modified: " DATE_HOUR_AGO "\nCache-Control: max-age=5";
    const char *expired =
        "Date: " DATE_NOW "\nLast-Modified: " DATE_HOUR_AGO "\nExpires: 0";
    const char *old = "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT";
    CHECK_INT(edge_lifetime(fields(changed), 0, NOW), 0);
    CHECK_INT(edge_lifetime(fields(changed), DURATION_FOREVER, NOW), 360);
    CHECK_INT(edge_lifetime(fields(said), DURATION_FOREVER, NOW), 5);
    CHECK_INT(edge_lifetime(fields(expired), DURATION_FOREVER, NOW), 0);
    CHECK_INT(edge_lifetime(fields(old), DURATION_FOREVER, NOW), 86400);
    CHECK_INT(edge_lifetime(fields("Last-Modified: " DATE_IN_AN_HOUR), 600, NOW), 0);
    CHECK_INT(edge_lifetime(fields(changed), 60, NOW), 60);
    CHECK_INT(edge_lifetime(fields("X: 1"), 60, NOW), 60);
    CHECK_INT(edge_lifetime(fields("X: 1"), DURATION_FOREVER, NOW), 0);
}

static void test_4_2_3_age(void)
{
    CHECK_INT(edge_initial_age(fields(""), NOW, 0), 0);
    CHECK_INT(edge_initial_age(fields(""), NOW, 7), 7);
    CHECK_INT(edge_initial_age(fields("Age: 100"), NOW, 7), 107);
    CHECK_INT(edge_initial_age(fields("Date: " DATE_HOUR_AGO), NOW, 7), 3600);
    CHECK_INT(edge_initial_age(fields("Age: 5000\nDate: " DATE_HOUR_AGO), NOW, 0), 5000);
    CHECK_INT(edge_initial_age(fields("Date: " DATE_IN_AN_HOUR), NOW, 0), 0);
    CHECK_INT(edge_initial_age(fields("Age: x"), NOW, 0), 0);
    CHECK_INT(edge_initial_age(fields("Age: 10, 20"), NOW, 0), 10); /* 5.1 */
}

static void test_4_2_fresh_while_the_lifetime_is_greater(void)
{
    CHECK_INT(use_of("", "", 59, 60), EDGE_USE_AS_IS);
    CHECK_INT(use_of("", "", 60, 60), EDGE_USE_VALIDATED);
    CHECK_INT(use_of("", "", 0, 0), EDGE_USE_VALIDATED);
}

static void test_4_2_4_stale_only_when_allowed(void)
{
    CHECK_INT(use_of("", "", 70, 60), EDGE_USE_VALIDATED);
    CHECK_INT(use_of("Cache-Control: max-stale=20", "", 70, 60), EDGE_USE_AS_IS);
    CHECK_INT(
        use_of("Cache-Control: max-stale=20", "Cache-Control: must-revalidate", 70, 60),
        EDGE_USE_VALIDATED);
    CHECK_INT(use_of("Cache-Control: max-stale", "Cache-Control: no-cache", 70, 60),
              EDGE_USE_VALIDATED);
}

/* -- 4.3 ------------------------------------------------------------------------------------ */

static void check_condition(const char *response, const char *expected)
{
    struct buffer out = {0};
    edge_condition_make(fields(response), &out);
    buffer_append_byte(&out, 0);
    CHECK_TEXT((const char *)out.at, expected);
    buffer_free(&out);
}

static void test_4_3_1_conditions_from_validators(void)
{
    check_condition("ETag: \"a\"", "If-None-Match: \"a\"\r\n");
    check_condition("ETag: W/\"a\"\nLast-Modified: " DATE_NOW,
                    "If-None-Match: W/\"a\"\r\nIf-Modified-Since: " DATE_NOW "\r\n");
    check_condition("ETag: broken", "");
    CHECK(edge_condition_possible(fields("ETag: \"a\"")));
    CHECK(edge_condition_possible(fields("Last-Modified: " DATE_NOW)));
    CHECK(!edge_condition_possible(fields("ETag: broken")));
}

static bool unmodified(const char *request, const char *response)
{
    return edge_condition_unmodified(fields(request), fields(response), NOW);
}

static void test_4_3_2_if_none_match_compares_weakly(void)
{
    CHECK(unmodified("If-None-Match: \"a\"", "ETag: \"a\""));
    CHECK(unmodified("If-None-Match: \"b\", W/\"a\"", "ETag: \"a\""));
    CHECK(unmodified("If-None-Match: \"b\"\nIf-None-Match: \"a\"", "ETag: W/\"a\""));
    CHECK(unmodified("If-None-Match: \"a,b\"", "ETag: \"a,b\""));
    CHECK(unmodified("If-None-Match: *", "ETag: \"a\""));
    CHECK(unmodified("If-None-Match: *", ""));
    CHECK(!unmodified("If-None-Match: \"b\"", "ETag: \"a\""));
    CHECK(!unmodified("If-None-Match: \"A\"", "ETag: \"a\""));
    CHECK(!unmodified("If-None-Match: \"a\"", ""));
}

static void test_4_3_2_if_none_match_before_the_date(void)
{
    CHECK(!unmodified("If-None-Match: \"b\"\nIf-Modified-Since: " DATE_NOW,
                      "ETag: \"a\"\nLast-Modified: " DATE_HOUR_AGO));
}

static void test_4_3_2_if_modified_since(void)
{
    CHECK(unmodified("If-Modified-Since: " DATE_NOW, "Last-Modified: " DATE_NOW));
    CHECK(unmodified("If-Modified-Since: " DATE_NOW, "Last-Modified: " DATE_HOUR_AGO));
    CHECK(!unmodified("If-Modified-Since: " DATE_HOUR_AGO, "Last-Modified: " DATE_NOW));
    CHECK(unmodified("If-Modified-Since: " DATE_NOW, "Date: " DATE_HOUR_AGO));
    CHECK(!unmodified("If-Modified-Since: " DATE_HOUR_AGO, "Date: " DATE_NOW));
    CHECK(!unmodified("If-Modified-Since: yesterday", "Last-Modified: " DATE_HOUR_AGO));
    CHECK(!unmodified("If-Modified-Since: " DATE_NOW, ""));
}

static void test_4_3_2_what_only_the_server_can_judge(void)
{
    CHECK(edge_condition_is_foreign(fields("If-Match: \"a\"")));
    CHECK(edge_condition_is_foreign(fields("if-unmodified-since: " DATE_NOW)));
    CHECK(edge_condition_is_foreign(fields("Range: bytes=0-1")));
    CHECK(edge_condition_is_foreign(fields("If-Range: \"a\"")));
    CHECK(!edge_condition_is_foreign(fields("If-None-Match: \"a\"")));
}

static void test_4_3_4_a_304_speaks_of_what_it_names(void)
{
    const char *entry = "ETag: \"a\"\nLast-Modified: " DATE_HOUR_AGO;
    CHECK(edge_condition_confirms(fields("ETag: \"a\""), fields(entry), NOW));
    CHECK(edge_condition_confirms(fields("ETag: W/\"a\""), fields(entry), NOW));
    CHECK(!edge_condition_confirms(fields("ETag: \"b\""), fields(entry), NOW));
    CHECK(!edge_condition_confirms(fields("ETag: \"a\""), fields("ETag: W/\"a\""), NOW));
    CHECK(edge_condition_confirms(fields("ETag: W/\"a\""), fields("ETag: W/\"a\""), NOW));
    CHECK(edge_condition_confirms(fields("Last-Modified: " DATE_HOUR_AGO), fields(entry),
                                  NOW));
    CHECK(
        !edge_condition_confirms(fields("Last-Modified: " DATE_NOW), fields(entry), NOW));
    CHECK(edge_condition_confirms(fields(""), fields(entry), NOW));
}

static void check_update(const char *entry, const char *message, const char *expected)
{
    struct headers out = {0};
    struct buffer text = {0};
    CHECK_INT(edge_condition_update(fields(entry), fields(message), &out), 0);
    for (size_t i = 0; i < out.count; i++) {
        buffer_append_span(&text, out.at[i].name);
        buffer_append_byte(&text, ':');
        buffer_append_span(&text, out.at[i].value);
        buffer_append_byte(&text, '\n');
    }
    buffer_append_byte(&text, 0);
    CHECK_TEXT((const char *)text.at, expected);
    buffer_free(&text);
    headers_free(&out);
}

static void test_3_2_a_304_replaces_and_adds_fields(void)
{
    check_update("Date: 1\nX: 1\nX: 2\nY: 1", "date: 2\nx: 3\nZ: 1",
                 "Y:1\ndate:2\nx:3\nZ:1\n");
}

static void test_3_2_but_not_those_that_the_bytes_depend_on(void)
{
    check_update("Content-Type: a\nY: 1",
                 "Content-Type: b\nContent-Length: 0\nContent-Encoding: gzip\n"
                 "Content-Range: x\nConnection: X-Hop\nX-Hop: 1\nSet-Cookie: a",
                 "Content-Type:a\nY:1\n");
}

/* -- 5.2.1 ---------------------------------------------------------------------------------- */

static void test_5_2_1_1_max_age_of_a_request(void)
{
    CHECK_INT(use_of("Cache-Control: max-age=30", "", 30, 60), EDGE_USE_AS_IS);
    CHECK_INT(use_of("Cache-Control: max-age=30", "", 31, 60), EDGE_USE_VALIDATED);
    CHECK_INT(use_of("Cache-Control: max-age=0", "", 1, 60), EDGE_USE_VALIDATED);
    CHECK_INT(use_of("Cache-Control: max-age=x", "", 1, 60), EDGE_USE_VALIDATED);
    CHECK_INT(use_of("Cache-Control: max-age=90", "", 70, 60), EDGE_USE_VALIDATED);
    CHECK_INT(use_of("Cache-Control: max-age=90, max-stale", "", 70, 60), EDGE_USE_AS_IS);
    CHECK_INT(use_of("Cache-Control: max-age=65, max-stale", "", 70, 60),
              EDGE_USE_VALIDATED);
}

static void test_5_2_1_2_max_stale(void)
{
    CHECK_INT(use_of("Cache-Control: max-stale=10", "", 70, 60), EDGE_USE_AS_IS);
    CHECK_INT(use_of("Cache-Control: max-stale=9", "", 70, 60), EDGE_USE_VALIDATED);
    CHECK_INT(use_of("Cache-Control: max-stale", "", 99999, 60), EDGE_USE_AS_IS);
    CHECK_INT(use_of("Cache-Control: max-stale=x", "", 70, 60), EDGE_USE_VALIDATED);
}

static void test_5_2_1_3_min_fresh(void)
{
    CHECK_INT(use_of("Cache-Control: min-fresh=10", "", 50, 60), EDGE_USE_AS_IS);
    CHECK_INT(use_of("Cache-Control: min-fresh=11", "", 50, 60), EDGE_USE_VALIDATED);
    CHECK_INT(use_of("Cache-Control: min-fresh=x", "", 50, 60), EDGE_USE_VALIDATED);
}

static void test_5_2_1_4_no_cache_of_a_request(void)
{
    CHECK_INT(use_of("Cache-Control: no-cache", "", 1, 60), EDGE_USE_VALIDATED);
    CHECK_INT(use_of("Cache-Control: NO-CACHE", "", 1, 60), EDGE_USE_VALIDATED);
}

static void test_5_2_1_5_no_store_of_a_request(void)
{
    CHECK_INT(stored("Cache-Control: max-age=9, no-store", 200, "ETag: \"a\""),
              REASON_NO_STORE);
}

static void test_5_2_1_7_only_if_cached_is_seen(void)
{
    struct edge_control asked;
    edge_control_read(fields("Cache-Control: only-if-cached"), &asked);
    CHECK(asked.only_if_cached);
}

static void test_5_2_3_unknown_directives_are_passed_over(void)
{
    CHECK_INT(
        lifetime("Cache-Control: foo, bar=\"no-store, max-age=9\", max-age=60, , x="),
        60);
    CHECK_INT(stored("", 200, "Cache-Control: foo=\"no-store\", max-age=60"),
              REASON_NONE);
}

/* -- 5.2.2 ---------------------------------------------------------------------------------- */

static void test_5_2_2_2_must_revalidate(void)
{
    CHECK_INT(use_of("", "Cache-Control: must-revalidate", 50, 60), EDGE_USE_AS_IS);
    CHECK(!fails_over("", "Cache-Control: must-revalidate", 70, 1000));
    CHECK(!fails_over("", "Cache-Control: must-revalidate, stale-if-error=99", 70, 0));
}

static void test_5_2_2_4_no_cache_of_an_answer(void)
{
    CHECK_INT(use_of("", "Cache-Control: no-cache", 1, 60), EDGE_USE_VALIDATED);
    CHECK(!fails_over("", "Cache-Control: no-cache", 70, 1000));
}

static void test_5_2_2_4_no_cache_with_names_withholds_these_fields(void)
{
    const struct headers *headers =
        fields("Cache-Control: no-cache=\"x-one, X-Two\", max-age=60");
    CHECK(edge_control_withholds(headers, span_text("X-One")));
    CHECK(edge_control_withholds(headers, span_text("x-two")));
    CHECK(!edge_control_withholds(headers, span_text("X-Three")));
    CHECK(!record_keeps_edge(headers, span_text("X-One")));
    CHECK_INT(use_of("", "Cache-Control: no-cache=\"x-one\", max-age=60", 1, 60),
              EDGE_USE_AS_IS);
}

static void test_5_2_2_3_must_understand(void)
{
    const char *said = "Cache-Control: must-understand, max-age=60";
    CHECK_INT(stored("", 200, said), REASON_NONE);
    CHECK_INT(stored("", 299, said), REASON_STATUS);
    CHECK_INT(stored("", 299, "Cache-Control: must-understand, no-store, max-age=60"),
              REASON_STATUS);
}

static void test_5_2_2_5_no_store_of_an_answer(void)
{
    CHECK_INT(stored("", 200, "Cache-Control: private, no-store\nETag: \"a\""),
              REASON_NO_STORE);
}

static void test_5_2_2_7_private_is_for_us(void)
{
    const char *said = "Cache-Control: private=\"x-one\", max-age=60\nX-One: 1";
    CHECK_INT(stored("", 200, said), REASON_NONE);
    CHECK_INT(lifetime(said), 60);
    CHECK(record_keeps_edge(fields(said), span_text("X-One")));
}

static void test_5_2_2_9_public_is_no_time(void)
{
    CHECK_INT(stored("", 200, "Cache-Control: public"), REASON_NO_FRESHNESS);
    CHECK_INT(stored("", 200, "Cache-Control: public, max-age=1"), REASON_NONE);
}

static void test_5_2_2_10_s_maxage_does_not_count(void)
{
    CHECK_INT(stored("", 200, "Cache-Control: s-maxage=60"), REASON_NO_FRESHNESS);
    CHECK_INT(use_of("", "Cache-Control: s-maxage=0, max-age=60", 10, 60),
              EDGE_USE_AS_IS);
}

static void test_5_2_2_6_no_transform(void)
{
    CHECK_INT(stored("", 200,
                     "Cache-Control: max-age=60, no-transform\nContent-Encoding: gzip"),
              REASON_NO_STORE);
    CHECK_INT(stored("", 200, "Cache-Control: max-age=60, no-transform"), REASON_NONE);
}

static void test_5_2_2_8_proxy_revalidate_is_not_for_a_private_cache(void)
{
    CHECK_INT(
        use_of("Cache-Control: max-stale", "Cache-Control: proxy-revalidate", 70, 60),
        EDGE_USE_AS_IS);
}

static void test_5_3_expires_that_is_no_date_lies_in_the_past(void)
{
    CHECK_INT(lifetime("Expires: 0"), 0);
    CHECK_INT(lifetime("Expires: never"), 0);
    CHECK_INT(lifetime("Date: " DATE_NOW "\nExpires: " DATE_HOUR_AGO), 0);
    CHECK_INT(stored("", 200, "Expires: 0"), REASON_NONE);
}

static void test_5_4_pragma_counts_without_cache_control(void)
{
    CHECK_INT(use_of("Pragma: no-cache", "", 1, 60), EDGE_USE_VALIDATED);
    CHECK_INT(use_of("Pragma: no-cache\nCache-Control: max-age=99", "", 1, 60),
              EDGE_USE_AS_IS);
}

/* -- RFC 5861 ------------------------------------------------------------------------------- */

static void test_5861_3_stale_while_revalidate(void)
{
    const char *said = "Cache-Control: stale-while-revalidate=10";
    CHECK_INT(use_of("", said, 70, 60), EDGE_USE_MEANWHILE);
    CHECK_INT(use_of("", said, 71, 60), EDGE_USE_VALIDATED);
    CHECK_INT(use_of("Cache-Control: no-cache", said, 65, 60), EDGE_USE_VALIDATED);
    CHECK_INT(use_of("Cache-Control: max-age=99", said, 65, 60), EDGE_USE_VALIDATED);
    CHECK_INT(
        use_of("", "Cache-Control: must-revalidate, stale-while-revalidate=10", 65, 60),
        EDGE_USE_VALIDATED);
}

static void test_5861_4_stale_if_error(void)
{
    CHECK(fails_over("", "Cache-Control: stale-if-error=10", 70, 0));
    CHECK(!fails_over("", "Cache-Control: stale-if-error=10", 71, 1000));
    CHECK(fails_over("", "", 70, 1000));
    CHECK(!fails_over("", "", 70, 0));
    CHECK(fails_over("Cache-Control: stale-if-error=10", "", 70, 0));
    CHECK(!fails_over("Cache-Control: no-cache", "", 70, 1000));
}

/* -- memory --------------------------------------------------------------------------------- */

static void test_updating_survives_short_memory(void)
{
    int good = 0;
    for (unsigned number = 1; number <= 8; number++) {
        struct headers out = {0};
        memory_fail_from(number);
        good += edge_condition_update(fields("A: 1\nB: 2"), fields("C: 3"), &out) == 0;
        memory_fail_from(0);
        headers_free(&out);
    }
    CHECK(good > 0 && good < 8);
}

int main(void)
{
    if (sodium_init() < 0)
        return 1;
    RUN(test_1_2_2_delta_seconds_do_not_overflow);
    RUN(test_2_credentials_belong_to_the_key);
    RUN(test_3_only_understood_final_statuses);
    RUN(test_3_no_store_on_either_side);
    RUN(test_3_something_must_allow_it);
    RUN(test_3_private_and_authorization_are_for_a_private_cache);
    RUN(test_3_1_set_cookie_was_meant_for_once);
    RUN(test_3_1_fields_of_one_connection_are_not_kept);
    RUN(test_3_2_a_304_replaces_and_adds_fields);
    RUN(test_3_2_but_not_those_that_the_bytes_depend_on);
    RUN(test_3_3_parts_are_not_kept);
    RUN(test_4_1_all_fields_of_vary_must_match);
    RUN(test_4_1_whitespace_is_no_difference);
    RUN(test_4_1_asterisk_never_matches);
    RUN(test_4_2_dates_in_all_three_forms);
    RUN(test_4_2_names_without_case_and_no_zone_but_gmt);
    RUN(test_4_2_what_is_no_date);
    RUN(test_4_2_two_digits_are_at_most_50_years_ahead);
    RUN(test_4_2_fresh_while_the_lifetime_is_greater);
    RUN(test_4_2_1_max_age_before_expires);
    RUN(test_4_2_1_s_maxage_is_not_for_a_private_cache);
    RUN(test_4_2_1_what_contradicts_itself_is_stale);
    RUN(test_4_2_2_heuristics_only_where_they_are_wanted);
    RUN(test_4_2_3_age);
    RUN(test_4_2_4_stale_only_when_allowed);
    RUN(test_4_3_1_conditions_from_validators);
    RUN(test_4_3_2_if_none_match_compares_weakly);
    RUN(test_4_3_2_if_none_match_before_the_date);
    RUN(test_4_3_2_if_modified_since);
    RUN(test_4_3_2_what_only_the_server_can_judge);
    RUN(test_4_3_4_a_304_speaks_of_what_it_names);
    RUN(test_5_2_1_1_max_age_of_a_request);
    RUN(test_5_2_1_2_max_stale);
    RUN(test_5_2_1_3_min_fresh);
    RUN(test_5_2_1_4_no_cache_of_a_request);
    RUN(test_5_2_1_5_no_store_of_a_request);
    RUN(test_5_2_1_7_only_if_cached_is_seen);
    RUN(test_5_2_2_2_must_revalidate);
    RUN(test_5_2_2_3_must_understand);
    RUN(test_5_2_2_4_no_cache_of_an_answer);
    RUN(test_5_2_2_4_no_cache_with_names_withholds_these_fields);
    RUN(test_5_2_2_5_no_store_of_an_answer);
    RUN(test_5_2_2_6_no_transform);
    RUN(test_5_2_2_7_private_is_for_us);
    RUN(test_5_2_2_8_proxy_revalidate_is_not_for_a_private_cache);
    RUN(test_5_2_2_9_public_is_no_time);
    RUN(test_5_2_2_10_s_maxage_does_not_count);
    RUN(test_5_2_3_unknown_directives_are_passed_over);
    RUN(test_5_3_expires_that_is_no_date_lies_in_the_past);
    RUN(test_5_4_pragma_counts_without_cache_control);
    RUN(test_5861_3_stale_while_revalidate);
    RUN(test_5861_4_stale_if_error);
    RUN(test_updating_survives_short_memory);
    return unit_end();
}
