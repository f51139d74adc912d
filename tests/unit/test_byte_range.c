/* SPDX-License-Identifier: MIT */
/* Range fields (RFC 9110, 14). */
#include "unit.h"

#include "tools/byte_range.h"

/* "from+count", "whole" or "none" of a body of |size| bytes. */
static const char *range(const char *value, uint64_t size)
{
    static char text[64];
    uint64_t from = 0, count = 0;
    switch (byte_range_read(span_text(value), size, &from, &count)) {
    case BYTE_RANGE_WHOLE:
        return "whole";
    case BYTE_RANGE_OUT_OF_REACH:
        return "none";
    case BYTE_RANGE_PART:
        break;
    }
    snprintf(text, sizeof text, "%llu+%llu", (unsigned long long)from,
             (unsigned long long)count);
    return text;
}

static void test_parts(void)
{
    CHECK_TEXT(range("bytes=0-0", 10), "0+1");
    CHECK_TEXT(range("bytes=0-9", 10), "0+10");
    CHECK_TEXT(range("bytes=5-", 10), "5+5");
    CHECK_TEXT(range("bytes=9-", 10), "9+1");
    CHECK_TEXT(range("bytes=5-99", 10), "5+5");
    CHECK_TEXT(range("bytes=-3", 10), "7+3");
    CHECK_TEXT(range("bytes=-99", 10), "0+10");
    CHECK_TEXT(range("Bytes= 1-2 ", 10), "1+2");
    CHECK_TEXT(range("bytes=1-99999999999999999999999999", 10), "1+9");
    CHECK_TEXT(range("bytes=-99999999999999999999999999", 10), "0+10");
}

static void test_out_of_reach(void)
{
    CHECK_TEXT(range("bytes=10-", 10), "none");
    CHECK_TEXT(range("bytes=10-12", 10), "none");
    CHECK_TEXT(range("bytes=99999999999999999999999999-", 10), "none");
    CHECK_TEXT(range("bytes=-0", 10), "none");
    CHECK_TEXT(range("bytes=0-", 0), "none");
    CHECK_TEXT(range("bytes=-1", 0), "none");
}

static void test_ignored(void)
{
    static const char *const values[] = {
        "",           "bytes",       "bytes=",      "bytes=-",
        "bytes=a-b",  "bytes=1",     "bytes=2-1",   "bytes=0-1,3-4",
        "lines=0-1",  "bytes=0-1-2", "bytes=+1-2",  "bytes=0x1-2",
        "bytes=1 -2", "bytes=--1",   "bytes = 0-1", "bytes=-1-"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        CHECK_TEXT(range(values[i], 10), "whole");
}

int main(void)
{
    RUN(test_parts);
    RUN(test_out_of_reach);
    RUN(test_ignored);
    return unit_end();
}
