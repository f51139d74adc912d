/* SPDX-License-Identifier: MIT */
/* Conditional requests as test_edge.c has all else: RFC 9111, 3.2 and 4.3; sections 8, 13 and 15 are
 * RFC 9110's. */
#include "edge_fields.h"
#include "unit.h"

#include "shim/core/api/edge_condition.h"
#include "store/memory.h"

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
    check_condition("Last-Modified: " DATE_NOW, "If-Modified-Since: " DATE_NOW "\r\n");
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

static void test_13_1_3_one_date_and_no_more(void)
{
    CHECK(!unmodified("If-Modified-Since: " DATE_NOW "\nIf-Modified-Since: " DATE_NOW,
                      "Last-Modified: " DATE_HOUR_AGO));
    CHECK(!unmodified("If-Modified-Since: " DATE_NOW ", " DATE_NOW,
                      "Last-Modified: " DATE_HOUR_AGO));
}

static void test_8_8_3_what_is_no_entity_tag(void)
{
    CHECK(!edge_condition_possible(fields("ETag: a")));
    CHECK(!edge_condition_possible(fields("ETag: \"a")));
    CHECK(!edge_condition_possible(fields("ETag: \"a\"b\"")));
    CHECK(!edge_condition_possible(fields("ETag: w/\"a\"")));
    CHECK(!edge_condition_possible(fields("ETag: W/a")));
    CHECK(edge_condition_possible(fields("ETag: \"\"")));
    CHECK(!unmodified("If-None-Match: \"a", "ETag: \"a"));
}

static void test_15_4_5_a_304_tells_nothing_of_the_bytes(void)
{
    static const char *const said[] = {"Content-Location", "Date",         "ETag", "Vary",
                                       "Expires",          "Cache-Control"};
    struct headers *headers =
        fields("Content-Type: a\nContent-Location: /b\nDate: x\nETag: \"a\"\nVary: c\n"
               "Content-Language: de\nCache-Control: max-age=1\nExpires: x\nX-Other: 1");
    edge_condition_strip(headers);
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        CHECK(headers_find(headers, said[i]) != NULL);
    CHECK_INT(headers->count, 7);
    CHECK(!headers_find(headers, "Content-Type") &&
          !headers_find(headers, "Content-Language"));
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
    check_update(
        "Content-Type: a\nY: 1",
        "Content-Type: b\nContent-Length: 0\nContent-Encoding: gzip\n"
        "Content-Range: x\nRepr-Digest: x\nConnection: X-Hop\nX-Hop: 1\nSet-Cookie: a",
        "Content-Type:a\nY:1\n");
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
    RUN(test_3_2_a_304_replaces_and_adds_fields);
    RUN(test_3_2_but_not_those_that_the_bytes_depend_on);
    RUN(test_4_3_1_conditions_from_validators);
    RUN(test_4_3_2_if_none_match_compares_weakly);
    RUN(test_4_3_2_if_none_match_before_the_date);
    RUN(test_4_3_2_if_modified_since);
    RUN(test_4_3_2_what_only_the_server_can_judge);
    RUN(test_4_3_4_a_304_speaks_of_what_it_names);
    RUN(test_8_8_3_what_is_no_entity_tag);
    RUN(test_13_1_3_one_date_and_no_more);
    RUN(test_15_4_5_a_304_tells_nothing_of_the_bytes);
    RUN(test_updating_survives_short_memory);
    return unit_end();
}
