/* SPDX-License-Identifier: MIT */
/* The JSON reader and the canonical form. */
#include "core/api/json.h"
#include "store/memory.h"
#include "unit.h"

static enum json_result canonical(const char *text, const char *const *ignored, char *out)
{
    struct buffer buffer = {0};
    enum json_result result = json_canonical(span_text(text), ignored, &buffer);
    span_copy_text(buffer_span(&buffer), out, 512);
    buffer_free(&buffer);
    return result;
}

static void check_canonical(const char *text, const char *expected)
{
    char out[512];
    CHECK_INT(canonical(text, NULL, out), JSON_OK);
    CHECK_TEXT(out, expected);
    /* It is its own canonical form. */
    CHECK_INT(canonical(expected, NULL, out), JSON_OK);
    CHECK_TEXT(out, expected);
}

static void test_order_and_space(void)
{
    check_canonical(" { \"b\" : 1 ,\n\"a\":[ 2 ,\t1 ] } ", "{\"a\":[2,1],\"b\":1}");
    check_canonical("{\"x\":{\"b\":{},\"a\":[]},\"aa\":null,\"a\":true}",
                    "{\"a\":true,\"aa\":null,\"x\":{\"a\":[],\"b\":{}}}");
    check_canonical("[]", "[]");
    check_canonical("[[],[{}],\"\"]", "[[],[{}],\"\"]");
}

static void test_numbers(void)
{
    check_canonical("[0,0.0,0e5,-0,-0.0]", "[0,0,0,-0,-0]");
    check_canonical("[1,1.0,10e-1,0.1E+1]", "[1,1,1,1]");
    check_canonical("[100,1e2,1.00e2]", "[1e2,1e2,1e2]");
    check_canonical("[0.001,1e-3,-12.50e3]", "[1e-3,1e-3,-125e2]");
    /* 2^64-1 and its neighbour: one number as a double. */
    check_canonical("[18446744073709551615,18446744073709551614]",
                    "[18446744073709551615,18446744073709551614]");
    check_canonical("[0.1,0.10000000000000000555]", "[1e-1,10000000000000000555e-20]");
}

static void test_strings(void)
{
    check_canonical("\"\\u0041\\/\\b\\f\\n\\r\\t\\\"\\\\\"",
                    "\"A/\\u0008\\u000c\\u000a\\u000d\\u0009\\\"\\\\\"");
    check_canonical("\"\\u00e9\xc3\xa9\"", "\"\xc3\xa9\xc3\xa9\"");
    check_canonical("\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\"");
    check_canonical("\"\\uD83D x \\uDE00\"", "\"\\ud83d x \\ude00\"");
    check_canonical("\"\\u0000\"", "\"\\u0000\"");
    check_canonical("{\"\\u0062\":1,\"a\":2}", "{\"a\":2,\"b\":1}");
}

static void test_duplicates(void)
{
    char out[512];
    CHECK_INT(canonical("{\"a\":1,\"a\":1}", NULL, out), JSON_DUPLICATE);
    CHECK_INT(canonical("{\"a\":1,\"\\u0061\":2}", NULL, out), JSON_DUPLICATE);
    CHECK_INT(canonical("[{\"x\":{\"b\":1,\"c\":2,\"b\":3}}]", NULL, out),
              JSON_DUPLICATE);
    CHECK_INT(canonical("{\"a\":{\"a\":1},\"A\":1}", NULL, out), JSON_OK);
}

static void test_ignored(void)
{
    static const char *const ignored[] = {"user", "messages/*/cache_control",
                                          "options/threads", "m/*/point", NULL};
    char out[512];
    CHECK_INT(canonical("{\"user\":\"u\",\"x\":{\"user\":1},\"messages\":[{\"role\":1,"
                        "\"cache_control\":{}}],\"tools\":[{\"cache_control\":1}]}",
                        ignored, out),
              JSON_OK);
    CHECK_TEXT(out, "{\"messages\":[{\"role\":1}],\"tools\":[{\"cache_control\":1}],"
                    "\"x\":{\"user\":1}}");
    /* An object of which nothing is left goes, too; one that was empty stays. */
    CHECK_INT(
        canonical("{\"options\":{\"threads\":4},\"m\":[1,{\"point\":{}},2],\"e\":{}}",
                  ignored, out),
        JSON_OK);
    CHECK_TEXT(out, "{\"e\":{},\"m\":[1,2]}");
    CHECK_INT(canonical("{\"user\":1}", ignored, out), JSON_OK);
    CHECK_TEXT(out, "{}");
    /* Within an array's place an object's member of that name does not count. */
    CHECK_INT(canonical("{\"messages\":{\"x\":{\"cache_control\":1}}}", ignored, out),
              JSON_OK);
    CHECK_TEXT(out, "{\"messages\":{\"x\":{\"cache_control\":1}}}");
}

static void test_invalid(void)
{
    static const char *const texts[] = {
        "",        " ",       "nul",         "truex",      "01",       "1.",
        ".5",      "-",       "1e",          "+1",         "[1,]",     "[,1]",
        "[1 2]",   "{\"a\"}", "{\"a\":}",    "{\"a\":1,}", "{a:1}",    "\"",
        "\"\\x\"", "\"\n\"",  "\"\\u12g4\"", "[1}",        "{\"a\":1", "1 2",
        "[",       "]",       "'a'",         "NaN",        "[1],",     "{,}",
    };
    char out[512];
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        CHECK(!json_valid(span_text(texts[i])));
        CHECK_INT(canonical(texts[i], NULL, out), JSON_INVALID);
    }
    CHECK_INT(canonical("1e9999999999", NULL, out), JSON_INVALID);
}

static void test_depth(void)
{
    char deep[2 * JSON_DEPTH + 3] = {0};
    struct buffer out = {0};
    memset(deep, '[', JSON_DEPTH);
    memset(deep + JSON_DEPTH, ']', JSON_DEPTH);
    CHECK(json_valid(span_text(deep)));
    CHECK_INT(json_canonical(span_text(deep), NULL, &out), JSON_OK);
    memset(deep, '[', JSON_DEPTH + 1);
    memset(deep + JSON_DEPTH + 1, ']', JSON_DEPTH + 1);
    CHECK(!json_valid(span_text(deep)));
    buffer_free(&out);
}

static bool count_visits(struct json value, void *context)
{
    (void)value;
    ++*(int *)context;
    return true;
}

static int visits(const char *text, const char *path)
{
    int count = 0;
    CHECK(json_each(json_of(span_text(text)), path, count_visits, &count));
    return count;
}

static void test_paths(void)
{
    const char *text = "{\"a\":{\"b\":[{\"c\":1},{\"c\":2},{\"d\":3}]},\"e\":\"]\\\"}\"}";
    struct json value = json_of(span_text(text));
    CHECK_INT(visits(text, "a/b/*/c"), 2);
    CHECK_INT(visits(text, "a/?/*"), 3);
    CHECK_INT(visits(text, "a/b/?"), 0);
    CHECK_INT(visits(text, "a/*"), 0);
    CHECK_INT(visits(text, "x/*/y"), 0);
    CHECK_INT(visits(text, ""), 1);
    CHECK_INT(json_kind(json_at(value, "a/b")), JSON_KIND_ARRAY);
    CHECK_INT(json_count(json_at(value, "a/b")), 3);
    CHECK(json_text_is(json_member(value, "e"), "]\"}"));
    CHECK_INT(json_kind(json_at(value, "e/x")), JSON_KIND_ABSENT);
}

static void test_texts(void)
{
    char text[8];
    struct json value = json_of(span_text("\"a\\u00e9\\ud83d\\ude00z\""));
    struct buffer out = {0};
    json_append_text(value, &out);
    CHECK_INT(out.size, 8);
    CHECK_BYTES(out.at, "a\xc3\xa9\xf0\x9f\x98\x80z", 8);
    json_copy_text(value, text, sizeof(text)); /* never half a character */
    CHECK_TEXT(text, "a\xc3\xa9\xf0\x9f\x98\x80");
    json_copy_text(value, text, 5);
    CHECK_TEXT(text, "a\xc3\xa9");
    CHECK(json_text_contains(json_of(span_text("\"x:onl\\u0069ne\"")), ":online"));
    CHECK(!json_text_contains(json_of(span_text("\"x:onlin\"")), ":online"));
    CHECK(!json_text_is(json_of(span_text("1")), "1"));
    buffer_free(&out);
}

static void test_integers(void)
{
    uint64_t number;
    CHECK(json_u64(json_of(span_text("18446744073709551615")), &number));
    CHECK(number == UINT64_MAX);
    CHECK(!json_u64(json_of(span_text("18446744073709551616")), &number));
    CHECK(!json_u64(json_of(span_text("-1")), &number));
    CHECK(!json_u64(json_of(span_text("1.0")), &number));
}

static void test_memory(void)
{
    static const char text[] =
        "{\"b\":[{\"y\":1,\"x\":\"\\u0041\"}],\"a\":{\"d\":1,\"c\":2}}";
    bool done = false;
    for (unsigned long n = 1; !done && n < 100; n++) {
        struct buffer out = {0};
        memory_fail_from(n);
        enum json_result result = json_canonical(span_text(text), NULL, &out);
        memory_fail_from(0);
        done = result == JSON_OK;
        CHECK(done || result == JSON_NO_MEMORY);
        buffer_free(&out);
    }
    CHECK(done);
}

int main(void)
{
    RUN(test_order_and_space);
    RUN(test_numbers);
    RUN(test_strings);
    RUN(test_duplicates);
    RUN(test_ignored);
    RUN(test_invalid);
    RUN(test_depth);
    RUN(test_paths);
    RUN(test_texts);
    RUN(test_integers);
    RUN(test_memory);
    return unit_end();
}
