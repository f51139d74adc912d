/* SPDX-License-Identifier: MIT */
/* Header lines: collecting, sorting, packing. */
#include "curl_lines.h"

#include "store/memory.h"

int curl_lines_add(struct curl_lines *lines, struct span text, uint64_t offset,
                   uint8_t origin)
{
    if (lines->count == lines->capacity) {
        size_t capacity = lines->capacity ? lines->capacity * 2 : 32;
        struct curl_lines_entry *at =
            memory_resize(lines->at, capacity * sizeof lines->at[0]);
        if (!at)
            return -1;
        lines->at = at;
        lines->capacity = capacity;
    }
    struct curl_lines_entry *entry = &lines->at[lines->count];
    *entry = (struct curl_lines_entry){.start = lines->text.size,
                                       .size = text.size,
                                       .offset = offset,
                                       .origin = origin,
                                       .status = span_starts(text, "HTTP/")};
    buffer_append_span(&lines->text, text);
    if (!buffer_ok(&lines->text))
        return -1;
    lines->count++;
    return 0;
}

void curl_lines_free(struct curl_lines *lines)
{
    buffer_free(&lines->text);
    memory_free(lines->at);
    *lines = (struct curl_lines){0};
}

struct span curl_lines_text(const struct curl_lines *lines, size_t index)
{
    return span_of(lines->text.at + lines->at[index].start, lines->at[index].size);
}

static struct span without_end(struct span line)
{
    while (line.size &&
           (line.at[line.size - 1] == '\n' || line.at[line.size - 1] == '\r'))
        line.size--;
    return line;
}

bool curl_lines_field(const struct curl_lines *lines, size_t index, struct span *name,
                      struct span *value)
{
    struct span line = without_end(curl_lines_text(lines, index));
    size_t colon = span_find(line, span_text(":"));
    if (lines->at[index].status || colon == 0 || colon == line.size ||
        line.at[0] == ' ' || line.at[0] == '\t')
        return false;
    *name = span_of(line.at, colon);
    *value = span_trim(span_skip(line, colon + 1));
    return true;
}

/* "HTTP/1.1 200 OK" (RFC 9112, 4), "HTTP/2 200 ". */
static unsigned status_of(struct span line)
{
    unsigned status = 0;
    line = span_skip(line, span_find(line, span_text(" ")));
    line = span_trim(without_end(line));
    for (size_t i = 0; i < 3; i++) {
        if (i >= line.size || line.at[i] < '0' || line.at[i] > '9')
            return 0;
        status = status * 10 + (unsigned)(line.at[i] - '0');
    }
    return status;
}

static void mark(struct curl_lines *lines, size_t from, size_t to, uint8_t origin)
{
    for (size_t i = from; i < to; i++)
        lines->at[i].origin = origin;
}

static size_t next_block(const struct curl_lines *lines, size_t index)
{
    for (index++; index < lines->count; index++)
        if (lines->at[index].status)
            break;
    return index;
}

/* The final response: its head ends with the empty line, trailers follow. */
static void mark_final(struct curl_lines *lines, size_t from)
{
    size_t i = from;
    while (i < lines->count && without_end(curl_lines_text(lines, i)).size)
        i++;
    if (i < lines->count)
        i++;
    mark(lines, from, i, CURLH_HEADER);
    mark(lines, i, lines->count, CURLH_TRAILER);
}

unsigned curl_lines_sort(struct curl_lines *lines)
{
    size_t from = 0, to;
    unsigned status;
    if (!lines->count || !lines->at[0].status)
        return 0;
    for (;; from = to) {
        to = next_block(lines, from);
        status = status_of(curl_lines_text(lines, from));
        if (to == lines->count)
            break;
        if (status < 100 || status > 299)
            return 0;
        mark(lines, from, to, status < 200 ? CURLH_1XX : CURLH_CONNECT);
    }
    mark_final(lines, from);
    return status < 200 ? 0 : status;
}

static unsigned version_of(struct span line)
{
    if (span_starts(line, "HTTP/1.0"))
        return 10;
    if (span_starts(line, "HTTP/2"))
        return 20;
    return span_starts(line, "HTTP/3") ? 30 : 11;
}

static void take_status(struct span line, struct response *response)
{
    struct span rest = span_skip(line, span_find(line, span_text(" ")));
    response->status = status_of(line);
    response->version = version_of(line);
    response->phrase = span_trim(without_end(span_skip(span_trim(rest), 3)));
}

int curl_lines_response(const struct curl_lines *lines, struct response *response)
{
    for (size_t i = 0; i < lines->count; i++) {
        struct span name, value;
        if (lines->at[i].origin != CURLH_HEADER)
            continue;
        if (lines->at[i].status)
            take_status(curl_lines_text(lines, i), response);
        else if (curl_lines_field(lines, i, &name, &value) &&
                 headers_add(&response->headers, name, value) != 0)
            return -1;
    }
    return 0;
}

bool curl_lines_close(const struct curl_lines *lines)
{
    bool framed = false;
    for (size_t i = 0; i < lines->count; i++) {
        struct span name, value;
        if (lines->at[i].status && version_of(curl_lines_text(lines, i)) >= 20)
            return false;
        if (!curl_lines_field(lines, i, &name, &value))
            continue;
        if (span_is_nocase(name, "Connection") && span_is_nocase(value, "close"))
            return true;
        framed = framed || span_is_nocase(name, "Content-Length") ||
                 span_is_nocase(name, "Transfer-Encoding");
    }
    return !framed;
}

static bool private_field(struct span name)
{
    static const char *const prefixes[] = {"Set-Cookie", "X-RateLimit-", "RateLimit",
                                           "Anthropic-RateLimit-"};
    for (unsigned i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        size_t size = strlen(prefixes[i]);
        if (name.size >= size && span_is_nocase(span_of(name.at, size), prefixes[i]))
            return true;
    }
    return false;
}

static bool kept(const struct curl_lines *lines, size_t index)
{
    struct span name, value;
    return !curl_lines_field(lines, index, &name, &value) || !private_field(name);
}

void curl_lines_pack(const struct curl_lines *lines, struct buffer *out)
{
    uint32_t count = 0;
    for (size_t i = 0; i < lines->count; i++)
        count += kept(lines, i);
    buffer_append_u32(out, count);
    for (size_t i = 0; i < lines->count; i++) {
        if (!kept(lines, i))
            continue;
        buffer_append_byte(out, lines->at[i].origin);
        buffer_append_u64(out, lines->at[i].offset);
        buffer_append_framed(out, curl_lines_text(lines, i));
    }
}

int curl_lines_unpack(struct cursor *cursor, struct curl_lines *lines)
{
    uint32_t count = cursor_u32(cursor);
    for (uint32_t i = 0; i < count && cursor_ok(cursor); i++) {
        uint8_t origin = cursor_u8(cursor);
        uint64_t offset = cursor_u64(cursor);
        struct span text = cursor_framed(cursor);
        if (cursor_ok(cursor) && curl_lines_add(lines, text, offset, origin) != 0)
            return -1;
    }
    return cursor_ok(cursor) ? 0 : -1;
}
