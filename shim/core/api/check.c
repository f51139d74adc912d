/* SPDX-License-Identifier: MIT */
/* May an answer be kept? Whole, finished, no error, not empty. */
#include "answer.h"

/* Answers beyond so many are not told apart. */
#define CHOICES 128

struct check {
    const struct call *call;
    const struct form *form;
    struct finish finish;
    uint8_t finished[CHOICES / 8]; /* a bit per answer */
    unsigned finished_count;
    bool unfinished; /* an item of a whole answer that is not finished */
    bool content;
    bool stopped;  /* AWS: messageStop */
    bool terminal; /* the event that ends the stream */
};

static bool stop_at_set(struct json value, void *context)
{
    (void)context;
    return !json_is_set(value);
}

static bool failed_finish(struct json reason)
{
    return json_text_starts(reason, "ERROR") || json_text_is(reason, "TIMEOUT") ||
           json_text_is(reason, "error");
}

static bool choice_failed(struct json choices)
{
    struct json_iterator items = json_begin(choices);
    while (!items.object && json_next(&items))
        if (failed_finish(json_member(items.value, "finish_reason")) ||
            json_is_set(json_member(items.value, "error")))
            return true;
    return false;
}

static bool member_is_error(struct json name, struct json value)
{
    if (json_text_is(name, "error"))
        return json_is_set(value);
    if (json_text_is(name, "object") || json_text_is(name, "type") ||
        json_text_is(name, "event_type"))
        return json_text_is(value, "error");
    if (json_text_is(name, "finish_reason"))
        return failed_finish(value);
    if (json_text_is(name, "delta"))
        return failed_finish(json_member(value, "finish_reason"));
    return json_text_is(name, "choices") && choice_failed(value);
}

/* An object that says that something went wrong, in anybody's dialect. One walk: lists of
 * vectors are long. */
static bool is_error(struct json data)
{
    struct json_iterator members = json_begin(data);
    while (members.object && json_next(&members))
        if (member_is_error(members.name, members.value))
            return true;
    return false;
}

static bool has_error(struct json data)
{
    struct json_iterator iterator = json_begin(data);
    if (json_kind(data) != JSON_KIND_ARRAY)
        return is_error(data);
    /* Only the first element: errors come alone. */
    return json_next(&iterator) && is_error(iterator.value);
}

static bool has_content(const struct form *form, struct json data)
{
    for (const char *const *path = form->content; path && *path; path++)
        if (!json_each(data, *path, stop_at_set, NULL))
            return true;
    return false;
}

static bool is_finished(const struct finish *finish, struct json item)
{
    struct json value = json_member(item, finish->member);
    return finish->value ? json_text_is(value, finish->value) : json_is_set(value);
}

static void mark_finished(struct check *check, uint64_t index)
{
    if (index >= CHOICES || check->finished[index / 8] >> index % 8 & 1)
        return;
    check->finished[index / 8] |= (uint8_t)(1u << index % 8);
    check->finished_count++;
}

static void look_for_finish(struct check *check, struct json data)
{
    if (!check->finish.member)
        return;
    if (!check->finish.list) {
        if (is_finished(&check->finish, data))
            mark_finished(check, 0);
        return;
    }
    struct json_iterator items = json_begin(json_member(data, check->finish.list));
    for (uint64_t position = 0; json_next(&items); position++) {
        uint64_t index = position;
        if (!is_finished(&check->finish, items.value)) {
            check->unfinished = true;
            continue;
        }
        if (!json_u64(json_member(items.value, "index"), &index))
            index = position;
        mark_finished(check, index);
    }
}

static bool is_type(const struct document *document, const char *type)
{
    struct json value = json_member(document->data, "type");
    return json_kind(value) == JSON_KIND_STRING ? json_text_is(value, type)
                                                : span_is(document->event, type);
}

static enum reason look_for_end(struct check *check, const struct document *document)
{
    switch (check->call->stream) {
    case STREAM_SSE_DONE:
        check->terminal |= document->done;
        break;
    case STREAM_SSE_RESPONSES:
        if (is_type(document, "response.failed"))
            return REASON_ERROR_IN_BODY;
        if (is_type(document, "response.incomplete"))
            return REASON_TRUNCATED;
        check->terminal |= is_type(document, "response.completed");
        break;
    case STREAM_SSE_ANTHROPIC:
        check->terminal |= is_type(document, "message_stop");
        break;
    case STREAM_SSE_COHERE:
        check->terminal |= is_type(document, "message-end");
        break;
    case STREAM_AWS:
        check->stopped |= span_is(document->event, "messageStop");
        check->terminal |= check->stopped && span_is(document->event, "metadata");
        check->terminal |=
            span_is(document->event, "chunk") &&
            json_is_set(json_member(document->data, "amazon-bedrock-invocationMetrics"));
        break;
    default:
        break;
    }
    return REASON_NONE;
}

static enum reason check_document(const struct document *document, void *context)
{
    struct check *check = context;
    if (span_is(document->event, "error") || has_error(document->data))
        return REASON_ERROR_IN_BODY;
    if (!check->content)
        check->content = has_content(check->form, document->data);
    look_for_finish(check, document->data);
    return look_for_end(check, document);
}

static bool has_finished(const struct check *check)
{
    unsigned wanted = check->call->choices;
    if (!check->finish.member)
        return true;
    if (!check->finish.list)
        return check->finished_count == 1;
    if (check->call->stream == STREAM_NONE)
        return check->finished_count && !check->unfinished;
    return check->finished_count >= (wanted < CHOICES ? wanted : CHOICES);
}

static enum reason verdict(const struct check *check)
{
    switch (check->call->stream) {
    case STREAM_NONE:
        if (!has_finished(check))
            return check->content ? REASON_TRUNCATED : REASON_EMPTY_ANSWER;
        break;
    case STREAM_SSE_DONE:
        if (!check->terminal || !has_finished(check))
            return REASON_NO_TERMINAL_EVENT;
        break;
    case STREAM_SSE_RESPONSES:
    case STREAM_SSE_ANTHROPIC:
    case STREAM_SSE_COHERE:
    case STREAM_AWS:
        if (!check->terminal)
            return REASON_NO_TERMINAL_EVENT;
        break;
    default:
        if (!has_finished(check))
            return REASON_NO_TERMINAL_EVENT;
    }
    return check->content ? REASON_NONE : REASON_EMPTY_ANSWER;
}

struct vectors {
    size_t wanted;
    bool found, wrong;
};

static bool count_vectors(struct json value, void *context)
{
    struct vectors *vectors = context;
    if (json_kind(value) != JSON_KIND_ARRAY)
        return true;
    vectors->found = true;
    vectors->wrong = json_count(value) != vectors->wanted;
    return !vectors->wrong;
}

/* As many vectors as texts, in every encoding that was asked for. */
static bool has_all_vectors(const struct check *check, struct span body)
{
    struct vectors vectors = {.wanted = check->call->inputs};
    const char *paths = check->form->outputs;
    char path[JSON_PATH_SIZE];
    if (!paths || vectors.wanted == 0)
        return true;
    while (!vectors.found && json_next_path(&paths, path))
        if (!json_each(json_of(body), path, count_vectors, &vectors))
            return false;
    return vectors.found;
}

static enum reason check_bytes(const struct response *response)
{
    struct span type = headers_value(&response->headers, "content-type");
    if (response->body.size == 0)
        return REASON_EMPTY_ANSWER;
    if (span_starts(type, "audio/") || span_starts(type, "application/octet-stream"))
        return REASON_NONE;
    return json_valid(response->body) ? REASON_ERROR_IN_BODY : REASON_UNREADABLE_ANSWER;
}

/* A stream was asked for and one JSON value came: nothing to keep, but why? */
static bool is_lone_error(const struct call *call, struct span body)
{
    return call->stream != STREAM_NONE && call->stream != STREAM_AWS &&
           json_valid(body) && has_error(json_of(body));
}

bool api_is_refusal(unsigned status)
{
    return status == 400 || status == 404 || status == 413 || status == 415 ||
           status == 422;
}

enum reason api_check(const struct call *call, const struct response *response)
{
    if (response->status < 200 || response->status > 299)
        return REASON_STATUS;
    if (!call->operation || !call->operation->form)
        return REASON_OPERATION;
    const struct form *form = call->operation->form;
    if (form->bytes)
        return check_bytes(response);
    if (response->body.size == 0)
        return REASON_EMPTY_ANSWER;
    if (is_lone_error(call, response->body))
        return REASON_ERROR_IN_BODY;
    struct check check = {.call = call, .form = form, .finish = form->finish};
    if (call->stream != STREAM_NONE && form->stream_finish.member)
        check.finish = form->stream_finish;
    enum reason reason = answer_each(call, response, check_document, &check);
    if (!reason)
        reason = verdict(&check);
    if (!reason && !has_all_vectors(&check, response->body))
        reason = REASON_TRUNCATED;
    return reason;
}
