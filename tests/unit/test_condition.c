/* SPDX-License-Identifier: MIT */
/* Conditional requests (RFC 9110, 13), named by section. */
#include "unit.h"

#include "tools/condition.h"

#define ETAG     "\"abc\""
#define BEFORE   "Sun, 06 Nov 1994 08:49:36 GMT"
#define MODIFIED "Sun, 06 Nov 1994 08:49:37 GMT"
#define AFTER    "Sun, 06 Nov 1994 08:49:38 GMT"

static const struct validators dated = {{(const uint8_t *)ETAG, 5},
                                        true,
                                        {(const uint8_t *)MODIFIED, 29},
                                        784111777,
                                        784111777 + 3600};
static const struct validators undated = {{(const uint8_t *)ETAG, 5}, false, {0}, 0, 0};

/* Fields are "Name: value", at most three. */
static struct headers fields(const char *const lines[3])
{
    struct headers headers = {0};
    for (size_t i = 0; i < 3 && lines[i]; i++) {
        struct span line = span_text(lines[i]);
        size_t size = span_find(line, span_text(":"));
        CHECK_INT(
            headers_add(&headers, span_of(line.at, size), span_skip(line, size + 2)), 0);
    }
    return headers;
}

static int judge(const struct validators *validators, const char *one, const char *two)
{
    struct headers headers = fields((const char *const[]){one, two, NULL});
    int result = (int)condition_of(&headers, validators, 1800000000);
    headers_free(&headers);
    return result;
}

static bool ranges(const struct validators *validators, const char *one)
{
    struct headers headers = fields((const char *const[]){one, NULL, NULL});
    bool result = condition_allows_range(&headers, validators, 1800000000);
    headers_free(&headers);
    return result;
}

static void test_13_1_1_if_match(void)
{
    CHECK_INT(judge(&dated, "If-Match: *", NULL), CONDITION_SEND);
    CHECK_INT(judge(&dated, "If-Match: \"x\", " ETAG, NULL), CONDITION_SEND);
    CHECK_INT(judge(&dated, "If-Match: \"x\"", "If-Match: " ETAG), CONDITION_SEND);
    CHECK_INT(judge(&dated, "If-Match: \"x\"", NULL), CONDITION_FAILED);
    CHECK_INT(judge(&dated, "If-Match: W/" ETAG, NULL), CONDITION_FAILED);
    CHECK_INT(judge(&dated, "If-Match: ", NULL), CONDITION_FAILED);
}

static void test_13_1_2_if_none_match(void)
{
    CHECK_INT(judge(&dated, "If-None-Match: " ETAG, NULL), CONDITION_NOT_MODIFIED);
    CHECK_INT(judge(&dated, "If-None-Match: W/" ETAG, NULL), CONDITION_NOT_MODIFIED);
    CHECK_INT(judge(&dated, "If-None-Match: *", NULL), CONDITION_NOT_MODIFIED);
    CHECK_INT(judge(&dated, "If-None-Match: \"a,b\" , " ETAG, NULL),
              CONDITION_NOT_MODIFIED);
    CHECK_INT(judge(&dated, "If-None-Match: \"x\"", "if-none-match:  " ETAG),
              CONDITION_NOT_MODIFIED);
    CHECK_INT(judge(&dated, "If-None-Match: \"x\"", NULL), CONDITION_SEND);
    CHECK_INT(judge(&dated, "If-None-Match: abc", NULL), CONDITION_SEND);
    CHECK_INT(judge(&dated, "If-None-Match: \"abc", NULL), CONDITION_SEND);
}

static void test_13_1_3_if_modified_since(void)
{
    CHECK_INT(judge(&dated, "If-Modified-Since: " MODIFIED, NULL),
              CONDITION_NOT_MODIFIED);
    CHECK_INT(judge(&dated, "If-Modified-Since: " AFTER, NULL), CONDITION_NOT_MODIFIED);
    CHECK_INT(judge(&dated, "If-Modified-Since: Sunday, 06-Nov-94 08:49:38 GMT", NULL),
              CONDITION_NOT_MODIFIED);
    CHECK_INT(judge(&dated, "If-Modified-Since: Sun Nov  6 08:49:38 1994", NULL),
              CONDITION_NOT_MODIFIED);
    CHECK_INT(judge(&dated, "If-Modified-Since: " BEFORE, NULL), CONDITION_SEND);
    CHECK_INT(judge(&dated, "If-Modified-Since: yesterday", NULL), CONDITION_SEND);
    CHECK_INT(judge(&undated, "If-Modified-Since: " AFTER, NULL), CONDITION_SEND);
    /* not when there is an If-None-Match, whatever it says */
    CHECK_INT(judge(&dated, "If-Modified-Since: " AFTER, "If-None-Match: \"x\""),
              CONDITION_SEND);
    /* nor when there are two */
    CHECK_INT(judge(&dated, "If-Modified-Since: " AFTER, "If-Modified-Since: " AFTER),
              CONDITION_SEND);
}

static void test_13_1_4_if_unmodified_since(void)
{
    CHECK_INT(judge(&dated, "If-Unmodified-Since: " MODIFIED, NULL), CONDITION_SEND);
    CHECK_INT(judge(&dated, "If-Unmodified-Since: " BEFORE, NULL), CONDITION_FAILED);
    CHECK_INT(judge(&dated, "If-Unmodified-Since: never", NULL), CONDITION_SEND);
    CHECK_INT(judge(&undated, "If-Unmodified-Since: " BEFORE, NULL), CONDITION_SEND);
    CHECK_INT(judge(&dated, "If-Unmodified-Since: " BEFORE, "If-Match: " ETAG),
              CONDITION_SEND);
}

static void test_13_1_5_if_range(void)
{
    struct validators hasty = dated;
    hasty.created_s = hasty.modified_s + 59;
    CHECK(ranges(&dated, NULL));
    CHECK(ranges(&dated, "If-Range: " ETAG));
    CHECK(!ranges(&dated, "If-Range: W/" ETAG));
    CHECK(!ranges(&dated, "If-Range: \"x\""));
    CHECK(ranges(&dated, "If-Range: " MODIFIED));
    CHECK(!ranges(&dated, "If-Range: " AFTER));
    CHECK(!ranges(&dated, "If-Range: " BEFORE));
    CHECK(!ranges(&hasty, "If-Range: " MODIFIED));
    CHECK(!ranges(&undated, "If-Range: " MODIFIED));
    CHECK(!ranges(&dated, "If-Range: "));
}

static void test_13_2_2_order(void)
{
    CHECK_INT(judge(&dated, "If-Match: \"x\"", "If-None-Match: " ETAG), CONDITION_FAILED);
    CHECK_INT(judge(&dated, "If-Match: " ETAG, "If-None-Match: " ETAG),
              CONDITION_NOT_MODIFIED);
    CHECK_INT(judge(&dated, NULL, NULL), CONDITION_SEND);
}

int main(void)
{
    RUN(test_13_1_1_if_match);
    RUN(test_13_1_2_if_none_match);
    RUN(test_13_1_3_if_modified_since);
    RUN(test_13_1_4_if_unmodified_since);
    RUN(test_13_1_5_if_range);
    RUN(test_13_2_2_order);
    return unit_end();
}
