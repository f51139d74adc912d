/* SPDX-License-Identifier: MIT */
/* From a line of a cassette to an entry. Unknown members are errors: a misspelt one would be
 * ignored silently. */
#include "cassette.h"

#include "store/duration.h"
#include "store/memory.h"

#include <sodium.h>
#include <stdio.h>
#include <time.h>

struct reader {
    struct cassette_entry *entry;
    char *problem;
};

static bool fail(const struct reader *reader, const char *where, const char *what)
{
    snprintf(reader->problem, CASSETTE_PROBLEM_SIZE, "%s: %s", where, what);
    return false;
}

/* -- texts and bytes --------------------------------------------------------------------- */

static bool decode(struct reader *reader, const json_t *text, struct span *out)
{
    struct buffer *decoded = &reader->entry->decoded;
    const char *base64 = json_string_value(text);
    size_t length = json_string_length(text), size = 0;
    uint8_t *at = decoded->at + decoded->size;
    if (!base64 ||
        sodium_base642bin(at, decoded->capacity - decoded->size, base64, length, NULL,
                          &size, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
        return false;
    decoded->size += size;
    *out = span_of(at, size);
    return true;
}

/* A text, or {"base64": text}. */
static bool take_bytes(struct reader *reader, const char *where, const json_t *value,
                       struct span *out)
{
    if (json_is_string(value)) {
        *out = span_of(json_string_value(value), json_string_length(value));
        return true;
    }
    if (json_object_size(value) == 1 &&
        decode(reader, json_object_get(value, "base64"), out))
        return true;
    return fail(reader, where, "neither a text nor {\"base64\": ...}");
}

/* What stands in one line of HTTP: no control characters. */
static bool is_line(struct span text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((text.at[i] < 0x20 && text.at[i] != '\t') || text.at[i] == 0x7f)
            return false;
    return true;
}

/* A word of it (RFC 9110, 5.6.2, and what hosts and targets are made of). */
static bool is_word(struct span text, const char *not_in_it)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] <= 0x20 || text.at[i] >= 0x7f || strchr(not_in_it, text.at[i]))
            return false;
    return text.size > 0;
}

static bool take_word(struct reader *reader, const char *where, const json_t *value,
                      const char *not_in_it, struct span *out)
{
    if (!take_bytes(reader, where, value, out))
        return false;
    return is_word(*out, not_in_it) || fail(reader, where, "no such thing");
}

#define SEPARATORS "\"(),/:;<=>?@[\\]{}"

static bool take_headers(struct reader *reader, const char *where, const json_t *list,
                         struct headers *headers)
{
    size_t index;
    json_t *pair;
    if (!json_is_array(list))
        return fail(reader, where, "no list");
    json_array_foreach(list, index, pair)
    {
        struct span name, value;
        if (json_array_size(pair) != 2)
            return fail(reader, where, "not pairs of a name and a value");
        if (!take_word(reader, where, json_array_get(pair, 0), SEPARATORS, &name) ||
            !take_bytes(reader, where, json_array_get(pair, 1), &value))
            return false;
        if (!is_line(value))
            return fail(reader, where, "control characters in a value");
        if (headers_add(headers, name, value) != 0)
            return fail(reader, where, "memory is short");
    }
    return true;
}

/* -- the request -------------------------------------------------------------------------- */

static bool take_scheme(struct reader *reader, const char *scheme, int verified)
{
    struct request *request = &reader->entry->request;
    request->tls = strcmp(scheme, "https") == 0;
    request->unverified = request->tls && !verified;
    return request->tls || strcmp(scheme, "http") == 0 ||
           fail(reader, "scheme", "neither https nor http");
}

static bool take_request(struct reader *reader, json_t *object)
{
    struct request *request = &reader->entry->request;
    json_t *method, *host, *target, *headers, *body;
    const char *scheme;
    int port, verified = 1;
    json_error_t error;
    if (json_unpack_ex(object, &error, JSON_STRICT,
                       "{s:o, s:s, s:o, s:i, s:o, s:o, s:o, s?b}", "method", &method,
                       "scheme", &scheme, "host", &host, "port", &port, "target", &target,
                       "headers", &headers, "body", &body, "verified", &verified) != 0)
        return fail(reader, "request", error.text);
    if (port < 1 || port > UINT16_MAX)
        return fail(reader, "port", "not 1 to 65535");
    request->port = (uint16_t)port;
    return take_scheme(reader, scheme, verified) &&
           take_word(reader, "method", method, SEPARATORS, &request->method) &&
           take_word(reader, "host", host, "/?#@\\\"<>", &request->host) &&
           take_word(reader, "target", target, "\"<>", &request->target) &&
           take_headers(reader, "request headers", headers, &request->headers) &&
           take_bytes(reader, "request body", body, &request->body);
}

/* -- the response ------------------------------------------------------------------------- */

static bool take_version(struct reader *reader, const char *text)
{
    static const struct {
        const char *text;
        unsigned version;
    } versions[] = {{"1.0", 10}, {"1.1", 11}, {"2", 20}, {"3", 30}};
    for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++)
        if (strcmp(versions[i].text, text) == 0)
            reader->entry->response.version = versions[i].version;
    return reader->entry->response.version || fail(reader, "http", "no such version");
}

/* Pieces add up to the body, or there are none. */
static bool take_pieces(struct reader *reader, const json_t *list)
{
    struct response *response = &reader->entry->response;
    size_t count = json_array_size(list), index;
    uint64_t left = response->body.size;
    json_t *pair;
    if (!json_is_array(list))
        return fail(reader, "pieces", "no list");
    struct piece *pieces = memory_new((count + 1) * sizeof(*pieces));
    if (!pieces)
        return fail(reader, "pieces", "memory is short");
    reader->entry->pieces = pieces;
    json_array_foreach(list, index, pair)
    {
        json_int_t size, at_us;
        if (json_unpack(pair, "[I, I!]", &size, &at_us) != 0 || size < 0 || at_us < 0 ||
            (uint64_t)size > left)
            return fail(reader, "pieces", "not pairs of a size and a time, or too large");
        pieces[index] = (struct piece){(uint64_t)size, (uint64_t)at_us};
        left -= (uint64_t)size;
    }
    response->pieces = pieces;
    response->piece_count = count;
    return count == 0 || left == 0 || fail(reader, "pieces", "smaller than the body");
}

static bool take_numbers(struct reader *reader, int status, json_int_t first,
                         json_int_t last)
{
    struct response *response = &reader->entry->response;
    if (status < 200 || status > 599)
        return fail(reader, "status", "not 200 to 599");
    if (first < 0 || last < 0)
        return fail(reader, "first_byte_us, last_byte_us", "below zero");
    response->status = (unsigned)status;
    response->first_byte_us = (uint64_t)first;
    response->last_byte_us = (uint64_t)last;
    return true;
}

static bool take_response(struct reader *reader, json_t *object)
{
    struct response *response = &reader->entry->response;
    json_t *phrase, *headers, *body, *pieces;
    const char *version;
    int status, chunked, close_delimited;
    json_int_t first, last;
    json_error_t error;
    if (json_unpack_ex(object, &error, JSON_STRICT,
                       "{s:i, s:s, s:o, s:o, s:o, s:b, s:b, s:I, s:I, s:o}", "status",
                       &status, "http", &version, "phrase", &phrase, "headers", &headers,
                       "body", &body, "chunked", &chunked, "close_delimited",
                       &close_delimited, "first_byte_us", &first, "last_byte_us", &last,
                       "pieces", &pieces) != 0)
        return fail(reader, "response", error.text);
    response->chunked = chunked;
    response->close_delimited = close_delimited;
    if (!take_numbers(reader, status, first, last) || !take_version(reader, version) ||
        !take_bytes(reader, "phrase", phrase, &response->phrase))
        return false;
    if (!is_line(response->phrase))
        return fail(reader, "phrase", "control characters");
    return take_headers(reader, "response headers", headers, &response->headers) &&
           take_bytes(reader, "response body", body, &response->body) &&
           take_pieces(reader, pieces);
}

/* -- about it ------------------------------------------------------------------------------ */

/* 2026-11-27T09:26:16.123Z */
static bool take_time(struct reader *reader, const char *text)
{
    struct tm parts = {0};
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
    unsigned milliseconds;
    int end = 0;
    if (!rest || sscanf(rest, ".%3uZ%n", &milliseconds, &end) != 1 || end != 5 ||
        rest[end] || parts.tm_year < 70 || parts.tm_year > 8099)
        return fail(reader, "recorded", "not like 2026-11-27T09:26:16.123Z");
    reader->entry->label.created_ms = (int64_t)timegm(&parts) * 1000 + milliseconds;
    return true;
}

static bool take_tags(struct reader *reader, const json_t *list)
{
    size_t index;
    json_t *tag;
    if (list && !json_is_array(list))
        return fail(reader, "tags", "no list");
    json_array_foreach(list, index, tag)
    {
        struct span text;
        if (!take_bytes(reader, "tags", tag, &text))
            return false;
        buffer_append_framed(&reader->entry->tags, text);
    }
    return buffer_ok(&reader->entry->tags) || fail(reader, "tags", "memory is short");
}

static bool take_limits(struct reader *reader, json_int_t ttl, json_int_t sample)
{
    struct entry_label *label = &reader->entry->label;
    if (ttl < -1 || ttl > INT64_MAX / 1000)
        return fail(reader, "ttl", "no number of seconds");
    if (sample < 0 || sample > UINT32_MAX)
        return fail(reader, "sample", "no such number");
    label->ttl_s = ttl < 0 ? DURATION_FOREVER : (uint64_t)ttl;
    label->ordinal = (uint32_t)sample;
    return true;
}

/* Dialect, operation, model, stream, tokens and kinds are for people: the exchange tells them. */
static bool take_about(struct reader *reader, json_t *object)
{
    struct entry_label *label = &reader->entry->label;
    const char *recorded, *program = "", *fingerprint = "";
    json_t *ignored, *tags = NULL;
    json_int_t ttl = -1, sample = 0;
    json_error_t error;
    if (json_unpack_ex(object, &error, JSON_STRICT,
                       "{s:s, s?s, s?s, s?I, s?I, s?o, s?o, s?o, s?o, s?o, s?o, s?o}",
                       "recorded", &recorded, "program", &program, "fingerprint",
                       &fingerprint, "ttl", &ttl, "sample", &sample, "tags", &tags,
                       "dialect", &ignored, "operation", &ignored, "model", &ignored,
                       "stream", &ignored, "tokens", &ignored, "sensitive",
                       &ignored) != 0)
        return fail(reader, "about", error.text);
    span_copy_text(span_text(program), label->program, sizeof(label->program));
    span_copy_text(span_text(fingerprint), label->fingerprint,
                   sizeof(label->fingerprint));
    return take_time(reader, recorded) && take_limits(reader, ttl, sample) &&
           take_tags(reader, tags);
}

/* -- all of it ----------------------------------------------------------------------------- */

static bool take_line(struct reader *reader)
{
    json_t *about, *request, *response, *root = reader->entry->root;
    json_error_t error;
    int version;
    if (json_unpack(root, "{s:i}", "preecho", &version) != 0)
        return fail(reader, "preecho", "no version: this is no cassette");
    if (version != CASSETTE_VERSION)
        return fail(reader, "preecho", "a version that this preecho does not know");
    if (json_unpack_ex(root, &error, JSON_STRICT, "{s:i, s:o, s:o, s:o}", "preecho",
                       &version, "about", &about, "request", &request, "response",
                       &response) != 0)
        return fail(reader, "line", error.text);
    return take_about(reader, about) && take_request(reader, request) &&
           take_response(reader, response);
}

bool cassette_read(struct span line, struct cassette_entry *out,
                   char problem[CASSETTE_PROBLEM_SIZE])
{
    *out = (struct cassette_entry){0};
    struct reader reader = {out, problem};
    json_error_t error;
    if (line.size > CASSETTE_LINE_LIMIT)
        return fail(&reader, "line", "longer than 64 MiB");
    out->root =
        json_loadb((const char *)line.at, line.size, JSON_REJECT_DUPLICATES, &error);
    if (!out->root) {
        snprintf(problem, CASSETTE_PROBLEM_SIZE, "column %d: %s", error.column,
                 error.text);
        return false;
    }
    bool good = buffer_room(&out->decoded, line.size + 1)
                    ? take_line(&reader)
                    : fail(&reader, "line", "memory is short");
    if (!good)
        cassette_free(out);
    return good;
}

void cassette_free(struct cassette_entry *entry)
{
    headers_free(&entry->request.headers);
    headers_free(&entry->response.headers);
    buffer_free(&entry->tags);
    buffer_free(&entry->decoded);
    memory_free(entry->pieces);
    json_decref(entry->root);
    *entry = (struct cassette_entry){0};
}
