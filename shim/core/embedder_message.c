/* SPDX-License-Identifier: MIT */
/* What is said to an embedding endpoint and what it says, see embedder_ask.h. */
#include "embedder_ask.h"

#include "api/json.h"
#include "http.h"
#include "store/memory.h"

/* -- the request ----------------------------------------------------------------------- */

/* The length of the UTF-8 sequence (RFC 3629) at the front of |text|; 0: none. */
static size_t sequence_size(struct span text)
{
    uint8_t first = text.at[0];
    size_t size = first < 0x80   ? 1
                  : first < 0xc2 ? 0
                  : first < 0xe0 ? 2
                  : first < 0xf0 ? 3
                  : first < 0xf5 ? 4
                                 : 0;
    if (size > text.size)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((text.at[i] & 0xc0) != 0x80)
            return 0;
    if ((first == 0xe0 && text.at[1] < 0xa0) || (first == 0xed && text.at[1] >= 0xa0) ||
        (first == 0xf0 && text.at[1] < 0x90) || (first == 0xf4 && text.at[1] >= 0x90))
        return 0;
    return size;
}

static void append_escaped(struct buffer *out, uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";
    buffer_append_text(out, "\\u00");
    buffer_append_byte(out, (uint8_t)digits[byte >> 4]);
    buffer_append_byte(out, (uint8_t)digits[byte & 15]);
}

static void append_string(struct buffer *out, struct span text)
{
    buffer_append_byte(out, '"');
    while (text.size) {
        size_t size = sequence_size(text);
        uint8_t first = text.at[0];
        if (size == 0)
            buffer_append_text(out, "\xef\xbf\xbd");
        else if (first < 0x20 || first == '"' || first == '\\')
            append_escaped(out, first);
        else
            buffer_append(out, text.at, size);
        text = span_skip(text, size ? size : 1);
    }
    buffer_append_byte(out, '"');
}

void embedder_request(const struct embedder *embedder, struct span text,
                      struct buffer *out)
{
    struct buffer body = {0};
    buffer_append_text(&body, "{\"model\":");
    append_string(&body, span_text(embedder->model));
    buffer_append_text(&body, ",\"input\":");
    append_string(&body, text);
    buffer_append_text(&body, ",\"encoding_format\":\"float\"}");
    buffer_append_text(out, "POST ");
    buffer_append_text(out, embedder->path);
    buffer_append_text(out, " HTTP/1.1\r\nHost: ");
    buffer_append_text(out, embedder->host);
    buffer_append_text(out,
                       "\r\nContent-Type: application/json\r\nAccept: application/json"
                       "\r\nConnection: close\r\nContent-Length: ");
    buffer_append_decimal(out, body.size);
    buffer_append_text(out, "\r\n\r\n");
    buffer_append_span(out, buffer_span(&body));
    if (!buffer_ok(&body))
        out->failed = true;
    buffer_free(&body);
}

/* -- the response ---------------------------------------------------------------------- */

/* One vector, of our model, and nothing else in "data". */
static enum embedded document_read(const struct embedder *embedder, struct span body,
                                   float *values, struct vector *out)
{
    char model[2 * sizeof(embedder->model)];
    size_t count;
    if (!json_valid(body))
        return EMBEDDED_UNREADABLE;
    struct json document = json_of(body), data = json_member(document, "data");
    struct json_iterator items = json_begin(data);
    if (json_kind(data) != JSON_KIND_ARRAY || json_count(data) != 1 || !json_next(&items))
        return EMBEDDED_UNREADABLE;
    json_copy_text(json_member(document, "model"), model, sizeof(model));
    if (strcmp(model, embedder->model) != 0)
        return EMBEDDED_MODEL;
    struct json vector = json_member(items.value, "embedding");
    if (!vector_parse(vector.text, values, &count))
        return EMBEDDED_UNREADABLE;
    if (embedder->dimensions && count != embedder->dimensions)
        return EMBEDDED_DIMENSIONS;
    return vector_encode(values, count, out) ? EMBEDDED_OK : EMBEDDED_UNREADABLE;
}

static enum embedded body_read(const struct embedder *embedder, struct span body,
                               struct vector *out)
{
    float *values = memory_new(VECTOR_DIMENSIONS * sizeof(*values));
    if (!values)
        return EMBEDDED_MEMORY;
    enum embedded result = document_read(embedder, body, values, out);
    memory_free(values);
    return result;
}

/* Feeds all of it; interim responses are passed over. */
static void feed(struct http_parser *parser, struct span rest)
{
    bool kept = false;
    while (rest.size) {
        size_t taken = http_parser_feed(parser, rest.at, rest.size, 0);
        enum http_state state = http_parser_state(parser);
        rest = span_skip(rest, taken);
        if (state == HTTP_BODY && !kept) {
            http_parser_keep_body(parser, EMBEDDER_ANSWER);
            kept = true;
        } else if (state == HTTP_COMPLETE && http_parser_interim(parser)) {
            http_parser_next(parser);
        } else if (state != HTTP_BODY && state != HTTP_HEAD) {
            return;
        }
        if (taken == 0 && state != HTTP_BODY)
            return;
    }
    http_parser_end(parser, true);
}

enum embedded embedder_response(const struct embedder *embedder, struct span response,
                                struct vector *out)
{
    struct http_parser *parser = http_response_parser_new();
    if (!parser)
        return EMBEDDED_MEMORY;
    feed(parser, response);
    enum embedded result = EMBEDDED_UNREADABLE;
    if (response.size == 0) {
        result = EMBEDDED_DOWN;
    } else if (http_parser_state(parser) == HTTP_COMPLETE) {
        const struct response *read = http_response(parser);
        if (read->status != 200)
            result = EMBEDDED_REFUSED;
        else if (!http_parser_overflow(parser))
            result = body_read(embedder, read->body, out);
    }
    http_parser_free(parser);
    return result;
}
