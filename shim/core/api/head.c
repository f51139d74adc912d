/* SPDX-License-Identifier: MIT */
/* What a request's head alone tells. */
#include "dialect.h"

static bool contains_nocase(struct span text, const char *part)
{
    size_t size = strlen(part);
    for (; text.size >= size; text = span_skip(text, 1))
        if (span_equal_nocase(span_of(text.at, size), span_of(part, size)))
            return true;
    return false;
}

/* RFC 9110, 7.8: only an upgrade that the server may well accept ends HTTP. Java offers
 * h2c on every first request, and nobody takes it up. */
static bool wants_upgrade(const struct headers *headers)
{
    return contains_nocase(headers_value(headers, "upgrade"), "websocket");
}

/* RFC 9111, 5.2.1 and 5.4. */
static bool wants_fresh(const struct headers *headers)
{
    const struct header *control = headers_find(headers, "cache-control");
    if (!control)
        return contains_nocase(headers_value(headers, "pragma"), "no-cache");
    return contains_nocase(control->value, "no-cache") ||
           contains_nocase(control->value, "no-store") ||
           contains_nocase(control->value, "max-age=0");
}

static bool is_too_large(const struct request *request)
{
    struct json length = {span_trim(headers_value(&request->headers, "content-length"))};
    uint64_t size = request->body.size;
    return (json_u64(length, &size) && size > API_BODY_LIMIT) ||
           request->body.size > API_BODY_LIMIT;
}

/* What the head says against it, or REASON_NONE. */
static enum reason head_reason(const struct request *head)
{
    struct span type = headers_value(&head->headers, "content-type");
    struct span coding = span_trim(headers_value(&head->headers, "content-encoding"));
    if (contains_nocase(type, "multipart/"))
        return REASON_MULTIPART;
    /* Forgetful users of curl -d send JSON as a form. */
    if (type.size && !contains_nocase(type, "json") &&
        !contains_nocase(type, "text/plain") &&
        !contains_nocase(type, "x-www-form-urlencoded"))
        return REASON_NOT_JSON;
    if (coding.size && !span_is_nocase(coding, "identity"))
        return REASON_ENCODED_REQUEST;
    if (wants_fresh(&head->headers))
        return REASON_NO_CACHE;
    return is_too_large(head) ? REASON_TOO_LARGE : REASON_NONE;
}

/* The reason for a request that no row allows. */
static enum reason unmatched(const struct operation_search *search,
                             const struct request *head, enum reason row)
{
    if (wants_upgrade(&head->headers) && search->known)
        return REASON_UPGRADE;
    if (row)
        return row;
    if (!search->known)
        return REASON_NOT_LLM;
    return span_is(head->method, "POST") ? REASON_OPERATION : REASON_METHOD;
}

bool api_may_be_call(const struct request *head, enum reason *reason)
{
    struct operation_search search;
    enum reason row = REASON_NONE;
    bool post = span_is(head->method, "POST"), usable = false;
    operation_search_begin(&search, head);
    if (!post && !search.known) {
        *reason = REASON_NOT_LLM;
        return false;
    }
    while (!usable && operation_search_next(&search)) {
        usable = search.operation->form != NULL;
        if (!usable && !row)
            row = search.operation->bypass;
    }
    if (!post)
        *reason = unmatched(&search, head, row == REASON_STATEFUL ? row : REASON_NONE);
    else if (!usable)
        *reason = unmatched(&search, head, row);
    else if (wants_upgrade(&head->headers))
        *reason = REASON_UPGRADE;
    else
        *reason = head_reason(head);
    /* On unknown hosts only the body would tell, and such a body is not looked into. */
    if (!search.known && (*reason == REASON_MULTIPART || *reason == REASON_NOT_JSON))
        *reason = REASON_NOT_LLM;
    return *reason == REASON_NONE;
}
