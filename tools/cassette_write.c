/* SPDX-License-Identifier: MIT */
/* From an entry to a line of a cassette. Of jansson's functions those that end in _new take NULL
 * for a value and fail, so that one question at the end is enough. */
#include "cassette.h"

#include "print.h"
#include "shim/core/api/sensitive.h"
#include "store/duration.h"

#include <sodium.h>
#include <stdlib.h>
#include <time.h>

/* {"base64": ...} */
static json_t *base64_json(struct span bytes)
{
    size_t size = sodium_base64_ENCODED_LEN(bytes.size, sodium_base64_VARIANT_ORIGINAL);
    char *text = malloc(size);
    if (!text)
        return NULL;
    sodium_bin2base64(text, size, bytes.at, bytes.size, sodium_base64_VARIANT_ORIGINAL);
    json_t *object = json_pack("{s:s}", "base64", text);
    free(text);
    return object;
}

/* A text where the bytes are one. */
static json_t *bytes_json(struct span bytes)
{
    return bytes.size == 0        ? json_string("")
           : print_is_text(bytes) ? json_stringn((const char *)bytes.at, bytes.size)
                                  : base64_json(bytes);
}

static json_t *number_json(uint64_t number)
{
    return json_integer((json_int_t)number);
}

static json_t *headers_json(const struct headers *headers)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < headers->count; i++) {
        json_t *pair = json_array();
        if (json_array_append_new(pair, bytes_json(headers->at[i].name)) != 0 ||
            json_array_append_new(pair, bytes_json(headers->at[i].value)) != 0) {
            json_decref(pair);
            pair = NULL;
        }
        if (json_array_append_new(list, pair) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *pieces_json(const struct response *response)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < response->piece_count; i++) {
        const struct piece *piece = &response->pieces[i];
        json_t *pair =
            json_pack("[I, I]", (json_int_t)piece->size, (json_int_t)piece->at_us);
        if (json_array_append_new(list, pair) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *request_json(const struct request *request)
{
    const char *scheme = request->tls ? "https" : "http";
    json_t *object = json_pack(
        "{s:o, s:s, s:o, s:i, s:o, s:o, s:o}", "method", bytes_json(request->method),
        "scheme", scheme, "host", bytes_json(request->host), "port", (int)request->port,
        "target", bytes_json(request->target), "headers", headers_json(&request->headers),
        "body", bytes_json(request->body));
    if (object && request->unverified)
        json_object_set_new(object, "verified", json_false());
    return object;
}

static const char *http_version(unsigned version)
{
    return version == 10 ? "1.0" : version == 20 ? "2" : version == 30 ? "3" : "1.1";
}

static json_t *response_json(const struct response *response)
{
    return json_pack(
        "{s:i, s:s, s:o, s:o, s:o, s:b, s:b, s:o, s:o, s:o}", "status",
        (int)response->status, "http", http_version(response->version), "phrase",
        bytes_json(response->phrase), "headers", headers_json(&response->headers), "body",
        bytes_json(response->body), "chunked", response->chunked, "close_delimited",
        response->close_delimited, "first_byte_us", number_json(response->first_byte_us),
        "last_byte_us", number_json(response->last_byte_us), "pieces",
        pieces_json(response));
}

/* RFC 3339, in UTC. */
static json_t *time_json(int64_t created_ms)
{
    time_t seconds = created_ms / 1000;
    struct tm parts = {0};
    char day[32] = "", text[48];
    if (gmtime_r(&seconds, &parts))
        strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text, sizeof(text), "%s.%03dZ", day, (int)(created_ms % 1000));
    return json_string(text);
}

static json_t *kinds_json(uint32_t kinds)
{
    json_t *list = json_array();
    char name[SENSITIVE_TEXT_SIZE];
    for (unsigned i = 0; i < SENSITIVE_KINDS; i++)
        if (kinds >> i & 1)
            json_array_append_new(list, json_string(sensitive_text(1u << i, name)));
    return list;
}

/* Directories and labels of this machine's tell others nothing. */
static bool is_local(struct span tag, const char *tenant)
{
    struct span label = span_skip(tag, strlen("tenant:"));
    return span_starts(tag, "repo:/") ||
           (span_starts(tag, "tenant:") && span_is(label, tenant));
}

static json_t *tags_json(struct span tags, const char *tenant)
{
    json_t *list = json_array();
    struct cursor cursor = cursor_of(tags);
    while (cursor.left) {
        struct span tag = cursor_framed(&cursor);
        if (!cursor_ok(&cursor))
            break;
        if (!is_local(tag, tenant))
            json_array_append_new(list, bytes_json(tag));
    }
    return list;
}

static json_t *tokens_json(const struct entry_label *label)
{
    json_t *tokens = json_pack("{s:I, s:I, s:I, s:I}", "in", (json_int_t)label->tokens_in,
                               "out", (json_int_t)label->tokens_out, "cached",
                               (json_int_t)label->tokens_cached, "cache_write",
                               (json_int_t)label->tokens_cache_write);
    if (tokens && label->usage_estimated)
        json_object_set_new(tokens, "estimated", json_true());
    return tokens;
}

/* What is empty or not known is left out. */
static void add_details(json_t *about, const struct entry_label *label, struct span tags)
{
    if (label->usage_known || label->usage_estimated)
        json_object_set_new(about, "tokens", tokens_json(label));
    if (label->fingerprint[0])
        json_object_set_new(about, "fingerprint",
                            bytes_json(span_text(label->fingerprint)));
    if (label->ttl_s != DURATION_FOREVER)
        json_object_set_new(about, "ttl", number_json(label->ttl_s));
    if (label->ordinal)
        json_object_set_new(about, "sample", number_json(label->ordinal));
    if (label->sensitive)
        json_object_set_new(about, "sensitive", kinds_json(label->sensitive));
    if (tags.size)
        json_object_set_new(about, "tags", tags_json(tags, label->tenant));
}

static json_t *about_json(const struct entry_label *label, struct span tags)
{
    json_t *about = json_pack(
        "{s:o, s:o, s:s, s:s, s:o, s:b}", "recorded", time_json(label->created_ms),
        "program", bytes_json(span_text(label->program)), "dialect", label->dialect,
        "operation", label->operation, "model", bytes_json(span_text(label->model)),
        "stream", (int)label->stream);
    if (about)
        add_details(about, label, tags);
    return about;
}

char *cassette_write(const struct record *record, const struct entry_label *label,
                     struct span tags)
{
    json_t *line =
        json_pack("{s:i, s:o, s:o, s:o}", "preecho", CASSETTE_VERSION, "about",
                  about_json(label, tags), "request", request_json(&record->request),
                  "response", response_json(&record->response));
    char *text = line ? json_dumps(line, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    json_decref(line);
    return text;
}
