/* SPDX-License-Identifier: MIT */
/* What both HTTP fuzz targets do: bytes fed at once and the same bytes fed in small cuts
 * must give the same messages, and no call may take more than it got or stand still. */
#ifndef TESTS_FUZZ_FUZZ_HTTP_H
#define TESTS_FUZZ_FUZZ_HTTP_H

#include "shim/core/http.h"

#include <stdlib.h>

#define FUZZ_BODY_LIMIT 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_note_headers(struct buffer *out, const struct headers *headers)
{
    for (size_t i = 0; i < headers->count; i++) {
        buffer_append_framed(out, headers->at[i].name);
        buffer_append_framed(out, headers->at[i].value);
    }
}

static void fuzz_note(struct buffer *out, const struct http_parser *parser)
{
    const struct request *request = http_request(parser);
    const struct response *response = http_response(parser);
    buffer_append_framed(out, request->method);
    buffer_append_framed(out, request->host);
    buffer_append_framed(out, request->target);
    buffer_append_u16(out, request->port);
    fuzz_note_headers(out, &request->headers);
    buffer_append_framed(out, request->body);
    buffer_append_u32(out, response->status);
    buffer_append_framed(out, response->phrase);
    fuzz_note_headers(out, &response->headers);
    buffer_append_framed(out, response->body);
    uint64_t sum = 0;
    for (size_t i = 0; i < response->piece_count; i++)
        sum += response->pieces[i].size;
    if (!http_parser_overflow(parser) && sum != response->body.size &&
        sum != request->body.size)
        abort();
    buffer_append_byte(out, http_parser_keep_alive(parser));
    buffer_append_byte(out, http_parser_interim(parser));
    buffer_append_byte(out, http_parser_overflow(parser));
    buffer_append_byte(out, (uint8_t)http_parser_version(parser));
}

/* Feeds |bytes|, each call's part in memory of its own; returns false when the parser has
 * ended. */
static bool fuzz_feed(struct http_parser *parser, struct span bytes, struct buffer *out)
{
    while (bytes.size) {
        enum http_state before = http_parser_state(parser);
        uint8_t *copy = malloc(bytes.size);
        memcpy(copy, bytes.at, bytes.size);
        size_t used = http_parser_feed(parser, copy, bytes.size, 1);
        free(copy);
        enum http_state state = http_parser_state(parser);
        if (used > bytes.size)
            abort();
        if (state == HTTP_ERROR)
            return false;
        if (used == 0 && state == before)
            abort();
        if (state == HTTP_BODY && before != HTTP_BODY)
            http_parser_keep_body(parser, FUZZ_BODY_LIMIT);
        if (state == HTTP_COMPLETE || state == HTTP_UPGRADE)
            fuzz_note(out, parser);
        if (state == HTTP_UPGRADE)
            return false;
        bytes = span_skip(bytes, used);
    }
    return true;
}

static void fuzz_run(struct http_parser *parser, struct span bytes, size_t cut,
                     struct buffer *out)
{
    bool going = true;
    while (bytes.size && going) {
        size_t size = cut < bytes.size ? cut : bytes.size;
        going = fuzz_feed(parser, span_of(bytes.at, size), out);
        bytes = span_skip(bytes, size);
    }
    enum http_state before = http_parser_state(parser);
    http_parser_end(parser, true);
    if (before == HTTP_BODY && http_parser_state(parser) == HTTP_COMPLETE)
        fuzz_note(out, parser);
    buffer_append_byte(out, (uint8_t)http_parser_state(parser));
}

/* The first byte chooses the cut. */
static int fuzz_http(struct http_parser *(*new_parser)(void), const uint8_t *data,
                     size_t size)
{
    if (size < 1)
        return 0;
    struct span bytes = span_of(data + 1, size - 1);
    struct http_parser *whole = new_parser(), *cut = new_parser();
    struct buffer first = {0}, second = {0};
    fuzz_run(whole, bytes, size, &first);
    fuzz_run(cut, bytes, (size_t)data[0] % 32 + 1, &second);
    if (!span_equal(buffer_span(&first), buffer_span(&second)))
        abort();
    http_parser_free(whole);
    http_parser_free(cut);
    buffer_free(&first);
    buffer_free(&second);
    return 0;
}

#endif
