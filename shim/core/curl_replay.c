/* SPDX-License-Identifier: MIT */
/* Recorded or substituted header lines. */
#include "curl_replay.h"

#include "decode.h"

static const struct curl_lines_entry plain_entry = {.origin = CURLH_HEADER};

static int add_buffer(struct curl_lines *lines, struct buffer *line,
                      const struct curl_lines_entry *like)
{
    int result = -1;
    buffer_append_text(line, "\r\n");
    if (buffer_ok(line))
        result = curl_lines_add(lines, buffer_span(line), like->offset, like->origin);
    buffer_free(line);
    return result;
}

/* "Name: " and what follows is the caller's to append. */
static struct buffer field_start(struct span name)
{
    struct buffer line = {0};
    buffer_append_span(&line, name);
    buffer_append_text(&line, ": ");
    return line;
}

static int add_length(struct curl_lines *lines, struct span name, size_t size,
                      const struct curl_lines_entry *like)
{
    struct buffer line = field_start(name);
    buffer_append_decimal(&line, size);
    return add_buffer(lines, &line, like);
}

/* What a cache adds (RFC 9111, 5.1; RFC 9211). HTTP/2 and later have lower-case names. */
static int add_marks(struct curl_lines *lines, const struct cache_mark *mark)
{
    if (mark->denied)
        return 0;
    struct span status = curl_lines_text(lines, 0);
    bool lower = span_starts(status, "HTTP/2") || span_starts(status, "HTTP/3");
    struct buffer age = field_start(span_text(lower ? "age" : "Age"));
    struct buffer cache = field_start(span_text(lower ? "cache-status" : "Cache-Status"));
    buffer_append_decimal(&age, mark->age_s);
    cache_mark_append(mark, &cache);
    int aged = add_buffer(lines, &age, &plain_entry);
    int marked = add_buffer(lines, &cache, &plain_entry);
    return aged == 0 && marked == 0 ? 0 : -1;
}

/* -- recorded lines -- */

struct fitting {
    const struct curl_lines *from;
    struct curl_lines *to;
    size_t body_size;
    bool identity;
    const struct cache_mark *mark;
};

static bool is_stale(const struct cache_mark *mark, struct span name)
{
    return (!mark->edge && span_is_nocase(name, "Date")) || span_is_nocase(name, "Age") ||
           span_is_nocase(name, "Cache-Status");
}

static int fit_line(const struct fitting *fitting, size_t index)
{
    const struct curl_lines_entry *entry = &fitting->from->at[index];
    struct span text = curl_lines_text(fitting->from, index), name, value;
    if (entry->origin == CURLH_HEADER &&
        curl_lines_field(fitting->from, index, &name, &value)) {
        if (is_stale(fitting->mark, name) ||
            (fitting->identity && span_is_nocase(name, "Content-Encoding")))
            return 0;
        if (fitting->identity && span_is_nocase(name, "Content-Length"))
            return add_length(fitting->to, name, fitting->body_size, entry);
    }
    if (entry->origin == CURLH_HEADER && span_is(text, "\r\n") &&
        add_marks(fitting->to, fitting->mark) != 0)
        return -1;
    return curl_lines_add(fitting->to, text, entry->offset, entry->origin);
}

/* True when the lines speak of a coding that this program would not see undone by
 * libcurl. */
static bool wants_identity(const struct curl_level *level,
                           const struct curl_options *options)
{
    bool undone = level->decoded && options->text[CURL_TEXT_ENCODING];
    for (size_t i = 0; i < level->lines.count; i++) {
        struct span name, value;
        if (level->lines.at[i].origin == CURLH_HEADER &&
            curl_lines_field(&level->lines, i, &name, &value) &&
            span_is_nocase(name, "Content-Encoding") && !decode_identity(value))
            return !undone;
    }
    return false;
}

static int fit_lines(const struct curl_level *level, const struct curl_options *options,
                     const struct fitting *fitting)
{
    for (size_t i = 0; i < level->lines.count; i++) {
        if (level->lines.at[i].origin == CURLH_CONNECT && options->suppress_connect)
            continue;
        if (fit_line(fitting, i) != 0)
            return -1;
    }
    return 0;
}

/* -- substitutes -- */

static int make_status(const struct response *response, struct curl_lines *lines)
{
    struct buffer line = {0};
    buffer_append_text(&line, "HTTP/1.1 ");
    buffer_append_decimal(&line, response->status);
    buffer_append_byte(&line, ' ');
    buffer_append_span(&line, response->phrase);
    return add_buffer(lines, &line, &plain_entry);
}

static int make_framing(const struct response *response, struct curl_lines *lines)
{
    if (!response->chunked)
        return add_length(lines, span_text("Content-Length"), response->body.size,
                          &plain_entry);
    struct buffer line = field_start(span_text("Transfer-Encoding"));
    buffer_append_text(&line, "chunked");
    return add_buffer(lines, &line, &plain_entry);
}

static int make_lines(const struct record *record, const struct fitting *fitting)
{
    const struct response *response = &record->response;
    struct curl_lines *lines = fitting->to;
    if (make_status(response, lines) != 0)
        return -1;
    for (size_t i = 0; i < response->headers.count; i++) {
        const struct header *header = &response->headers.at[i];
        if (span_is_nocase(header->name, "Content-Length"))
            continue;
        struct buffer line = field_start(header->name);
        buffer_append_span(&line, header->value);
        if (add_buffer(lines, &line, &plain_entry) != 0)
            return -1;
    }
    bool framed = response->status != 204 && response->status != 304 &&
                  !span_is(record->request.method, "HEAD");
    if (framed && make_framing(response, lines) != 0)
        return -1;
    if (add_marks(lines, fitting->mark) != 0)
        return -1;
    return curl_lines_add(lines, span_text("\r\n"), 0, CURLH_HEADER);
}

/* -- both -- */

static int64_t length_of(const struct curl_lines *lines)
{
    int64_t length = -1;
    for (size_t i = 0; i < lines->count; i++) {
        struct span name, value;
        if (lines->at[i].origin != CURLH_HEADER ||
            !curl_lines_field(lines, i, &name, &value) ||
            !span_is_nocase(name, "Content-Length"))
            continue;
        length = 0;
        for (size_t at = 0; at < value.size && length < INT64_MAX / 16; at++)
            if (value.at[at] >= '0' && value.at[at] <= '9')
                length = length * 10 + (value.at[at] - '0');
    }
    return length;
}

int curl_replay_lines(const struct curl_level *level, const struct record *record,
                      const struct cache_mark *mark, const struct curl_options *options,
                      struct curl_lines *lines, int64_t *length, bool *identity)
{
    const struct response *response = &record->response;
    *identity = wants_identity(level, options);
    struct fitting fitting = {&level->lines, lines, response->body.size, *identity, mark};
    int result = level->lines.count ? fit_lines(level, options, &fitting)
                                    : make_lines(record, &fitting);
    *length = length_of(lines);
    return result;
}
