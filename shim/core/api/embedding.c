/* SPDX-License-Identifier: MIT */
/* A request's items, and the request for some of them. */
#include "embedding.h"

#include "dialect.h"
#include "store/memory.h"

/* No provider takes so many in one request. */
#define ITEMS_LIMIT 16384

static const struct itemised *itemised_of(const struct call *call)
{
    const struct form *form = call->operation ? call->operation->form : NULL;
    return form && call->stream == STREAM_NONE ? form->itemised : NULL;
}

/* A text, or the tokens of one. */
static bool stands_alone(struct json value)
{
    struct json_iterator items = json_begin(value);
    if (json_kind(value) == JSON_KIND_ARRAY)
        return json_next(&items) && json_kind(items.value) == JSON_KIND_NUMBER;
    return json_kind(value) == JSON_KIND_STRING;
}

static enum embedding_result read_list(struct json list, struct embedding *out)
{
    struct json_iterator items = json_begin(list);
    size_t count = json_count(list);
    if (count == 0 || count > ITEMS_LIMIT)
        return EMBEDDING_WHOLE;
    out->items = memory_new(count * sizeof *out->items);
    if (!out->items)
        return EMBEDDING_NO_MEMORY;
    while (out->count < count && json_next(&items))
        out->items[out->count++] = items.value.text;
    return EMBEDDING_OK;
}

static enum embedding_result read_lone(struct json item, struct embedding *out)
{
    out->items = memory_new(sizeof *out->items);
    if (!out->items)
        return EMBEDDING_NO_MEMORY;
    out->items[out->count++] = item.text;
    return EMBEDDING_OK;
}

/* Nobody can sign for a body that is changed, and what depends on its neighbours is no item. */
enum embedding_result embedding_read(const struct call *call,
                                     const struct request *request, struct embedding *out)
{
    const struct itemised *itemised = itemised_of(call);
    struct json body = json_of(request->body);
    *out = (struct embedding){.body = request->body};
    if (!itemised || request_is_signed(request) ||
        refusal_of(itemised->together, body) != REASON_NONE)
        return EMBEDDING_WHOLE;
    struct json value = json_member(body, call->operation->form->inputs);
    out->list = value.text;
    if (stands_alone(value))
        return itemised->lone ? read_lone(value, out) : EMBEDDING_WHOLE;
    return json_kind(value) == JSON_KIND_ARRAY ? read_list(value, out) : EMBEDDING_WHOLE;
}

void embedding_free(struct embedding *embedding)
{
    memory_free(embedding->items);
    *embedding = (struct embedding){0};
}

void embedding_ask(const struct embedding *embedding, const uint32_t *places,
                   size_t count, struct buffer *out)
{
    struct span body = embedding->body;
    size_t before = (size_t)(embedding->list.at - body.at);
    buffer_append(out, body.at, before);
    for (size_t i = 0; i < count; i++) {
        buffer_append_byte(out, i ? ',' : '[');
        buffer_append_span(out, embedding->items[places[i]]);
    }
    buffer_append_byte(out, ']');
    buffer_append_span(out, span_skip(body, before + embedding->list.size));
}
