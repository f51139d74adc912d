/* SPDX-License-Identifier: MIT */
/* See reply.h. */
#include "reply.h"

#include "byte_range.h"
#include "condition.h"
#include "shim/core/api/edge_date.h"
#include "shim/core/field.h"
#include "shim/core/lifetime.h"
#include "store/files.h"
#include "variant.h"

#include <sodium.h>

#define ETAG_BYTES 16
#define ETAG_SIZE  (2 * ETAG_BYTES + 2)

/* Longer values are left out: they would not fit beside the request. */
#define VALUE_LIMIT 2048

/* What of a recorded answer is told. Everything else concerns the server that it came from. */
static const char *const told[] = {
    "Content-Type", "Content-Language", "Content-Disposition", "Content-Security-Policy",
    "Link",
};

/* -- fields ---------------------------------------------------------------------------- */

static void add(struct reply *reply, const char *name, struct span value)
{
    buffer_append(&reply->fields, name, strlen(name) + 1);
    buffer_append_span(&reply->fields, value);
    buffer_append_byte(&reply->fields, 0);
}

static void add_buffer(struct reply *reply, const char *name, struct buffer *value)
{
    if (value->size)
        add(reply, name, buffer_span(value));
    reply->fields.failed |= !buffer_ok(value);
    buffer_free(value);
}

static void add_recorded(struct reply *reply, const struct headers *headers,
                         const char *name)
{
    for (size_t i = 0; i < headers->count; i++) {
        struct span value = span_trim(headers->at[i].value);
        if (span_is_nocase(headers->at[i].name, name) && field_is_value(value) &&
            value.size && value.size <= VALUE_LIMIT)
            add(reply, name, value);
    }
}

bool reply_field(struct span *fields, const char **name, const char **value)
{
    if (fields->size == 0)
        return false;
    *name = (const char *)fields->at;
    *fields = span_skip(*fields, strlen(*name) + 1);
    *value = (const char *)fields->at;
    *fields = span_skip(*fields, strlen(*value) + 1);
    return true;
}

/* Seconds since the server has said it: what it was old then, and since. */
static void add_age(struct reply *reply, const struct publication *publication,
                    int64_t now_ms)
{
    struct buffer text = {0};
    buffer_append_decimal(&text, lifetime_age(&publication->entry.label, now_ms));
    add_buffer(reply, "Age", &text);
}

static void add_vary(struct reply *reply, const struct publication *publication)
{
    struct buffer names = {0};
    variant_names(&publication->record, publication->policy.vary, &names);
    add_buffer(reply, "Vary", &names);
}

static void add_control(struct reply *reply, const struct policy *policy)
{
    struct span value = policy->cache_control;
    add(reply, "Cache-Control", value.size ? value : span_text("no-cache"));
}

/* What a 304 has, too. */
static void add_caching(struct reply *reply, const struct publication *publication,
                        const struct validators *validators, int64_t now_ms)
{
    add_control(reply, &publication->policy);
    add_vary(reply, publication);
    add_age(reply, publication, now_ms);
    add(reply, "ETag", validators->etag);
}

static void add_content(struct reply *reply, const struct headers *headers,
                        const struct validators *validators)
{
    if (validators->dated)
        add(reply, "Last-Modified", validators->modified);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        add_recorded(reply, headers, told[i]);
    add(reply, "X-Content-Type-Options", span_text("nosniff"));
    add(reply, "Accept-Ranges", span_text("bytes"));
}

/* "bytes 5-9/100", with a star for the range when |count| is 0. */
static void add_range(struct reply *reply, uint64_t from, uint64_t count, uint64_t size)
{
    struct buffer text = {0};
    buffer_append_text(&text, "bytes ");
    if (count) {
        buffer_append_decimal(&text, from);
        buffer_append_text(&text, "-");
        buffer_append_decimal(&text, from + count - 1);
    } else {
        buffer_append_text(&text, "*");
    }
    buffer_append_text(&text, "/");
    buffer_append_decimal(&text, size);
    add_buffer(reply, "Content-Range", &text);
}

/* -- validators ------------------------------------------------------------------------ */

static void hash_part(crypto_generichash_state *hash, struct span part)
{
    uint64_t size = part.size;
    crypto_generichash_update(hash, (const uint8_t *)&size, sizeof size);
    crypto_generichash_update(hash, part.at, part.size);
}

/* A digest of the body, and of what tells variants with the same one apart. */
static void make_etag(const struct response *response, char out[ETAG_SIZE + 1])
{
    uint8_t digest[ETAG_BYTES];
    crypto_generichash_state hash;
    crypto_generichash_init(&hash, NULL, 0, sizeof digest);
    hash_part(&hash, response->body);
    hash_part(&hash, headers_value(&response->headers, "content-type"));
    hash_part(&hash, headers_value(&response->headers, "content-language"));
    crypto_generichash_final(&hash, digest, sizeof digest);
    out[0] = '"';
    hex_encode(digest, sizeof digest, out + 1);
    out[ETAG_SIZE - 1] = '"';
    out[ETAG_SIZE] = 0;
}

static void find_validators(const struct publication *publication, int64_t now_s,
                            char etag[ETAG_SIZE + 1], struct validators *out)
{
    const struct response *response = &publication->record.response;
    struct span modified = span_trim(headers_value(&response->headers, "last-modified"));
    make_etag(response, etag);
    *out = (struct validators){.etag = span_of(etag, ETAG_SIZE),
                               .modified = modified,
                               .created_s = publication->entry.label.created_ms / 1000};
    out->dated = field_is_value(modified) &&
                 edge_date_parse(modified, now_s, &out->modified_s) &&
                 out->modified_s <= out->created_s;
}

/* -- answers --------------------------------------------------------------------------- */

/* The range that counts, if there is one. RFC 9110, 14.2: only a GET has ranges. */
static enum byte_range range_of(const struct request *asked,
                                const struct validators *validators, int64_t now_s,
                                uint64_t size, uint64_t *from, uint64_t *count)
{
    const struct header *range = headers_find(&asked->headers, "range");
    if (!range || !span_is(asked->method, "GET") ||
        !condition_allows_range(&asked->headers, validators, now_s))
        return BYTE_RANGE_WHOLE;
    return byte_range_read(range->value, size, from, count);
}

/* What a cache must not give to those who have asked without these conditions or this range. */
static void refuse(unsigned status, struct reply *reply)
{
    *reply = (struct reply){.status = status};
    add(reply, "Cache-Control", span_text("no-store"));
}

static void send_part(const struct request *asked, const struct publication *publication,
                      const struct validators *validators, int64_t now_ms,
                      struct reply *reply)
{
    uint64_t from = 0, count = 0, size = reply->body.size;
    enum byte_range range =
        range_of(asked, validators, now_ms / 1000, size, &from, &count);
    if (range == BYTE_RANGE_OUT_OF_REACH) {
        refuse(416, reply);
    } else {
        add_caching(reply, publication, validators, now_ms);
        add_content(reply, &publication->record.response.headers, validators);
    }
    if (range == BYTE_RANGE_PART) {
        reply->status = 206;
        reply->body = span_of(reply->body.at + from, count);
    }
    if (range != BYTE_RANGE_WHOLE)
        add_range(reply, from, count, size);
}

bool reply_make(const struct request *asked, const struct publication *publication,
                int64_t now_ms, struct reply *out)
{
    char etag[ETAG_SIZE + 1];
    struct validators validators;
    int64_t now_s = now_ms / 1000;
    *out = (struct reply){.status = 200, .body = publication->record.response.body};
    find_validators(publication, now_s, etag, &validators);
    switch (condition_of(&asked->headers, &validators, now_s)) {
    case CONDITION_NOT_MODIFIED:
        out->status = 304;
        add_caching(out, publication, &validators, now_ms);
        break;
    case CONDITION_FAILED:
        refuse(412, out);
        break;
    case CONDITION_SEND:
        send_part(asked, publication, &validators, now_ms, out);
    }
    return buffer_ok(&out->fields);
}

bool reply_refuse(unsigned status, struct reply *out)
{
    refuse(status, out);
    return buffer_ok(&out->fields);
}

void reply_free(struct reply *reply)
{
    buffer_free(&reply->fields);
}
