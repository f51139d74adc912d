/* SPDX-License-Identifier: MIT */
/* Request targets (RFC 9112, 3.2.1): path, query, and what in the query is secret. */
#include "dialect.h"

/* Parameters that carry a credential or change with every signature. */
static const char *const credential_names[] = {
    "key",
    "api_key",
    "api-key",
    "apikey",
    "access_token",
    "auth_token",
    "token",
    "subscription-key",
    "ocp-apim-subscription-key",
    "x-goog-api-key",
    "x-amz-credential",
    "x-amz-security-token",
    "x-amz-signature",
    "x-amz-date",
};

struct span target_path(struct span target)
{
    return span_of(target.at, span_find(target, span_text("?")));
}

/* Cuts the first parameter off |query|; |*value| begins behind its '='. */
static struct span take_parameter(struct span *query, struct span *name,
                                  struct span *value)
{
    size_t size = span_find(*query, span_text("&"));
    struct span whole = span_of(query->at, size);
    size_t equals = span_find(whole, span_text("="));
    *name = span_of(whole.at, equals);
    *value = span_skip(whole, equals + 1);
    *query = span_skip(*query, size + 1);
    return whole;
}

static struct span query_of(struct span target)
{
    return span_skip(target, target_path(target).size + 1);
}

static bool is_credential(struct span name)
{
    for (size_t i = 0; i < sizeof(credential_names) / sizeof(*credential_names); i++)
        if (span_is_nocase(name, credential_names[i]))
            return true;
    return false;
}

struct span query_value(struct span target, const char *wanted)
{
    struct span query = query_of(target), name, value;
    while (query.size) {
        take_parameter(&query, &name, &value);
        if (span_is(name, wanted))
            return value;
    }
    return (struct span){0};
}

void query_each(struct span target, bool secret, query_visit visit, void *context)
{
    struct span query = query_of(target), name, value;
    while (query.size) {
        struct span whole = take_parameter(&query, &name, &value);
        if (is_credential(name) == secret)
            visit(name, value, whole, context);
    }
}

struct public_target {
    struct buffer *out;
    uint8_t joint;
};

static void append_parameter(struct span name, struct span value, struct span whole,
                             void *context)
{
    struct public_target *target = context;
    (void)name;
    (void)value;
    buffer_append_byte(target->out, target->joint);
    buffer_append_span(target->out, whole);
    target->joint = '&';
}

void api_public_target(struct span target, struct buffer *out)
{
    struct public_target public_target = {out, '?'};
    buffer_append_span(out, target_path(target));
    query_each(target, false, append_parameter, &public_target);
}
