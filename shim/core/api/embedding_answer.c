/* SPDX-License-Identifier: MIT */
/* Reading and writing answers with vectors, see embedding_answer.h. */
#include "embedding_answer.h"

/* -- reading --------------------------------------------------------------------------- */

static void insert(struct answer *out, const struct hole *hole)
{
    size_t at = out->hole_count++;
    for (; at > 0 && out->holes[at - 1].text.at > hole->text.at; at--)
        out->holes[at] = out->holes[at - 1];
    out->holes[at] = *hole;
}

static bool add_list(struct answer *out, enum hole_kind kind, struct span name,
                     struct json list)
{
    if (out->list_count == ANSWER_LISTS)
        return false;
    insert(out, &(struct hole){.kind = kind, .name = name, .text = list.text});
    out->list_count++;
    return true;
}

static bool add_kinds(struct answer *out, struct json value)
{
    struct json_iterator kinds = json_begin(value);
    while (kinds.object && json_next(&kinds))
        if (json_kind(kinds.value) != JSON_KIND_NULL &&
            (json_kind(kinds.value) != JSON_KIND_ARRAY ||
             !add_list(out, HOLE_VECTORS, kinds.name.text, kinds.value)))
            return false;
    return out->list_count > 0;
}

static bool add_vectors(struct answer *out, const char *paths)
{
    char path[JSON_PATH_SIZE];
    if (!json_next_path(&paths, path))
        return false;
    struct json value = json_at(json_of(out->body), path);
    if (json_kind(value) == JSON_KIND_ARRAY)
        return add_list(out, HOLE_VECTORS, (struct span){0}, value);
    return out->itemised->kinds && add_kinds(out, value);
}

/* Empty ones stay as they are. */
static bool add_echoes(struct answer *out)
{
    const char *paths = out->itemised->echoes, *from = paths;
    for (char path[JSON_PATH_SIZE]; json_next_path(&paths, path); from = paths) {
        struct json value = json_at(json_of(out->body), path);
        if (json_is_set(value) &&
            (json_kind(value) != JSON_KIND_ARRAY ||
             !add_list(out, HOLE_ECHO, span_of(from, strlen(path)), value)))
            return false;
    }
    return true;
}

static void add_cost(struct answer *out, unsigned group, struct span name,
                     struct json value)
{
    struct hole hole = {HOLE_COST, 0, group, name, value.text, 0};
    if (out->cost_count == ANSWER_COSTS || !json_u64(value, &hole.value) ||
        hole.value > ANSWER_COST_LIMIT)
        return;
    insert(out, &hole);
    out->cost_count++;
}

static void add_costs(struct answer *out)
{
    const char *paths = out->itemised->costs;
    char path[JSON_PATH_SIZE];
    for (unsigned group = 0; json_next_path(&paths, path); group++) {
        struct json value = json_at(json_of(out->body), path);
        struct json_iterator members = json_begin(value);
        if (json_kind(value) == JSON_KIND_NUMBER)
            add_cost(out, group, (struct span){0}, value);
        while (members.object && json_next(&members))
            add_cost(out, group, members.name.text, members.value);
    }
}

static void give_numbers(struct answer *out)
{
    unsigned lists = 0, costs = 0;
    for (size_t i = 0; i < out->hole_count; i++)
        out->holes[i].number = out->holes[i].kind == HOLE_COST ? costs++ : lists++;
}

bool answer_read(const struct call *call, struct span body, struct answer *out)
{
    const struct form *form = call->operation->form;
    *out = (struct answer){.itemised = form->itemised, .body = body};
    if (!json_valid(body) || !add_vectors(out, form->outputs) || !add_echoes(out))
        return false;
    add_costs(out);
    give_numbers(out);
    return true;
}

static bool has(struct span text, char byte)
{
    return memchr(text.at, byte, text.size) != NULL;
}

static uint64_t count_of(struct span text, uint8_t byte)
{
    uint64_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += text.at[i] == byte;
    return count;
}

uint64_t answer_shape(struct span vector)
{
    if (vector.size < 3)
        return 0;
    struct span within = span_of(vector.at + 1, vector.size - 2);
    uint8_t first = vector.at[0], last = vector.at[vector.size - 1];
    if (first == '"' && last == '"' && !has(within, '"') && !has(within, '\\'))
        return (uint64_t)vector.size << 1;
    if (first != '[' || last != ']' || has(within, '[') || has(within, ']') ||
        has(within, '{') || has(within, '"') || has(within, 'l') || has(within, 'u'))
        return 0;
    return (count_of(within, ',') + 1) << 1 | 1;
}

enum embedding_result answer_read_part(const struct answer *answer,
                                       const struct hole *list, struct json value,
                                       uint64_t place, struct part *out)
{
    const struct itemised *itemised = answer->itemised;
    struct json index = {0};
    uint64_t number;
    *out = (struct part){.item = value.text, .vector = value.text};
    if (list->kind == HOLE_ECHO)
        return EMBEDDING_OK;
    if (itemised->index) {
        index = json_member(value, itemised->index);
        if (!json_u64(index, &number))
            return EMBEDDING_WHOLE;
        if (number != place)
            return EMBEDDING_ODD;
    }
    struct json vector = json_at(value, itemised->vector);
    *out = (struct part){value.text, index.text, vector.text, answer_shape(vector.text)};
    return out->shape != 0 ? EMBEDDING_OK : EMBEDDING_WHOLE;
}

/* -- writing --------------------------------------------------------------------------- */

static void append_between(struct buffer *out, const uint8_t *from, const uint8_t *to)
{
    buffer_append(out, from, (size_t)(to - from));
}

void answer_write(struct buffer *out, const struct answer *answer, answer_fill *fill,
                  void *context)
{
    const uint8_t *at = answer->body.at;
    for (size_t i = 0; i < answer->hole_count; i++) {
        const struct hole *hole = &answer->holes[i];
        append_between(out, at, hole->text.at);
        fill(out, answer, hole, context);
        at = span_end(hole->text);
    }
    append_between(out, at, span_end(answer->body));
}

size_t answer_append_part(struct buffer *out, const struct part *part, uint64_t place)
{
    const uint8_t *at = part->item.at;
    size_t vector = out->size + (size_t)(part->vector.at - at);
    if (part->index.size) {
        append_between(out, at, part->index.at);
        buffer_append_decimal(out, place);
        at = span_end(part->index);
        if (part->vector.at >= at)
            vector = out->size + (size_t)(part->vector.at - at);
    }
    append_between(out, at, span_end(part->item));
    return vector;
}

struct span answer_lead(struct span list)
{
    struct json_iterator items = json_begin((struct json){list});
    const uint8_t *from = list.at + 1;
    return json_next(&items) ? span_of(from, (size_t)(items.value.text.at - from))
                             : (struct span){0};
}

/* What stands before the first item, or, where that is nothing, behind the first comma of all. A guess
 * that gives most writers their own bytes back. */
struct span answer_gap(const struct answer *answer, struct span list)
{
    struct span lead = answer_lead(list);
    struct json_iterator members = json_begin(json_of(answer->body));
    if (lead.size || !members.object || !json_next(&members))
        return lead;
    const uint8_t *from = span_end(members.value.text);
    if (!json_next(&members))
        return lead;
    const uint8_t *name = members.name.text.at;
    const uint8_t *comma = memchr(from, ',', (size_t)(name - from));
    return comma ? span_of(comma + 1, (size_t)(name - comma - 1)) : lead;
}

struct span answer_trail(struct span list)
{
    const uint8_t *end = span_end(list) - 1, *at = end;
    while (at > list.at + 1 &&
           (at[-1] == ' ' || at[-1] == '\n' || at[-1] == '\r' || at[-1] == '\t'))
        at--;
    return span_of(at, (size_t)(end - at));
}
