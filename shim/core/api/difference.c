/* SPDX-License-Identifier: MIT */
/* Comparing the parts of two requests that api_exact_key() is made of. */
#include "difference.h"

#include "dialect.h"

struct comparison {
    api_difference_visit *visit;
    void *context;
};

static void differ(struct comparison *comparison, const char *place, struct span here,
                   struct span there)
{
    if (comparison->visit &&
        !comparison->visit(comparison->context, span_text(place), (struct json){here},
                           (struct json){there}))
        comparison->visit = NULL;
}

static void compare_port(struct comparison *comparison, uint16_t here, uint16_t there)
{
    struct buffer left = {0}, right = {0};
    buffer_append_decimal(&left, here);
    buffer_append_decimal(&right, there);
    if (here != there && buffer_ok(&left) && buffer_ok(&right))
        differ(comparison, "port", buffer_span(&left), buffer_span(&right));
    buffer_free(&left);
    buffer_free(&right);
}

/* The recorded target is the public one. */
static void compare_target(struct comparison *comparison, struct span here,
                           struct span there)
{
    struct buffer public = {0};
    api_public_target(here, &public);
    if (buffer_ok(&public) && !span_equal(buffer_span(&public), there))
        differ(comparison, "path", buffer_span(&public), there);
    buffer_free(&public);
}

/* The key's fields of |from| that |to| has otherwise; |missing|: only those that it lacks. */
static void compare_fields(struct comparison *comparison, const struct headers *from,
                           const struct headers *to, bool missing)
{
    for (size_t i = 0; i < from->count; i++) {
        char name[64], place[80] = "header ";
        struct span value = span_trim(from->at[i].value);
        if (!key_header(from->at[i].name))
            continue;
        span_copy_text(from->at[i].name, name, sizeof(name));
        span_copy_text(span_text(name), place + strlen(place), sizeof(name));
        const struct header *other = headers_find(to, name);
        if (missing && !other)
            differ(comparison, place, (struct span){0}, value);
        else if (!missing && (!other || !span_equal(span_trim(other->value), value)))
            differ(comparison, place, value,
                   other ? span_trim(other->value) : (struct span){0});
    }
}

static void compare_heads(struct comparison *comparison, const struct request *request,
                          const struct request *recorded)
{
    if (!span_equal_nocase(request->host, recorded->host))
        differ(comparison, "host", request->host, recorded->host);
    compare_port(comparison, request->port, recorded->port);
    compare_target(comparison, request->target, recorded->target);
    compare_fields(comparison, &request->headers, &recorded->headers, false);
    compare_fields(comparison, &recorded->headers, &request->headers, true);
}

int api_difference(const struct request *request, const struct call *call,
                   const struct request *recorded, api_difference_visit *visit,
                   void *context, struct json_likeness *likeness)
{
    struct comparison comparison = {visit, context};
    struct buffer body = {0};
    int result = -1;
    *likeness = (struct json_likeness){0};
    compare_heads(&comparison, request, recorded);
    if (call->operation && call->canonical.size &&
        json_canonical_without(recorded->body, call->operation->ignored, call->more,
                               &body) == JSON_OK)
        result = json_difference(buffer_span(&call->canonical), buffer_span(&body),
                                 comparison.visit, context, likeness);
    buffer_free(&body);
    return result;
}
