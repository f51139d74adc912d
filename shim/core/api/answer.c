/* SPDX-License-Identifier: MIT */
/* Answers as JSON documents: one piece, one per line, one per element of an array. */
#include "answer.h"

static enum reason visit_json(struct span text, document_visit visit, void *context)
{
    if (!json_valid(text))
        return REASON_UNREADABLE_ANSWER;
    struct document document = {.data = json_of(text)};
    return visit(&document, context);
}

static enum reason line_each(struct span body, document_visit visit, void *context)
{
    enum reason reason = REASON_NONE;
    while (body.size && !reason) {
        size_t size = span_find(body, span_text("\n"));
        struct span line = json_of(span_of(body.at, size)).text;
        body = span_skip(body, size + 1);
        if (line.size)
            reason = visit_json(line, visit, context);
    }
    return reason;
}

static enum reason element_each(struct span body, document_visit visit, void *context)
{
    struct json array = json_of(body);
    if (!json_valid(body))
        return REASON_UNREADABLE_ANSWER;
    if (json_kind(array) != JSON_KIND_ARRAY)
        return visit_json(body, visit, context); /* an error, most likely */
    struct json_iterator iterator = json_begin(array);
    enum reason reason = REASON_NONE;
    while (!reason && json_next(&iterator)) {
        struct document document = {.data = iterator.value};
        reason = visit(&document, context);
    }
    return reason;
}

enum reason answer_each(const struct call *call, const struct response *response,
                        document_visit visit, void *context)
{
    switch (call->stream) {
    case STREAM_NONE:
        return visit_json(response->body, visit, context);
    case STREAM_JSON_ARRAY:
        return element_each(response->body, visit, context);
    case STREAM_NDJSON:
        return line_each(response->body, visit, context);
    case STREAM_AWS:
        return aws_each(response->body, visit, context);
    default:
        return sse_each(response->body, visit, context);
    }
}
