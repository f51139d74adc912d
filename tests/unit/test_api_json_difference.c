/* SPDX-License-Identifier: MIT */
/* Where two JSON texts differ, and how much they have in common. */
#include "core/api/json_difference.h"
#include "store/memory.h"
#include "unit.h"

/* "pointer left|right;" for each difference; "-" for what is not there. */
static bool collect(void *context, struct span pointer, struct json left,
                    struct json right)
{
    struct buffer *out = context;
    buffer_append_span(out, pointer);
    buffer_append_byte(out, ' ');
    buffer_append_span(out, left.text.size ? left.text : span_text("-"));
    buffer_append_byte(out, '|');
    buffer_append_span(out, right.text.size ? right.text : span_text("-"));
    buffer_append_byte(out, ';');
    return true;
}

static void check(const char *left, const char *right, const char *expected, size_t equal,
                  size_t different)
{
    struct buffer a = {0}, b = {0}, out = {0};
    struct json_likeness likeness;
    CHECK_INT(json_canonical(span_text(left), NULL, &a), JSON_OK);
    CHECK_INT(json_canonical(span_text(right), NULL, &b), JSON_OK);
    CHECK_INT(json_difference(buffer_span(&a), buffer_span(&b), collect, &out, &likeness),
              0);
    buffer_append_byte(&out, 0);
    CHECK_TEXT((const char *)out.at, expected);
    CHECK_INT(likeness.equal, equal);
    CHECK_INT(likeness.different, different);
    buffer_free(&a);
    buffer_free(&b);
    buffer_free(&out);
}

static void test_equal(void)
{
    check("{\"b\":[1,{},[]],\"a\":null}", "{\"a\":null,\"b\":[1.0,{},[]]}", "", 4, 0);
    check("7", "7", "", 1, 0);
    check("{}", " { } ", "", 1, 0);
}

static void test_members(void)
{
    check("{\"a\":1,\"b\":2,\"c\":3}", "{\"a\":1,\"b\":5,\"c\":3}", "/b 2|5;", 2, 1);
    check("{\"a\":1,\"c\":3}", "{\"b\":{\"x\":[1,2]},\"c\":3}",
          "/a 1|-;/b -|{\"x\":[1,2]};", 1, 2);
    check("{\"a\":1}", "{}", "/a 1|-;", 0, 1);
    check("{\"ab\":1,\"a\":2}", "{\"a\":2,\"abc\":1}", "/ab 1|-;/abc -|1;", 1, 2);
    check("{\"a/b\":1,\"~\":2,\"\":3}", "{}", "/ 3|-;/a~1b 1|-;/~0 2|-;", 0, 3);
}

static void test_arrays_and_kinds(void)
{
    check("[1,2,3]", "[1,4]", "/1 2|4;/2 3|-;", 1, 2);
    check("{\"m\":[{\"r\":\"u\",\"c\":\"x\"}]}", "{\"m\":[{\"r\":\"u\",\"c\":\"y\"}]}",
          "/m/0/c \"x\"|\"y\";", 1, 1);
    check("{\"a\":[1]}", "{\"a\":{\"0\":1}}", "/a [1]|{\"0\":1};", 0, 1);
    check("[1]", "{\"a\":1}", " [1]|{\"a\":1};", 0, 1);
    check("{\"a\":\"1\"}", "{\"a\":1}", "/a \"1\"|1;", 0, 1);
    check("[[1,2],[3]]", "[[1,2],[4],[]]", "/1/0 3|4;/2 -|[];", 2, 2);
}

static bool first_only(void *context, struct span pointer, struct json left,
                       struct json right)
{
    (void)pointer, (void)left, (void)right;
    ++*(int *)context;
    return false;
}

static void test_enough(void)
{
    struct json_likeness likeness;
    int calls = 0;
    CHECK_INT(json_difference(span_text("[1,2,3]"), span_text("[4,5,3]"), first_only,
                              &calls, &likeness),
              0);
    CHECK_INT(calls, 1);
    CHECK_INT(likeness.different, 2);
    CHECK_INT(likeness.equal, 1);
    CHECK_INT(json_difference(span_text("[1]"), span_text("[4]"), NULL, NULL, &likeness),
              0);
    CHECK_INT(likeness.different, 1);
}

static void test_deep(void)
{
    char left[300], right[300];
    memset(left, '[', 127);
    left[127] = '1';
    memset(left + 128, ']', 127);
    left[255] = 0;
    memcpy(right, left, sizeof(left));
    right[127] = '2';
    struct json_likeness likeness;
    CHECK_INT(json_difference(span_text(left), span_text(right), NULL, NULL, &likeness),
              0);
    CHECK_INT(likeness.different, 1);
}

/* Nonsense is compared to some result, but never read beyond. */
static void test_nonsense(void)
{
    static const char *const texts[] = {"", "{", "[", "\"", "{\"a\"", "[1,", "{:}", "]"};
    struct json_likeness likeness;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        for (size_t k = 0; k < sizeof(texts) / sizeof(*texts); k++)
            CHECK_INT(json_difference(span_text(texts[i]), span_text(texts[k]), NULL,
                                      NULL, &likeness),
                      0);
}

static void check_excerpt(const char *left, const char *right, size_t most,
                          const char *expected_left, const char *expected_right)
{
    struct buffer a = {0}, b = {0};
    json_excerpt((struct json){span_text(left)}, (struct json){span_text(right)}, most,
                 &a, &b);
    buffer_append_byte(&a, 0);
    buffer_append_byte(&b, 0);
    CHECK_TEXT((const char *)a.at, expected_left);
    CHECK_TEXT((const char *)b.at, expected_right);
    buffer_free(&a);
    buffer_free(&b);
}

static void test_excerpts(void)
{
    check_excerpt("\"short\"", "1", 20, "\"short\"", "1");
    check_excerpt("\"short\"", "", 20, "\"short\"", "");
    check_excerpt("\"0123456789abcdefghijklmnop\"", "\"x\"", 10, "\"012345678...",
                  "\"x\"");
    check_excerpt("\"0123456789abcdefghijklmnopA\"", "\"0123456789abcdefghijklmnopB\"",
                  20, "...abcdefghijklmnopA\"", "...abcdefghijklmnopB\"");
    /* No character is cut: the e with its accent has two bytes. */
    check_excerpt("\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\"", "2", 4, "\"\xc3\xa9...", "2");
}

static void test_short_memory(void)
{
    struct json_likeness likeness;
    for (unsigned long n = 1; n < 8; n++) {
        memory_fail_from(n);
        int result =
            json_difference(span_text("{\"a\":{\"b\":[1,2]}}"),
                            span_text("{\"a\":{\"b\":[1,3]}}"), NULL, NULL, &likeness);
        memory_fail_from(0);
        CHECK(result == -1 || (result == 0 && likeness.different == 1));
    }
}

int main(void)
{
    RUN(test_equal);
    RUN(test_members);
    RUN(test_arrays_and_kinds);
    RUN(test_enough);
    RUN(test_deep);
    RUN(test_nonsense);
    RUN(test_excerpts);
    RUN(test_short_memory);
    return unit_end();
}
