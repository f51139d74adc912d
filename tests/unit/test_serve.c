/* SPDX-License-Identifier: MIT */
/* Rendered hits, read back with the parser that reads upstream answers. */
#include "unit.h"

#include "shim/core/http.h"
#include "shim/core/serve.h"
#include "store/memory.h"

struct want {
    bool http10;
    bool close;
    bool mark;
};

static void add(struct record *record, const char *name, const char *value)
{
    CHECK_INT(headers_add(&record->response.headers, span_text(name), span_text(value)),
              0);
}

static const struct cache_mark mark = {.age_s = 42};

static struct record new_record(unsigned status, const char *phrase, const char *body)
{
    struct record record = {0};
    record.response.status = status;
    record.response.version = 11;
    record.response.phrase = span_text(phrase);
    record.response.body = span_text(body);
    record.response.first_byte_us = 1000;
    record.response.last_byte_us = 9000;
    return record;
}

static void check_served(const struct record *record, struct want want,
                         const char *expected)
{
    struct served served;
    if (!CHECK(serve_http1(record, want.http10, want.close, want.mark ? &mark : NULL,
                           &served) == 0))
        return;
    buffer_append_byte(&served.bytes, 0);
    CHECK_TEXT((char *)served.bytes.at, expected);
    CHECK_INT(served.close, want.close || want.http10);
    served_free(&served);
}

static void test_content_length(void)
{
    struct record record = new_record(200, "OK", "{}");
    add(&record, "Content-Type", "application/json");
    add(&record, "Vary", "a");
    add(&record, "Vary", "b");
    check_served(
        &record, (struct want){0},
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nVary: a\r\nVary: b\r\n"
        "Content-Length: 2\r\n\r\n{}");
    check_served(
        &record, (struct want){.mark = true},
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nVary: a\r\nVary: b\r\n"
        "Content-Length: 2\r\nAge: 42\r\nCache-Status: preecho; hit\r\n\r\n{}");
    check_served(
        &record, (struct want){.close = true},
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nVary: a\r\nVary: b\r\n"
        "Content-Length: 2\r\nConnection: close\r\n\r\n{}");
    headers_free(&record.response.headers);
}

static void test_chunks_as_recorded(void)
{
    static const struct piece pieces[] = {{3, 2000}, {0, 2500}, {18, 3000}, {1, 8000}};
    struct record record = new_record(200, "OK", "abc0123456789abcdefghz");
    record.response.chunked = true;
    record.response.pieces = pieces;
    record.response.piece_count = 4;
    check_served(&record, (struct want){0},
                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "3\r\nabc\r\n12\r\n0123456789abcdefgh\r\n1\r\nz\r\n0\r\n\r\n");
    check_served(&record, (struct want){.http10 = true},
                 "HTTP/1.1 200 OK\r\nContent-Length: 22\r\nConnection: close\r\n\r\n"
                 "abc0123456789abcdefghz");
}

/* Pieces that do not add up to the body must never change the body. */
static void test_pieces_that_lie(void)
{
    static const struct piece few[] = {{1, 0}};
    static const struct piece many[] = {{1, 0}, {UINT64_MAX, 0}, {7, 0}};
    struct record record = new_record(200, "OK", "abc");
    record.response.chunked = true;
    check_served(
        &record, (struct want){0},
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    record.response.pieces = few;
    record.response.piece_count = 1;
    check_served(&record, (struct want){0},
                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n");
    record.response.pieces = many;
    record.response.piece_count = 3;
    check_served(&record, (struct want){0},
                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n");
    record.response.body = span_text("");
    check_served(&record, (struct want){0},
                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
}

static void test_close_delimited(void)
{
    struct record record = new_record(200, "OK", "abc");
    record.response.close_delimited = true;
    check_served(&record, (struct want){0},
                 "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
    check_served(&record, (struct want){.close = true},
                 "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc");
}

static void test_phrases(void)
{
    struct record record = new_record(529, "", "");
    check_served(&record, (struct want){0}, "HTTP/1.1 529 \r\nContent-Length: 0\r\n\r\n");
    record.response.version = 20;
    check_served(&record, (struct want){0}, "HTTP/1.1 529 \r\nContent-Length: 0\r\n\r\n");
    record.response.status = 200;
    check_served(&record, (struct want){0},
                 "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    record.response.version = 11;
    record.response.phrase = span_text("Fine");
    check_served(&record, (struct want){0},
                 "HTTP/1.1 200 Fine\r\nContent-Length: 0\r\n\r\n");
    record.response.status = 204;
    check_served(&record, (struct want){0}, "HTTP/1.1 204 Fine\r\n\r\n");
}

/* From HTTP/2, or from a hand that meant harm. */
static void test_fields_that_would_break_framing(void)
{
    struct record record = new_record(200, "OK", "x");
    record.response.version = 20;
    record.response.chunked = true;
    add(&record, ":status", "200");
    add(&record, "content-type", "text/event-stream");
    add(&record, "content-length", "77");
    add(&record, "Transfer-Encoding", "chunked");
    add(&record, "connection", "close");
    add(&record, "content-encoding", "gzip");
    add(&record, "age", "3");
    add(&record, "x-split", "a\r\nContent-Length: 5");
    add(&record, "x-\n", "a");
    add(&record, "", "a");
    check_served(
        &record, (struct want){.mark = true},
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
        "Transfer-Encoding: chunked\r\nAge: 42\r\nCache-Status: preecho; hit\r\n\r\n"
        "1\r\nx\r\n0\r\n\r\n");
    headers_free(&record.response.headers);
}

static void test_pieces_for_pacing(void)
{
    static const struct piece pieces[] = {{3, 5000}, {2, 4000}};
    struct record record = new_record(200, "OK", "abcde");
    record.response.chunked = true;
    record.response.pieces = pieces;
    record.response.piece_count = 2;
    struct served served;
    if (!CHECK(serve_http1(&record, false, false, &mark, &served) == 0))
        return;
    CHECK_INT(served.piece_count, 4);
    size_t head = span_find(buffer_span(&served.bytes), span_text("\r\n\r\n")) + 4;
    CHECK_INT(served.pieces[0].end, head);
    CHECK_INT(served.pieces[0].at_us, 1000);
    CHECK_INT(served.pieces[1].end, head + 8);
    CHECK_INT(served.pieces[1].at_us, 5000);
    CHECK_INT(served.pieces[2].end, head + 15);
    CHECK_INT(served.pieces[2].at_us, 5000); /* never back in time */
    CHECK_INT(served.pieces[3].end, served.bytes.size);
    CHECK_INT(served.pieces[3].at_us, 9000);
    served_free(&served);
}

/* What is served, recorded again, is the same answer in the same chunks. */
static void test_reads_back(void)
{
    static const struct piece pieces[] = {{5, 10}, {4, 20}, {2, 30}};
    struct record record = new_record(200, "OK", "data:0\r\n\r\nx");
    record.response.chunked = true;
    record.response.pieces = pieces;
    record.response.piece_count = 3;
    struct served served;
    if (!CHECK(serve_http1(&record, false, false, &mark, &served) == 0))
        return;
    struct http_parser *parser = http_response_parser_new();
    struct span left = buffer_span(&served.bytes);
    left = span_skip(left, http_parser_feed(parser, left.at, left.size, 0));
    http_parser_keep_body(parser, 100);
    left = span_skip(left, http_parser_feed(parser, left.at, left.size, 0));
    CHECK_INT(left.size, 0);
    CHECK_INT(http_parser_state(parser), HTTP_COMPLETE);
    CHECK(http_parser_keep_alive(parser));
    const struct response *response = http_response(parser);
    CHECK(span_equal(response->body, record.response.body));
    CHECK_INT(response->piece_count, 3);
    CHECK_INT(response->pieces[1].size, 4);
    http_parser_free(parser);
    served_free(&served);
}

static void test_short_memory(void)
{
    struct record record = new_record(200, "OK", "abc");
    record.response.chunked = true;
    for (unsigned long n = 1; n < 4; n++) {
        struct served served;
        memory_fail_from(n);
        int result = serve_http1(&record, false, false, &mark, &served);
        memory_fail_from(0);
        CHECK_INT(result, n <= 2 ? -1 : 0); /* two requests: the bytes and the pieces */
        if (result == 0)
            served_free(&served);
    }
}

int main(void)
{
    RUN(test_content_length);
    RUN(test_chunks_as_recorded);
    RUN(test_pieces_that_lie);
    RUN(test_close_delimited);
    RUN(test_phrases);
    RUN(test_fields_that_would_break_framing);
    RUN(test_pieces_for_pacing);
    RUN(test_reads_back);
    RUN(test_short_memory);
    return unit_end();
}
