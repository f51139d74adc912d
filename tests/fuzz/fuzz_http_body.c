/* SPDX-License-Identifier: MIT */
/* Requests with another body: what the parser accepts it accepts again, with the same fields but
 * for the length, and with exactly the new body and nothing behind it. */
#include "shim/core/http.h"
#include "shim/core/http_body.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BODY_LIMIT 4096

static void check(bool good)
{
    if (!good)
        abort();
}

/* How many bytes the first message takes; 0 when there is no whole one. */
static size_t parse(struct http_parser *parser, struct span bytes)
{
    size_t used = 0;
    enum http_state state = HTTP_HEAD;
    while (used < bytes.size && state != HTTP_COMPLETE) {
        size_t step = http_parser_feed(parser, bytes.at + used, bytes.size - used, 0);
        enum http_state before = state;
        state = http_parser_state(parser);
        if (state == HTTP_ERROR || state == HTTP_UPGRADE ||
            (step == 0 && state == before))
            return 0;
        if (state == HTTP_BODY && before == HTTP_HEAD)
            http_parser_keep_body(parser, BODY_LIMIT);
        used += step;
    }
    return state == HTTP_COMPLETE ? used : 0;
}

static bool tells_length(struct span name)
{
    return span_is_nocase(name, "Content-Length") ||
           span_is_nocase(name, "Transfer-Encoding");
}

static size_t next_field(const struct headers *headers, size_t at)
{
    while (at < headers->count && tells_length(headers->at[at].name))
        at++;
    return at;
}

static void compare(const struct request *before, const struct request *after)
{
    const struct headers *a = &before->headers, *b = &after->headers;
    size_t i = next_field(a, 0), j = next_field(b, 0);
    check(span_equal(before->method, after->method));
    check(span_equal(before->target, after->target));
    check(before->port == after->port && span_equal(before->host, after->host));
    while (i < a->count && j < b->count) {
        check(span_equal(a->at[i].name, b->at[j].name));
        check(span_equal(a->at[i].value, b->at[j].value));
        i = next_field(a, i + 1);
        j = next_field(b, j + 1);
    }
    check(i == a->count && j == b->count);
}

static void replace(struct http_parser *before, struct span message, struct span body)
{
    struct buffer out = {0};
    if (http_replace_body(message, body, &out)) {
        struct http_parser *after = http_request_parser_new();
        check(parse(after, buffer_span(&out)) == out.size);
        check(span_equal(http_request(after)->body, body));
        compare(http_request(before), http_request(after));
        http_parser_free(after);
    }
    buffer_free(&out);
}

/* The first byte tells how long the new body is, which stands at the end of the input. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    size_t length = data[0] < size - 1 ? data[0] : size - 1;
    struct span bytes = span_of(data + 1, size - 1 - length);
    struct http_parser *parser = http_request_parser_new();
    size_t used = parse(parser, bytes);
    if (used && !http_parser_overflow(parser))
        replace(parser, span_of(bytes.at, used), span_of(data + size - length, length));
    http_parser_free(parser);
    return 0;
}
