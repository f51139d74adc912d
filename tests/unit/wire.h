/* SPDX-License-Identifier: MIT */
/* Recorded messages for the tests: reads tests/wire/examples, splits head and body and
 * removes chunks, without the parser under test elsewhere. WIRE_EXAMPLES names the
 * directory; the tests run in the project's root. */
#ifndef TESTS_UNIT_WIRE_H
#define TESTS_UNIT_WIRE_H

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "core/api/api.h"
#include "store/memory.h"

#define WIRE_EXAMPLES "tests/wire/examples/"

#define UNUSED_OK __attribute__((unused))

UNUSED_OK static struct buffer wire_read(const char *path)
{
    struct buffer out = {0};
    FILE *file = fopen(path, "rb");
    uint8_t block[1024];
    size_t size;
    while (file && (size = fread(block, 1, sizeof(block), file)) > 0)
        buffer_append(&out, block, size);
    if (file)
        fclose(file);
    return out;
}

/* The path of the file that begins with |name| ("01-") and ends with |ending|. */
UNUSED_OK static struct buffer wire_file(const char *name, const char *ending)
{
    char pattern[256];
    glob_t found;
    struct buffer out = {0};
    snprintf(pattern, sizeof(pattern), WIRE_EXAMPLES "%s*%s", name, ending);
    if (glob(pattern, 0, NULL, &found) == 0)
        out = wire_read(found.gl_pathv[0]);
    globfree(&found);
    return out;
}

static struct span wire_line(struct span *text)
{
    size_t size = span_find(*text, span_text("\r\n"));
    struct span line = span_of(text->at, size);
    *text = span_skip(*text, size + 2);
    return line;
}

static struct span wire_word(struct span *line)
{
    size_t size = span_find(*line, span_text(" "));
    struct span word = span_of(line->at, size);
    *line = span_skip(*line, size + 1);
    return word;
}

static void wire_headers(struct span *text, struct headers *headers)
{
    struct span line;
    while ((line = wire_line(text)).size) {
        size_t colon = span_find(line, span_text(":"));
        if (headers_add(headers, span_of(line.at, colon),
                        span_trim(span_skip(line, colon + 1))))
            abort();
    }
}

/* Replaces a chunked body by its bytes, in |memory|. */
static struct span wire_body(const struct headers *headers, struct span body,
                             struct buffer *memory)
{
    if (!span_is_nocase(headers_value(headers, "transfer-encoding"), "chunked"))
        return body;
    for (;;) {
        struct span line = wire_line(&body);
        size_t size = strtoul((const char *)line.at, NULL, 16);
        if (size == 0 || size > body.size)
            return buffer_span(memory);
        buffer_append_span(memory, span_of(body.at, size));
        body = span_skip(body, size + 2);
    }
}

static void wire_gunzip(struct span *body, struct buffer *memory)
{
    struct buffer out = {0};
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)body->at,
                       .avail_in = (uInt)body->size};
    stream.next_out = buffer_room(&out, 1 << 20);
    stream.avail_out = 1 << 20;
    if (inflateInit2(&stream, 31) != Z_OK || inflate(&stream, Z_FINISH) != Z_STREAM_END)
        abort();
    out.size = stream.total_out;
    inflateEnd(&stream);
    buffer_free(memory);
    *memory = out;
    *body = buffer_span(memory);
}

struct wire_request {
    struct request request;
    struct buffer text, body;
};

/* Splits |text|, which it takes over. */
UNUSED_OK static struct wire_request wire_split_request(struct buffer text)
{
    struct wire_request wire = {.text = text};
    struct request *request = &wire.request;
    struct span left = buffer_span(&wire.text);
    struct span line = wire_line(&left);
    request->method = wire_word(&line);
    request->target = wire_word(&line);
    wire_headers(&left, &request->headers);
    struct span host = headers_value(&request->headers, "host");
    size_t colon = span_find(host, span_text(":"));
    request->host = span_of(host.at, colon);
    request->tls = colon == host.size;
    request->port = 443;
    if (colon < host.size)
        request->port = (uint16_t)strtoul((const char *)host.at + colon + 1, NULL, 10);
    request->body = wire_body(&request->headers, left, &wire.body);
    return wire;
}

UNUSED_OK static struct wire_request wire_request(const char *name)
{
    return wire_split_request(wire_file(name, ".req.http"));
}

UNUSED_OK static struct wire_request wire_request_of(const char *text)
{
    struct buffer copy = {0};
    buffer_append_text(&copy, text);
    return wire_split_request(copy);
}

UNUSED_OK static void wire_request_free(struct wire_request *wire)
{
    headers_free(&wire->request.headers);
    buffer_free(&wire->text);
    buffer_free(&wire->body);
}

struct wire_response {
    struct response response;
    struct buffer text, body;
};

UNUSED_OK static struct wire_response wire_response(const char *name)
{
    struct wire_response wire = {.text = wire_file(name, ".res.http")};
    struct response *response = &wire.response;
    struct span left = buffer_span(&wire.text);
    do {
        struct span line = wire_line(&left);
        wire_word(&line);
        response->status = (unsigned)strtoul((const char *)line.at, NULL, 10);
        response->version = 11;
        headers_free(&response->headers);
        wire_headers(&left, &response->headers);
    } while (response->status == 100);
    response->chunked =
        span_is_nocase(headers_value(&response->headers, "transfer-encoding"), "chunked");
    response->body = wire_body(&response->headers, left, &wire.body);
    if (span_is_nocase(headers_value(&response->headers, "content-encoding"), "gzip"))
        wire_gunzip(&response->body, &wire.body);
    return wire;
}

UNUSED_OK static void wire_response_free(struct wire_response *wire)
{
    headers_free(&wire->response.headers);
    buffer_free(&wire->text);
    buffer_free(&wire->body);
}

/* The call that |host|, |target| and |body| make; to be freed. */
UNUSED_OK static struct call wire_call(const char *host, const char *target,
                                       const char *body)
{
    static char text[1500];
    struct call call;
    snprintf(text, sizeof(text), "POST %s HTTP/1.1\r\nHost: %s\r\n\r\n%s", target, host,
             body);
    struct wire_request request = wire_request_of(text);
    CHECK_TEXT(reason_name(api_recognise(&request.request, &call)), "none");
    wire_request_free(&request);
    return call;
}

#endif
