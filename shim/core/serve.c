/* SPDX-License-Identifier: MIT */
/* Renders a recorded response as HTTP/1.1 (RFC 9112): exactly one framing, recorded
 * fields, and the offsets at which a paced replay pauses. */
#include "serve.h"

#include "store/memory.h"

#define CHUNK_FRAME 20 /* 16 hex digits and two line ends */

struct phrase {
    unsigned status;
    const char *text;
};

/* RFC 9110, 15. What is not listed has no phrase, like Anthropic's 529. */
static const struct phrase phrases[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
};

/* Fields that speak of one connection or of a framing that is not ours. record.c drops
 * them already; emitting one of them twice would break the message, so they are dropped
 * again. */
static const char *const dropped[] = {
    "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Content-Encoding",
    "Trailer",        "Upgrade",           "TE",         "Age",        "Proxy-Connection",
};

/* What rendering carries along. */
struct rendering {
    const struct response *response;
    struct served *served;
    uint64_t due_us; /* pieces never go back in time */
};

static struct span default_phrase(unsigned status)
{
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
        if (phrases[i].status == status)
            return span_text(phrases[i].text);
    return span_text("");
}

/* RFC 9110, 6.4.1. */
static bool may_have_body(const struct record *record)
{
    unsigned status = record->response.status;
    return !span_is(record->request.method, "HEAD") && status >= 200 && status != 204 &&
           status != 304;
}

/* A HEAD learns how long the answer to a GET would be; a refusal has nothing to tell. */
static bool is_head_of_stored(const struct record *record)
{
    return span_is(record->request.method, "HEAD") && record->response.status == 200 &&
           !record->response.chunked;
}

static bool is_line_safe(struct span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] == '\r' || text.at[i] == '\n' || text.at[i] == 0)
            return false;
    return true;
}

static bool is_served_field(const struct header *header)
{
    if (header->name.size == 0 || header->name.at[0] == ':')
        return false;
    for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++)
        if (span_is_nocase(header->name, dropped[i]))
            return false;
    return is_line_safe(header->name) && is_line_safe(header->value);
}

static void append_field(struct buffer *out, struct span name, struct span value)
{
    buffer_append_span(out, name);
    buffer_append_text(out, ": ");
    buffer_append_span(out, value);
    buffer_append_text(out, "\r\n");
}

static void append_number_field(struct buffer *out, const char *name, uint64_t value)
{
    buffer_append_text(out, name);
    buffer_append_text(out, ": ");
    buffer_append_decimal(out, value);
    buffer_append_text(out, "\r\n");
}

/* HTTP/2 and later have no phrase; from HTTP/1 an empty one was meant to be empty. */
static void append_status_line(struct buffer *out, const struct response *response)
{
    bool http1 = response->version == 10 || response->version == 11;
    struct span phrase = http1 && is_line_safe(response->phrase)
                             ? response->phrase
                             : default_phrase(response->status);
    buffer_append_text(out, "HTTP/1.1 ");
    buffer_append_decimal(out, response->status);
    buffer_append_byte(out, ' ');
    buffer_append_span(out, phrase);
    buffer_append_text(out, "\r\n");
}

static void append_head(struct buffer *out, const struct response *response)
{
    append_status_line(out, response);
    for (size_t i = 0; i < response->headers.count; i++) {
        const struct header *header = &response->headers.at[i];
        if (is_served_field(header))
            append_field(out, header->name, header->value);
    }
}

static void append_mark(struct buffer *out, const struct cache_mark *mark)
{
    append_number_field(out, "Age", mark->age_s);
    buffer_append_text(out, "Cache-Status: ");
    cache_mark_append(mark, out);
    buffer_append_text(out, "\r\n");
}

static void add_piece(struct rendering *rendering, uint64_t at_us)
{
    struct served *served = rendering->served;
    if (at_us > rendering->due_us)
        rendering->due_us = at_us;
    struct served_piece piece = {served->bytes.size, rendering->due_us};
    served->pieces[served->piece_count++] = piece;
}

static void append_chunk(struct buffer *out, struct span data)
{
    char digits[16];
    size_t at = sizeof digits;
    for (size_t left = data.size; left || at == sizeof digits; left >>= 4)
        digits[--at] = "0123456789abcdef"[left & 15];
    buffer_append(out, digits + at, sizeof digits - at);
    buffer_append_text(out, "\r\n");
    buffer_append_span(out, data);
    buffer_append_text(out, "\r\n");
}

/* An empty chunk would be the last one, so empty data writes nothing. */
static void append_data(struct buffer *out, struct span data, bool chunked)
{
    if (chunked && data.size)
        append_chunk(out, data);
    else
        buffer_append_span(out, data);
}

/* The body in its recorded pieces; whatever they leave over comes last. */
static void append_body(struct rendering *rendering, bool chunked)
{
    const struct response *response = rendering->response;
    struct buffer *out = &rendering->served->bytes;
    struct span left = response->body;
    for (size_t i = 0; i < response->piece_count && left.size; i++) {
        const struct piece *piece = &response->pieces[i];
        size_t size = piece->size < left.size ? (size_t)piece->size : left.size;
        if (size == 0)
            continue;
        append_data(out, span_of(left.at, size), chunked);
        add_piece(rendering, piece->at_us);
        left = span_skip(left, size);
    }
    append_data(out, left, chunked);
    if (chunked)
        buffer_append_text(out, "0\r\n\r\n");
    add_piece(rendering, response->last_byte_us);
}

/* One allocation instead of many: an upper bound of what will be written. */
static size_t rendered_size(const struct response *response)
{
    size_t size = 256 + response->phrase.size + response->body.size +
                  (response->piece_count + 1) * CHUNK_FRAME;
    for (size_t i = 0; i < response->headers.count; i++)
        size +=
            response->headers.at[i].name.size + response->headers.at[i].value.size + 4;
    return size;
}

static int allocate(const struct response *response, struct served *out)
{
    *out = (struct served){0};
    out->pieces = memory_new((response->piece_count + 2) * sizeof *out->pieces);
    if (!out->pieces || !buffer_room(&out->bytes, rendered_size(response))) {
        served_free(out);
        return -1;
    }
    return 0;
}

int serve_http1(const struct record *record, bool http10, bool close,
                const struct cache_mark *mark, struct served *out)
{
    const struct response *response = &record->response;
    if (allocate(response, out) != 0)
        return -1;
    bool body = may_have_body(record);
    bool chunked = body && response->chunked && !http10;
    bool sized = body || is_head_of_stored(record);
    out->close = close || http10;
    append_head(&out->bytes, response);
    if (chunked)
        buffer_append_text(&out->bytes, "Transfer-Encoding: chunked\r\n");
    else if (sized && !(response->close_delimited && out->close))
        append_number_field(&out->bytes, "Content-Length", response->body.size);
    if (out->close)
        buffer_append_text(&out->bytes, "Connection: close\r\n");
    if (!mark->denied)
        append_mark(&out->bytes, mark);
    buffer_append_text(&out->bytes, "\r\n");

    struct rendering rendering = {response, out, 0};
    add_piece(&rendering, response->first_byte_us);
    if (body)
        append_body(&rendering, chunked);
    if (!buffer_ok(&out->bytes)) {
        served_free(out);
        return -1;
    }
    return 0;
}

void served_free(struct served *served)
{
    buffer_free(&served->bytes);
    memory_free(served->pieces);
    *served = (struct served){0};
}
