/* SPDX-License-Identifier: MIT */
/* Which recording answers which request: Vary. */
#include "unit.h"

#include "tools/variant.h"

/* |lines|: "Name: value|Name: value" */
static struct headers fields(const char *lines)
{
    struct headers headers = {0};
    struct span left = span_text(lines);
    while (left.size) {
        size_t size = span_find(left, span_text("|"));
        struct span line = span_of(left.at, size);
        size_t colon = span_find(line, span_text(":"));
        CHECK_INT(
            headers_add(&headers, span_of(line.at, colon), span_skip(line, colon + 1)),
            0);
        left = span_skip(left, size + 1);
    }
    return headers;
}

static bool answers(const char *recorded, const char *vary, const char *also,
                    const char *asked)
{
    struct record record = {.request.headers = fields(recorded),
                            .response.headers = fields(vary)};
    struct headers headers = fields(asked);
    bool result = variant_answers(&record, span_text(also), &headers);
    record_free(&record);
    headers_free(&headers);
    return result;
}

static void test_answers(void)
{
    CHECK(answers("", "", "", "A: x"));
    CHECK(answers("A: x", "Vary: a", "", "a:  x "));
    CHECK(!answers("A: x", "Vary: a", "", "a: y"));
    CHECK(!answers("A: x", "Vary: a", "", ""));
    CHECK(!answers("", "Vary: a", "", "a: x"));
    CHECK(answers("", "Vary: a", "", "b: x"));
    CHECK(!answers("A: x|B: y", "Vary: a|Vary: b", "", "a: x|b: z"));
    CHECK(answers("A: x|B: y", "Vary: a, , B", "", "b: y|a: x"));
    CHECK(!answers("A: x", "Vary: a", "", "a: x|a: y"));
    CHECK(!answers("A: x|A: y", "Vary: a", "", "a: x"));
    CHECK(answers("A: x|A: y", "Vary: a", "", "a: x|a: y"));
    CHECK(!answers("A: x|A: y", "Vary: a", "", "a: y|a: x"));
}

static void test_rules(void)
{
    CHECK(answers("A: x", "", "a", "a: x"));
    CHECK(!answers("A: x", "", "b, a", "a: y"));
    CHECK(!answers("A: x|B: y", "Vary: a", "b", "a: x|b: z"));
}

static void test_codings_do_not_matter(void)
{
    CHECK(answers("", "Vary: Accept-Encoding", "", "accept-encoding: gzip"));
}

static void test_persons_do(void)
{
    CHECK(!answers("", "Vary: *", "", ""));
    CHECK(!answers("", "Vary: Cookie", "", ""));
    CHECK(!answers("", "Vary: a, authorization", "", ""));
    CHECK(!answers("", "", "Cookie", ""));
}

static const char *names(const char *vary, const char *also)
{
    static char text[128];
    struct record record = {.response.headers = fields(vary)};
    struct buffer out = {0};
    variant_names(&record, span_text(also), &out);
    span_copy_text(buffer_span(&out), text, sizeof text);
    buffer_free(&out);
    record_free(&record);
    return text;
}

static void test_names(void)
{
    CHECK_TEXT(names("", ""), "");
    CHECK_TEXT(names("Vary: a, B|X: y|vary: A,c", "b, d"), "a, B, c, d");
    CHECK_TEXT(names("Vary: a\r\nb, c d", "e"), "e");
}

int main(void)
{
    RUN(test_answers);
    RUN(test_rules);
    RUN(test_codings_do_not_matter);
    RUN(test_persons_do);
    RUN(test_names);
    return unit_end();
}
