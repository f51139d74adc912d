/* SPDX-License-Identifier: MIT */
/* Content codings: whole, cut at every byte, stacked, broken, and as bombs. */
#include "unit.h"

#include "shim/core/decode.h"
#include "store/memory.h"

#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#define LIMIT ((size_t)64 * 1024)

static const char answer[] = "{\"answer\":\"hello hello hello hello\"}";

/* No encoder in the libraries that the core needs: made beforehand with brotli's. */
static const uint8_t answer_br[] = {
    0x1b, 0x23, 0x00, 0xf8, 0x1d, 0x09, 0x76, 0x4c, 0xe2, 0x37, 0x14, 0x4f,
    0x0c, 0x65, 0x19, 0xda, 0x5e, 0xe9, 0xf4, 0xb5, 0x08, 0x1b, 0xc8, 0xdb,
    0x94, 0x84, 0x12, 0x7d, 0xea, 0x80, 0x4d, 0xda, 0x3f, 0x52, 0x1f, 0x02,
};
static const uint8_t zeros_br[] = {
    0x5b, 0xff, 0xff, 0x8f, 0x7f, 0x02, 0x20, 0x1e, 0x0b, 0x04, 0x72, 0xef, 0x1f, 0x00,
};

static void deflate_with(struct span plain, int window, struct buffer *out)
{
    z_stream stream = {0};
    CHECK_INT(deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&stream, plain.size) + 64;
    stream.next_out = buffer_room(out, room);
    stream.avail_out = (uInt)room;
    stream.next_in = (Bytef *)(uintptr_t)plain.at;
    stream.avail_in = (uInt)plain.size;
    CHECK_INT(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out->size += stream.total_out;
    deflateEnd(&stream);
}

static void gzip(struct span plain, struct buffer *out)
{
    deflate_with(plain, MAX_WBITS + 16, out);
}

static void zstd(struct span plain, struct buffer *out)
{
    size_t room = ZSTD_compressBound(plain.size);
    uint8_t *at = buffer_room(out, room);
    out->size += ZSTD_compress(at, room, plain.at, plain.size, 3);
}

/* Decodes |body| and checks that it gives |plain|, behind what |out| had before. */
static void check_decodes(const char *coding, struct span body, struct span plain)
{
    struct buffer out = {0};
    buffer_append_text(&out, "before");
    CHECK_INT(decode_body(span_text(coding), body, LIMIT, &out), 0);
    CHECK(span_equal(span_skip(buffer_span(&out), 6), plain));
    buffer_free(&out);
}

static void check_fails(const char *coding, struct span body, size_t limit)
{
    struct buffer out = {0};
    buffer_append_text(&out, "before");
    CHECK_INT(decode_body(span_text(coding), body, limit, &out),
              limit < LIMIT ? DECODE_TOO_LARGE : -1);
    CHECK(span_is(buffer_span(&out), "before"));
    buffer_free(&out);
}

/* Whole, and cut in front of every byte: nothing but the whole body may pass. */
static void check_coding(const char *coding, struct span body)
{
    check_decodes(coding, body, span_text(answer));
    for (size_t cut = 0; cut < body.size; cut++) {
        uint8_t *copy = malloc(cut + 1);
        memcpy(copy, body.at, cut);
        check_fails(coding, span_of(copy, cut), LIMIT);
        free(copy);
    }
    check_fails(coding, body, strlen(answer) - 1);
    struct buffer out = {0};
    CHECK_INT(decode_body(span_text(coding), body, strlen(answer), &out), 0);
    buffer_free(&out);
}

static void test_each_coding(void)
{
    struct buffer body = {0};
    gzip(span_text(answer), &body);
    check_coding("gzip", buffer_span(&body));
    check_decodes("GZip", buffer_span(&body), span_text(answer));
    check_decodes("x-gzip", buffer_span(&body), span_text(answer));
    buffer_clear(&body);
    deflate_with(span_text(answer), MAX_WBITS, &body);
    check_coding("deflate", buffer_span(&body));
    buffer_clear(&body);
    deflate_with(span_text(answer), -MAX_WBITS, &body);
    check_coding("deflate", buffer_span(&body));
    buffer_clear(&body);
    zstd(span_text(answer), &body);
    check_coding("zstd", buffer_span(&body));
    check_coding("br", span_of(answer_br, sizeof answer_br));
    buffer_free(&body);
}

static void test_several_members_and_frames(void)
{
    struct buffer body = {0};
    gzip(span_of(answer, 10), &body);
    gzip(span_of(answer + 10, strlen(answer) - 10), &body);
    check_decodes("gzip", buffer_span(&body), span_text(answer));
    buffer_clear(&body);
    zstd(span_of(answer, 10), &body);
    zstd(span_of(answer + 10, strlen(answer) - 10), &body);
    check_decodes("zstd", buffer_span(&body), span_text(answer));
    buffer_free(&body);
}

static void test_lists(void)
{
    struct buffer inner = {0}, outer = {0};
    gzip(span_text(answer), &inner);
    zstd(buffer_span(&inner), &outer);
    check_decodes("gzip, zstd", buffer_span(&outer), span_text(answer));
    check_decodes(" identity ,gzip,, zstd\t,", buffer_span(&outer), span_text(answer));
    check_fails("zstd, gzip", buffer_span(&outer), LIMIT);
    buffer_clear(&outer);
    struct buffer *from = &inner, *to = &outer;
    for (int i = 0; i < 4; i++) {
        gzip(buffer_span(from), to);
        struct buffer *swap = from;
        from = to;
        to = swap;
        buffer_clear(to);
    }
    check_fails("gzip, gzip, gzip, gzip, gzip", buffer_span(from), LIMIT);
    buffer_free(&inner);
    buffer_free(&outer);
}

static void test_identity(void)
{
    CHECK(decode_identity(span_text("")));
    CHECK(decode_identity(span_text("identity")));
    CHECK(decode_identity(span_text(" Identity , ")));
    CHECK(!decode_identity(span_text("gzip")));
    CHECK(!decode_identity(span_text("gzip, identity")));
    CHECK(!decode_identity(span_text("aws-chunked")));
    check_decodes("", span_text(answer), span_text(answer));
    check_decodes("identity", span_text(answer), span_text(answer));
    check_decodes("", span_of(NULL, 0), span_of(NULL, 0));
    check_fails("", span_text(answer), 5);
}

static void test_broken(void)
{
    check_fails("compress", span_text(answer), LIMIT);
    check_fails("gzip", span_text(answer), LIMIT);
    check_fails("deflate", span_text(answer), LIMIT);
    check_fails("br", span_text(answer), LIMIT);
    check_fails("zstd", span_text(answer), LIMIT);
    struct buffer body = {0};
    gzip(span_text(answer), &body);
    buffer_append_text(&body, "rest");
    check_fails("gzip", buffer_span(&body), LIMIT);
    body.at[body.size - 8] ^= 1; /* within the checksum */
    check_fails("gzip", buffer_span(&body), LIMIT);
    buffer_free(&body);
}

static void test_large(void)
{
    struct buffer plain = {0}, body = {0};
    for (uint32_t i = 0; plain.size < LIMIT - 16; i++)
        buffer_append_decimal(&plain, i * 2654435761U);
    gzip(buffer_span(&plain), &body);
    check_decodes("gzip", buffer_span(&body), buffer_span(&plain));
    buffer_clear(&body);
    zstd(buffer_span(&plain), &body);
    check_decodes("zstd", buffer_span(&body), buffer_span(&plain));
    buffer_free(&plain);
    buffer_free(&body);
}

static void check_too_large(const char *coding, struct span body)
{
    struct buffer out = {0};
    CHECK_INT(decode_body(span_text(coding), body, LIMIT, &out), DECODE_TOO_LARGE);
    CHECK_INT(out.size, 0);
    buffer_free(&out);
}

/* 1 MiB of zeroes in a few bytes. */
static void test_bombs(void)
{
    struct buffer plain = {0}, body = {0};
    memset(buffer_room(&plain, 1 << 20), 0, 1 << 20);
    plain.size = 1 << 20;
    gzip(buffer_span(&plain), &body);
    check_too_large("gzip", buffer_span(&body));
    buffer_clear(&body);
    deflate_with(buffer_span(&plain), MAX_WBITS, &body);
    check_too_large("deflate", buffer_span(&body));
    buffer_clear(&body);
    zstd(buffer_span(&plain), &body);
    check_too_large("zstd", buffer_span(&body));
    check_too_large("br", span_of(zeros_br, sizeof zeros_br));
    struct buffer out = {0};
    CHECK_INT(
        decode_body(span_text("br"), span_of(zeros_br, sizeof zeros_br), 1 << 20, &out),
        0);
    CHECK_INT(out.size, 1 << 20);
    buffer_free(&out);
    buffer_free(&plain);
    buffer_free(&body);
}

static void test_short_memory(void)
{
    struct buffer inner = {0}, body = {0};
    gzip(span_text(answer), &inner);
    zstd(buffer_span(&inner), &body);
    for (unsigned long n = 1; n < 6; n++) {
        struct buffer out = {0};
        memory_fail_from(n);
        int result =
            decode_body(span_text("gzip, zstd"), buffer_span(&body), LIMIT, &out);
        memory_fail_from(0);
        CHECK(result == -1 ? out.size == 0 : span_is(buffer_span(&out), answer));
        CHECK(n > 1 || result == -1);
        buffer_free(&out);
    }
    buffer_free(&inner);
    buffer_free(&body);
}

int main(void)
{
    RUN(test_each_coding);
    RUN(test_several_members_and_frames);
    RUN(test_lists);
    RUN(test_identity);
    RUN(test_broken);
    RUN(test_large);
    RUN(test_bombs);
    RUN(test_short_memory);
    return unit_end();
}
