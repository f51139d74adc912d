/* SPDX-License-Identifier: MIT */
/* An answer taken apart into JSON documents: the whole body, or the events, lines,
 * elements or frames of a stream. */
#ifndef CORE_API_ANSWER_H
#define CORE_API_ANSWER_H

#include "dialect.h"

struct document {
    struct span event; /* the event's name, may be empty */
    struct json data;  /* checked; JSON_KIND_ABSENT when there was none */
    bool done;         /* "[DONE]" */
};

/* Gets one document after the other; anything but REASON_NONE ends the walk. */
typedef enum reason (*document_visit)(const struct document *document, void *context);

/* Walks over the documents of |response|. REASON_NONE at its end, REASON_TRUNCATED (cut
 * within a document), REASON_UNREADABLE_ANSWER, REASON_ERROR_IN_BODY (a frame that says
 * so), REASON_NO_MEMORY, or what |visit| returned. */
MUST_USE enum reason answer_each(const struct call *call, const struct response *response,
                                 document_visit visit, void *context);

/* The kinds of streams. Same results. */
MUST_USE enum reason sse_each(struct span body, document_visit visit, void *context);
MUST_USE enum reason aws_each(struct span body, document_visit visit, void *context);

#endif
