/* SPDX-License-Identifier: MIT */
/* Server-sent events
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html, 9.2.5 and 9.2.6), with
 * every kind of line end, comments, and the event's name before or after its data. */
#include "answer.h"

struct sse {
    struct span event;
    struct span data;     /* the first line of data */
    struct buffer joined; /* all of them, once there are several */
    unsigned data_lines;
};

/* Cuts the first line off |body|; its end may be LF, CR LF or CR. */
static struct span take_line(struct span *body)
{
    size_t size = 0;
    while (size < body->size && body->at[size] != '\n' && body->at[size] != '\r')
        size++;
    struct span line = span_of(body->at, size);
    bool both =
        size + 1 < body->size && body->at[size] == '\r' && body->at[size + 1] == '\n';
    *body = span_skip(*body, size + (both ? 2 : 1));
    return line;
}

static void add_data(struct sse *sse, struct span value)
{
    if (sse->data_lines++ == 0) {
        sse->data = value;
        return;
    }
    if (sse->data_lines == 2)
        buffer_append_span(&sse->joined, sse->data);
    buffer_append_byte(&sse->joined, '\n');
    buffer_append_span(&sse->joined, value);
}

/* One line within an event; comments and unknown fields are skipped. */
static enum reason take_field(struct sse *sse, struct span line)
{
    size_t size = span_find(line, span_text(":"));
    struct span name = span_of(line.at, size);
    struct span value = span_skip(line, size + 1);
    if (value.size && *value.at == ' ')
        value = span_skip(value, 1);
    if (span_is(name, "data"))
        add_data(sse, value);
    else if (span_is(name, "event"))
        sse->event = value;
    else if (span_is(name, "error")) /* old llama.cpp */
        return REASON_ERROR_IN_BODY;
    return REASON_NONE;
}

static struct span data_of(const struct sse *sse)
{
    return sse->data_lines > 1 ? buffer_span(&sse->joined) : sse->data;
}

static enum reason dispatch(struct sse *sse, document_visit visit, void *context)
{
    struct document document = {.event = sse->event};
    struct span data = data_of(sse);
    if (!buffer_ok(&sse->joined))
        return REASON_NO_MEMORY;
    document.done = span_starts(data, "[DONE]");
    if (data.size && !document.done) {
        if (!json_valid(data))
            return span_is(sse->event, "error") ? REASON_ERROR_IN_BODY
                                                : REASON_UNREADABLE_ANSWER;
        document.data = json_of(data);
    }
    enum reason reason =
        sse->data_lines || sse->event.size ? visit(&document, context) : REASON_NONE;
    sse->event = sse->data = (struct span){0};
    sse->data_lines = 0;
    buffer_clear(&sse->joined);
    return reason;
}

static enum reason read_events(struct sse *sse, struct span body, document_visit visit,
                               void *context)
{
    if (span_starts(body, "\xef\xbb\xbf"))
        body = span_skip(body, 3);
    enum reason reason = REASON_NONE;
    while (body.size && !reason) {
        struct span line = take_line(&body);
        reason = line.size ? take_field(sse, line) : dispatch(sse, visit, context);
    }
    if (reason || (sse->data_lines == 0 && sse->event.size == 0))
        return reason;
    /* An event without its empty line is lost to clients, which matters unless it is the
     * last word that says nothing. */
    if (!span_is(data_of(sse), "[DONE]"))
        return REASON_TRUNCATED;
    return dispatch(sse, visit, context);
}

enum reason sse_each(struct span body, document_visit visit, void *context)
{
    struct sse sse = {0};
    enum reason reason = read_events(&sse, body, visit, context);
    buffer_free(&sse.joined);
    return reason;
}
