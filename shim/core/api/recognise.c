/* SPDX-License-Identifier: MIT */
/* From a request to the row of a table, or to the reason why there is none to use. */
#include "dialect.h"

static bool is_there(struct json body, struct span name)
{
    char text[32];
    bool array = span_ends(name, "[]");
    name.size -= array ? 2 : 0;
    span_copy_text(name, text, sizeof(text));
    enum json_kind kind = json_kind(json_member(body, text));
    return array ? kind == JSON_KIND_ARRAY
                 : kind != JSON_KIND_ABSENT && kind != JSON_KIND_NULL;
}

/* One of |names|, separated by '|'. */
static bool one_is_there(struct json body, struct span names)
{
    while (names.size) {
        size_t size = span_find(names, span_text("|"));
        if (is_there(body, span_of(names.at, size)))
            return true;
        names = span_skip(names, size + 1);
    }
    return false;
}

static bool fits(const struct form *form, struct json body)
{
    struct span needs = span_text(form->needs);
    while (needs.size) {
        size_t size = span_find(needs, span_text(" "));
        if (!one_is_there(body, span_of(needs.at, size)))
            return false;
        needs = span_skip(needs, size + 1);
    }
    return true;
}

/* How many texts |input| is: a text, a list of texts, one text's tokens, a list of such.
 */
static uint32_t count_inputs(struct json input)
{
    struct json_iterator iterator = json_begin(input);
    if (json_kind(input) != JSON_KIND_ARRAY)
        return json_is_set(input);
    if (json_next(&iterator) && json_kind(iterator.value) == JSON_KIND_NUMBER)
        return 1;
    size_t count = json_count(input);
    return count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
}

static uint32_t count_choices(const struct form *form, struct json body)
{
    uint64_t choices = 1, prompts = 1;
    if (!json_u64(json_first_at(body, form->choices), &choices) || choices == 0)
        choices = 1;
    if (form->prompts)
        prompts = count_inputs(json_at(body, form->prompts));
    if (prompts == 0 || choices > UINT32_MAX / prompts)
        return 1;
    return (uint32_t)(choices * prompts);
}

static int hex_value(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* Percent-decodes a model's name from a path (Bedrock: "%3A"). */
static void copy_path_model(struct span name, char *out, size_t capacity)
{
    size_t used = 0;
    for (; name.size && used + 1 < capacity; name = span_skip(name, 1)) {
        int byte = name.at[0];
        if (byte == '%' && name.size > 2 && hex_value(name.at[1]) >= 0 &&
            hex_value(name.at[2]) >= 0) {
            byte = hex_value(name.at[1]) << 4 | hex_value(name.at[2]);
            name = span_skip(name, 2);
        }
        out[used++] = (char)byte;
    }
    out[used] = 0;
}

static enum stream_kind stream_of(const struct operation *operation,
                                  const struct request *request, struct json body)
{
    enum json_kind asked = json_kind(json_member(body, "stream"));
    switch (operation->streamed) {
    case STREAMED_NEVER:
        return STREAM_NONE;
    case STREAMED_IF_ASKED:
        return asked == JSON_KIND_TRUE ? operation->stream : STREAM_NONE;
    case STREAMED_UNLESS_DENIED:
        return asked == JSON_KIND_FALSE ? STREAM_NONE : operation->stream;
    case STREAMED_ALWAYS:
        break;
    }
    /* Gemini's streams are JSON arrays unless the query asks for events. */
    if (operation->stream == STREAM_JSON_ARRAY &&
        span_is(query_value(request->target, "alt"), "sse"))
        return STREAM_SSE_GEMINI;
    return operation->stream;
}

static void describe(struct call *call, const struct operation_search *found,
                     const struct request *request, struct json body)
{
    const struct form *form = found->operation->form;
    call->dialect = found->dialect;
    call->operation = found->operation;
    if (found->model.size)
        copy_path_model(found->model, call->model, sizeof(call->model));
    else if (form && form->model)
        json_copy_text(json_at(body, form->model), call->model, sizeof(call->model));
    if (!form)
        return;
    call->stream = stream_of(found->operation, request, body);
    call->choices = count_choices(form, body);
    call->stochastic = chance_in(&form->chance, body);
    if (form->inputs)
        call->inputs = count_inputs(json_first_at(body, form->inputs));
}

static enum reason canonicalise(struct call *call, struct span body)
{
    switch (json_canonical_without(body, call->operation->ignored, call->more,
                                   &call->canonical)) {
    case JSON_OK:
        return REASON_NONE;
    case JSON_DUPLICATE:
        return REASON_DUPLICATE_MEMBER;
    case JSON_NO_MEMORY:
        return REASON_NO_MEMORY;
    default:
        return REASON_NOT_JSON;
    }
}

/* The row whose form |body| has; false when there is none. */
static bool find_row(struct operation_search *search, struct json body)
{
    while (operation_search_next(search))
        if (search->operation->form && fits(search->operation->form, body))
            return true;
    return false;
}

/* Names what the path alone tells, for a request that is bypassed by its head. */
static void describe_head(struct call *call, const struct request *request)
{
    struct operation_search search;
    operation_search_begin(&search, request);
    if (operation_search_next(&search))
        describe(call, &search, request, (struct json){0});
    else
        call->dialect = search.known ? search.host_dialect : NULL;
}

static enum reason judge(const struct request *request, struct call *call)
{
    struct operation_search search;
    enum reason reason;
    if (!api_may_be_call(request, &reason)) {
        if (reason != REASON_NOT_LLM)
            describe_head(call, request);
        return reason;
    }
    struct json body = json_of(request->body);
    operation_search_begin(&search, request);
    if (!json_valid(request->body) || json_kind(body) != JSON_KIND_OBJECT ||
        !find_row(&search, body)) {
        if (!search.known)
            return REASON_NOT_LLM;
        describe_head(call, request);
        return REASON_NOT_JSON;
    }
    describe(call, &search, request, body);
    if (search.operation->bypass)
        return search.operation->bypass;
    if (strstr(call->model, ":prompt/"))
        return REASON_STATEFUL; /* Bedrock: a prompt that is kept, and edited, there */
    reason = refusal_of(search.operation->form->refusals, body);
    return reason ? reason : canonicalise(call, request->body);
}

enum reason api_recognise(const struct request *request, struct call *call)
{
    *call = (struct call){.choices = 1};
    enum reason reason = judge(request, call);
    if (reason)
        buffer_free(&call->canonical);
    return reason;
}

enum reason api_canonicalise(struct call *call, struct span body,
                             struct json_ignoring *more)
{
    buffer_clear(&call->canonical);
    call->more = more;
    return canonicalise(call, body);
}

void api_call_free(struct call *call)
{
    buffer_free(&call->canonical);
    *call = (struct call){0};
}

const char *api_dialect_name(const struct call *call)
{
    return call->dialect ? call->dialect->name : "";
}

const char *api_operation_name(const struct call *call)
{
    return call->operation ? call->operation->name : "";
}

const char *const *api_ignored(const struct call *call)
{
    return call->operation ? call->operation->ignored : NULL;
}
