/* SPDX-License-Identifier: MIT */
/* Packing and unpacking records. The format: "PRR1", then the request (method, scheme,
 * host, port, target, fields, body), the response (status, version, phrase, flags, times,
 * fields, body, pieces) and the level's bytes. Integers are little-endian, texts framed
 * by 64-bit lengths. */
#include "record.h"

#include "dialect.h"
#include "edge_call.h"
#include "edge_control.h"
#include "edge_list.h"
#include "store/memory.h"

#include <endian.h>

#define MAGIC "PRR1"

#define FLAG_TLS             1u
#define FLAG_UNVERIFIED      2u
#define FLAG_CHUNKED         1u
#define FLAG_CLOSE_DELIMITED 2u

/* Belongs to one connection or one transfer (RFC 9110, 7.6.1), or to the coding that the body no
 * longer has; and what we say ourselves. */
static const char *const passing[] = {
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-authentication-info",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-encoding",
    "content-length",
    "content-digest",
    "content-md5",
    "digest",
    "age",
    "cache-status",
    "set-cookie",
    "set-cookie2",
};

/* Belongs to one moment. Names of accounts stay with their owner. */
static const char *const dropped[] = {
    "date",
    "retry-after",
    "retry-after-ms",
    "x-should-retry",
    "openai-organization",
    "openai-project",
    "anthropic-organization-id",
};

/* Limits that were true when the answer was recorded. */
static const char *const dropped_prefixes[] = {
    "x-ratelimit-",    "ratelimit-",    "anthropic-ratelimit-", "anthropic-priority-",
    "anthropic-fast-", "x-rate-limit-", "x-ms-ratelimit-",
};

static bool starts_nocase(struct span name, const char *prefix)
{
    size_t size = strlen(prefix);
    return name.size >= size &&
           span_equal_nocase(span_of(name.at, size), span_text(prefix));
}

static bool is_passing(struct span name)
{
    for (size_t i = 0; i < sizeof(passing) / sizeof(*passing); i++)
        if (span_is_nocase(name, passing[i]))
            return true;
    return false;
}

static bool is_dropped(struct span name)
{
    for (size_t i = 0; i < sizeof(dropped) / sizeof(*dropped); i++)
        if (span_is_nocase(name, dropped[i]))
            return true;
    for (size_t i = 0; i < sizeof(dropped_prefixes) / sizeof(*dropped_prefixes); i++)
        if (starts_nocase(name, dropped_prefixes[i]))
            return true;
    return span_is_nocase(name, "ratelimit");
}

/* True when a Connection field names |name| (RFC 9110, 7.6.1). */
static bool named_by_connection(const struct headers *headers, struct span name)
{
    for (size_t i = 0; i < headers->count; i++) {
        struct span options = headers->at[i].value;
        if (!span_is_nocase(headers->at[i].name, "connection"))
            continue;
        while (options.size) {
            size_t size = span_find(options, span_text(","));
            if (span_equal_nocase(span_trim(span_of(options.at, size)), name))
                return true;
            options = span_skip(options, size + 1);
        }
    }
    return false;
}

bool record_keeps(const struct headers *headers, struct span name)
{
    return !is_passing(name) && !is_dropped(name) && !named_by_connection(headers, name);
}

bool record_keeps_edge(const struct headers *headers, struct span name)
{
    return !is_passing(name) && !named_by_connection(headers, name) &&
           !edge_control_withholds(headers, name);
}

/* True when the Vary of |answer| names |name|, unless that may be a credential's. */
static bool varies_by(const struct headers *answer, struct span name)
{
    struct edge_list list = edge_list_begin(answer, "vary");
    struct span named;
    while (edge_list_next(&list, &named))
        if (span_equal_nocase(named, name))
            return !edge_call_is_secret(name) && !api_secret_header(name);
    return false;
}

/* |answer|: the fields of the answer to a GET, whose Vary tells which variant it is. */
static bool is_request_field(const struct headers *answer, struct span name)
{
    if (span_is_nocase(name, "x-portkey-config"))
        return false; /* may hold the keys of other providers */
    return key_header(name) || span_is_nocase(name, "content-type") ||
           span_is_nocase(name, "accept") || varies_by(answer, name);
}

/* Those of |headers| that |keeps|, which is told |about|, wants. */
static void pack_headers(const struct headers *headers, const struct headers *about,
                         bool (*keeps)(const struct headers *about, struct span name),
                         struct buffer *out)
{
    uint32_t count = 0;
    for (size_t i = 0; i < headers->count; i++)
        count += keeps(about, headers->at[i].name);
    buffer_append_u32(out, count);
    for (size_t i = 0; i < headers->count; i++) {
        if (!keeps(about, headers->at[i].name))
            continue;
        buffer_append_framed(out, headers->at[i].name);
        buffer_append_framed(out, headers->at[i].value);
    }
}

static void pack_request(const struct request *request, const struct headers *answer,
                         struct buffer *out)
{
    struct buffer target = {0};
    unsigned flags =
        (request->tls ? FLAG_TLS : 0) | (request->unverified ? FLAG_UNVERIFIED : 0);
    api_public_target(request->target, &target);
    out->failed |= !buffer_ok(&target);
    buffer_append_framed(out, request->method);
    buffer_append_byte(out, (uint8_t)flags);
    buffer_append_framed(out, request->host);
    buffer_append_u16(out, request->port);
    buffer_append_framed(out, buffer_span(&target));
    pack_headers(&request->headers, answer, is_request_field, out);
    buffer_append_framed(out, request->body);
    buffer_free(&target);
}

static bool pieces_fit(const struct piece *pieces, size_t count, uint64_t size)
{
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].size > size)
            return false;
        size -= pieces[i].size;
    }
    return size == 0;
}

/* Pieces that do not add up (a body that was decoded) say nothing about it: left out. */
static void pack_pieces(const struct response *response, uint64_t body_size,
                        struct buffer *out)
{
    size_t count = response->piece_count;
    if (!pieces_fit(response->pieces, count, body_size))
        count = 0;
    buffer_append_u64(out, count);
    for (size_t i = 0; i < count; i++) {
        buffer_append_u64(out, response->pieces[i].size);
        buffer_append_u64(out, response->pieces[i].at_us);
    }
}

static void pack_response(const struct response *response, bool edge, struct buffer *out)
{
    unsigned flags = (response->chunked ? FLAG_CHUNKED : 0) |
                     (response->close_delimited ? FLAG_CLOSE_DELIMITED : 0);
    buffer_append_u16(out, (uint16_t)response->status);
    buffer_append_u16(out, (uint16_t)response->version);
    buffer_append_framed(out, response->phrase);
    buffer_append_byte(out, (uint8_t)flags);
    buffer_append_u64(out, response->first_byte_us);
    buffer_append_u64(out, response->last_byte_us);
    pack_headers(&response->headers, &response->headers,
                 edge ? record_keeps_edge : record_keeps, out);
}

size_t record_pack_begin(const struct request *request, const struct response *response,
                         struct buffer *out)
{
    static const struct headers none;
    bool edge = span_is(request->method, "GET");
    buffer_append_text(out, MAGIC);
    pack_request(request, edge ? &response->headers : &none, out);
    pack_response(response, edge, out);
    buffer_append_u64(out, 0); /* the body's size, which is not known yet */
    return out->size;
}

void record_pack_end(size_t begun, const struct response *response, struct span level,
                     struct buffer *out)
{
    if (!buffer_ok(out))
        return;
    uint64_t size = out->size - begun, encoded = htole64(size);
    memcpy(out->at + begun - sizeof(encoded), &encoded, sizeof(encoded));
    pack_pieces(response, size, out);
    buffer_append_framed(out, level);
}

void record_pack(const struct request *request, const struct response *response,
                 struct span level, struct buffer *out)
{
    size_t begun = record_pack_begin(request, response, out);
    buffer_append_span(out, response->body);
    record_pack_end(begun, response, level, out);
}

/* False when memory is short; broken input fails the cursor. */
static bool unpack_headers(struct cursor *cursor, struct headers *headers)
{
    uint32_t count = cursor_u32(cursor);
    for (uint32_t i = 0; i < count && cursor_ok(cursor); i++) {
        struct span name = cursor_framed(cursor);
        struct span value = cursor_framed(cursor);
        if (cursor_ok(cursor) && headers_add(headers, name, value))
            return false;
    }
    return true;
}

static bool unpack_request(struct cursor *cursor, struct request *request)
{
    request->method = cursor_framed(cursor);
    uint8_t flags = cursor_u8(cursor);
    request->tls = flags & FLAG_TLS;
    request->unverified = flags & FLAG_UNVERIFIED;
    request->host = cursor_framed(cursor);
    request->port = cursor_u16(cursor);
    request->target = cursor_framed(cursor);
    if (!unpack_headers(cursor, &request->headers))
        return false;
    request->body = cursor_framed(cursor);
    return cursor_ok(cursor);
}

static bool unpack_pieces(struct cursor *cursor, struct record *record)
{
    uint64_t count = cursor_u64(cursor);
    if (!cursor_ok(cursor) || count > cursor->left / 16)
        return false;
    if (count == 0)
        return true;
    struct piece *pieces = memory_new(count * sizeof(*pieces));
    if (!pieces)
        return false;
    for (uint64_t i = 0; i < count; i++) {
        pieces[i].size = cursor_u64(cursor);
        pieces[i].at_us = cursor_u64(cursor);
    }
    record->piece_memory = pieces;
    record->response.pieces = pieces;
    record->response.piece_count = count;
    return pieces_fit(pieces, count, record->response.body.size);
}

static bool unpack_response(struct cursor *cursor, struct record *record)
{
    struct response *response = &record->response;
    response->status = cursor_u16(cursor);
    response->version = cursor_u16(cursor);
    response->phrase = cursor_framed(cursor);
    uint8_t flags = cursor_u8(cursor);
    response->chunked = flags & FLAG_CHUNKED;
    response->close_delimited = flags & FLAG_CLOSE_DELIMITED;
    response->first_byte_us = cursor_u64(cursor);
    response->last_byte_us = cursor_u64(cursor);
    if (!unpack_headers(cursor, &response->headers))
        return false;
    response->body = cursor_framed(cursor);
    return unpack_pieces(cursor, record);
}

int record_unpack(struct span packed, struct record *record)
{
    struct cursor cursor = cursor_of(packed);
    *record = (struct record){0};
    if (span_is(cursor_bytes(&cursor, strlen(MAGIC)), MAGIC) &&
        unpack_request(&cursor, &record->request) && unpack_response(&cursor, record)) {
        record->level = cursor_framed(&cursor);
        if (cursor_ok(&cursor) && cursor.left == 0)
            return 0;
    }
    record_free(record);
    return -1;
}

void record_free(struct record *record)
{
    headers_free(&record->request.headers);
    headers_free(&record->response.headers);
    memory_free(record->piece_memory);
    *record = (struct record){0};
}
