/* SPDX-License-Identifier: MIT */
/* Tests of store/bytes.c. */
#include "unit.h"

#include "store/bytes.h"
#include "store/memory.h"

static void test_compare(void)
{
    CHECK(span_equal(span_text("abc"), span_text("abc")));
    CHECK(!span_equal(span_text("abc"), span_text("abd")));
    CHECK(!span_equal(span_text("abc"), span_text("ab")));
    CHECK(span_equal((struct span){0}, span_text("")));
    CHECK(span_equal_nocase(span_text("Content-TYPE"), span_text("content-type")));
    CHECK(!span_equal_nocase(span_text("a@"),
                             span_text("a`"))); /* 0x20 apart, no letters */
    CHECK(!span_equal_nocase(span_text("["), span_text("{")));
    CHECK(span_is(span_text("x"), "x"));
    CHECK(!span_is(span_of("x\0y", 3), "x"));
    CHECK(span_is_nocase(span_text("GZip"), "gzip"));
}

static void test_search(void)
{
    struct span text = span_text("data: [DONE]");
    CHECK(span_starts(text, "data:"));
    CHECK(!span_starts(span_text("da"), "data"));
    CHECK(span_ends(text, "]"));
    CHECK(!span_ends(text, "}"));
    CHECK_INT(span_find(text, span_text("[")), 6);
    CHECK_INT(span_find(text, span_text("?")), text.size);
    CHECK_INT(span_find(text, span_text("")), 0);
    CHECK_INT(span_find((struct span){0}, span_text("a")), 0);
    CHECK_INT(span_find(span_text("a"), span_text("ab")), 1);
}

static void test_cut(void)
{
    CHECK(span_is(span_skip(span_text("abc"), 1), "bc"));
    CHECK_INT(span_skip(span_text("abc"), 9).size, 0);
    CHECK_INT(span_skip((struct span){0}, 2).size, 0);
    CHECK(span_is(span_trim(span_text(" \t a b\t ")), "a b"));
    CHECK_INT(span_trim(span_text(" \t ")).size, 0);
    char text[4];
    span_copy_text(span_text("abcdef"), text, sizeof(text));
    CHECK_TEXT(text, "abc");
    span_copy_text((struct span){0}, text, sizeof(text));
    CHECK_TEXT(text, "");
}

static void test_buffer(void)
{
    struct buffer buffer = {0};
    buffer_append_text(&buffer, "ab");
    buffer_append_byte(&buffer, 'c');
    buffer_append_decimal(&buffer, 0);
    buffer_append_decimal(&buffer, UINT64_MAX);
    CHECK(span_is(buffer_span(&buffer), "abc018446744073709551615"));
    buffer_drop_front(&buffer, 3);
    CHECK(span_is(buffer_span(&buffer), "018446744073709551615"));
    buffer_drop_front(&buffer, 0);
    buffer_drop_front(&buffer, 1000);
    CHECK_INT(buffer.size, 0);
    for (int i = 0; i < 100000; i++)
        buffer_append_byte(&buffer, (uint8_t)i);
    CHECK_INT(buffer.size, 100000);
    CHECK_INT(buffer.at[65535], 0xff);
    buffer_clear(&buffer);
    CHECK_INT(buffer.size, 0);
    buffer_free(&buffer);
    CHECK(buffer.at == NULL);
    buffer_append(&buffer, NULL, 0);
    CHECK(buffer_ok(&buffer) && buffer.at == NULL);
}

static void test_buffer_failure(void)
{
    struct buffer buffer = {0};
    buffer_append_text(&buffer, "kept");
    CHECK(buffer_room(&buffer, SIZE_MAX / 2) == NULL);
    CHECK(!buffer_ok(&buffer));
    buffer_append_text(&buffer, "lost");
    CHECK(span_is(buffer_span(&buffer), "kept"));
    buffer_free(&buffer);
    CHECK(buffer_ok(&buffer));
    memory_fail_from(1);
    buffer_append_text(&buffer, "x");
    memory_fail_from(0);
    CHECK(!buffer_ok(&buffer));
    buffer_append_text(&buffer, "x");
    CHECK_INT(buffer.size, 0);
    buffer_free(&buffer);
}

static void test_cursor(void)
{
    struct buffer buffer = {0};
    buffer_append_byte(&buffer, 7);
    buffer_append_u16(&buffer, 0x1234);
    buffer_append_u32(&buffer, 0x89abcdef);
    buffer_append_u64(&buffer, 0x0123456789abcdef);
    buffer_append_framed(&buffer, span_text("framed"));
    buffer_append_framed(&buffer, (struct span){0});
    CHECK_INT(buffer.at[1], 0x34); /* little-endian */
    struct cursor cursor = cursor_of(buffer_span(&buffer));
    CHECK_INT(cursor_u8(&cursor), 7);
    CHECK_INT(cursor_u16(&cursor), 0x1234);
    CHECK_INT(cursor_u32(&cursor), 0x89abcdef);
    CHECK_INT(cursor_u64(&cursor), 0x0123456789abcdef);
    CHECK(span_is(cursor_framed(&cursor), "framed"));
    CHECK_INT(cursor_framed(&cursor).size, 0);
    CHECK(cursor_ok(&cursor) && cursor.left == 0);
    CHECK_INT(cursor_u8(&cursor), 0);
    CHECK(!cursor_ok(&cursor));
    buffer_free(&buffer);
}

static void test_cursor_past_end(void)
{
    uint8_t bytes[9] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1};
    struct cursor cursor = cursor_of(span_of(bytes, sizeof(bytes)));
    CHECK_INT(cursor_framed(&cursor).size, 0); /* a length of 2^64 - 1 */
    CHECK(!cursor_ok(&cursor));
    cursor = cursor_of(span_of(bytes, 3));
    CHECK_INT(cursor_u32(&cursor), 0);
    CHECK_INT(cursor_u8(&cursor), 0); /* stays failed although a byte is left */
    CHECK(!cursor_ok(&cursor));
    cursor = cursor_of((struct span){0});
    CHECK_INT(cursor_bytes(&cursor, 0).size, 0);
    CHECK(cursor_ok(&cursor));
}

int main(void)
{
    RUN(test_compare);
    RUN(test_search);
    RUN(test_cut);
    RUN(test_buffer);
    RUN(test_buffer_failure);
    RUN(test_cursor);
    RUN(test_cursor_past_end);
    return unit_end();
}
