/* SPDX-License-Identifier: MIT */
/* Answers with vectors, taken apart and put together: a new text is the old one with a list and a
 * few numbers in it replaced. */
#include "embedding.h"

#include "dialect.h"
#include "store/memory.h"

#define COSTS 12
#define COST_LIMIT                                                                       \
    UINT32_MAX /* what is larger means something else, and products stay products */

/* An integer that tells what the items took. */
struct cost {
    struct span name; /* as it is spelled; empty: the only one */
    struct span number;
    uint64_t value;
};

struct answer {
    const struct itemised *itemised;
    struct span body;
    struct json list;
    struct cost costs[COSTS];
    size_t cost_count;
};

/* One vector with what stands beside it. */
struct part {
    struct span item;
    struct span index; /* within it; empty: none */
    struct span vector;
    uint64_t shape; /* two vectors of different length or kind have different ones */
};

/* -- reading --------------------------------------------------------------------------- */

static void add_cost(struct answer *answer, struct span name, struct json value)
{
    uint64_t number;
    if (answer->cost_count == COSTS || !json_u64(value, &number) || number > COST_LIMIT)
        return;
    answer->costs[answer->cost_count++] = (struct cost){name, value.text, number};
}

static void read_costs(struct answer *answer, struct json value)
{
    struct json_iterator members = json_begin(value);
    if (json_kind(value) == JSON_KIND_NUMBER)
        add_cost(answer, (struct span){0}, value);
    while (members.object && json_next(&members))
        add_cost(answer, members.name.text, members.value);
}

static bool read_answer(const struct call *call, struct span body, struct answer *out)
{
    const struct form *form = call->operation->form;
    *out = (struct answer){.itemised = form->itemised, .body = body};
    if (!json_valid(body))
        return false;
    out->list = json_at(json_of(body), form->outputs);
    if (form->itemised->costs)
        read_costs(out, json_at(json_of(body), form->itemised->costs));
    return json_kind(out->list) == JSON_KIND_ARRAY;
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

/* Of a valid JSON value, or of bytes that begin and end like one: a text without escapes, or a list
 * that has nothing within it but numbers, is one value. 0: this is no vector. */
static uint64_t shape_of(struct span vector)
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

/* EMBEDDING_OK; EMBEDDING_ODD: it says that it belongs to another place; EMBEDDING_WHOLE: it is
 * none. */
static enum embedding_result read_part(const struct answer *answer, struct json value,
                                       uint64_t place, struct part *out)
{
    const struct itemised *itemised = answer->itemised;
    struct json index = {0};
    uint64_t number;
    if (itemised->index) {
        index = json_member(value, itemised->index);
        if (!json_u64(index, &number))
            return EMBEDDING_WHOLE;
        if (number != place)
            return EMBEDDING_ODD;
    }
    struct json vector = json_at(value, itemised->vector);
    *out = (struct part){value.text, index.text, vector.text, shape_of(vector.text)};
    return out->shape != 0 ? EMBEDDING_OK : EMBEDDING_WHOLE;
}

/* -- writing --------------------------------------------------------------------------- */

static const uint8_t *end_of(struct span span)
{
    return span.at + span.size;
}

static void append_between(struct buffer *out, const uint8_t *from, const uint8_t *to)
{
    buffer_append(out, from, (size_t)(to - from));
}

static void append_part(struct buffer *out, const struct part *part, uint64_t place)
{
    if (part->index.size == 0) {
        buffer_append_span(out, part->item);
        return;
    }
    append_between(out, part->item.at, part->index.at);
    buffer_append_decimal(out, place);
    append_between(out, end_of(part->index), end_of(part->item));
}

/* Appends the next list. */
typedef void append_list(struct buffer *out, const struct answer *answer,
                         const void *context);

/* |answer| with another list, and |costs| for its own: they stand all before or all behind it. */
static void append_answer(struct buffer *out, const struct answer *answer,
                          const uint64_t *costs, append_list *append, const void *context)
{
    const uint8_t *at = answer->body.at;
    bool done = false;
    for (size_t i = 0; i <= answer->cost_count; i++) {
        bool last = i == answer->cost_count;
        struct span number = {0};
        if (!last)
            number = answer->costs[i].number;
        if (!done && (last || number.at > answer->list.text.at)) {
            append_between(out, at, answer->list.text.at);
            append(out, answer, context);
            at = end_of(answer->list.text);
            done = true;
        }
        if (last)
            break;
        append_between(out, at, number.at);
        buffer_append_decimal(out, costs[i]);
        at = end_of(number);
    }
    append_between(out, at, end_of(answer->body));
}

/* White space as the list has it before its first item, and at its end. */
static struct span lead_of(struct json list)
{
    struct json_iterator items = json_begin(list);
    const uint8_t *from = list.text.at + 1;
    return json_next(&items) ? span_of(from, (size_t)(items.value.text.at - from))
                             : (struct span){0};
}

/* And behind a comma: what stands before the first item, or, where that is nothing, behind the first
 * comma of all. A guess that gives most writers their own bytes back. */
static struct span gap_of(const struct answer *answer)
{
    struct span lead = lead_of(answer->list);
    struct json_iterator members = json_begin(json_of(answer->body));
    if (lead.size || !members.object || !json_next(&members))
        return lead;
    const uint8_t *from = end_of(members.value.text);
    if (!json_next(&members))
        return lead;
    const uint8_t *name = members.name.text.at;
    const uint8_t *comma = memchr(from, ',', (size_t)(name - from));
    return comma ? span_of(comma + 1, (size_t)(name - comma - 1)) : lead;
}

static struct span trail_of(struct json list)
{
    const uint8_t *end = end_of(list.text) - 1, *at = end;
    while (at > list.text.at + 1 &&
           (at[-1] == ' ' || at[-1] == '\n' || at[-1] == '\r' || at[-1] == '\t'))
        at--;
    return span_of(at, (size_t)(end - at));
}

/* -- splitting ------------------------------------------------------------------------- */

static void append_lone(struct buffer *out, const struct answer *answer,
                        const void *context)
{
    buffer_append_byte(out, '[');
    buffer_append_span(out, lead_of(answer->list));
    append_part(out, context, 0);
    buffer_append_span(out, trail_of(answer->list));
    buffer_append_byte(out, ']');
}

/* Sizes of items: of all, and of those that have come. */
struct share {
    uint64_t all, before, after;
};

static uint64_t size_of(const struct embedding *embedding, const uint32_t *places,
                        size_t i)
{
    return embedding->items[places ? places[i] : i].size;
}

static bool visit_part(const struct answer *answer, const struct part *part,
                       const struct share *share, uint32_t place, embedding_visit *visit,
                       void *context)
{
    struct buffer body = {0};
    uint64_t costs[COSTS];
    for (size_t i = 0; i < answer->cost_count; i++)
        costs[i] = answer->costs[i].value * share->after / share->all -
                   answer->costs[i].value * share->before / share->all;
    append_answer(&body, answer, costs, append_lone, part);
    bool good =
        buffer_ok(&body) && visit(context, place, buffer_span(&body), part->vector);
    buffer_free(&body);
    return good;
}

/* Every vector is looked at before the first one is handed out. */
static enum embedding_result look_over(const struct answer *answer, size_t count)
{
    struct json_iterator items = json_begin(answer->list);
    uint64_t shape = 0;
    size_t found = 0;
    for (; json_next(&items); found++) {
        struct part part;
        if (found == count)
            return EMBEDDING_ODD;
        enum embedding_result result = read_part(answer, items.value, found, &part);
        if (result != EMBEDDING_OK)
            return result;
        if (shape && part.shape != shape)
            return EMBEDDING_ODD;
        shape = part.shape;
    }
    return found == count ? EMBEDDING_OK : EMBEDDING_ODD;
}

enum embedding_result embedding_split(const struct call *call,
                                      const struct embedding *embedding,
                                      const uint32_t *places, size_t count,
                                      struct span body, embedding_visit *visit,
                                      void *context)
{
    struct answer answer;
    struct share share = {0};
    if (!read_answer(call, body, &answer))
        return EMBEDDING_WHOLE;
    enum embedding_result result = look_over(&answer, count);
    if (result != EMBEDDING_OK || !visit)
        return result;
    for (size_t i = 0; i < count; i++)
        share.all += size_of(embedding, places, i);
    struct json_iterator items = json_begin(answer.list);
    for (size_t i = 0; i < count && json_next(&items); i++) {
        struct part part;
        uint32_t place = places ? places[i] : (uint32_t)i;
        share.before = share.after;
        share.after += size_of(embedding, places, i);
        if (read_part(&answer, items.value, i, &part) != EMBEDDING_OK ||
            !visit_part(&answer, &part, &share, place, visit, context))
            return EMBEDDING_WHOLE;
    }
    return EMBEDDING_OK;
}

/* -- joining --------------------------------------------------------------------------- */

struct joining {
    struct answer frame;
    struct part *parts;
    uint64_t (*costs)[COSTS]; /* of each part, in the frame's order */
    const uint32_t *which;
    size_t count;
};

static void append_joined(struct buffer *out, const struct answer *answer,
                          const void *context)
{
    const struct joining *joining = context;
    struct span lead = lead_of(answer->list), gap = gap_of(answer);
    buffer_append_byte(out, '[');
    for (size_t i = 0; i < joining->count; i++) {
        if (i)
            buffer_append_byte(out, ',');
        buffer_append_span(out, i ? gap : lead);
        append_part(out, &joining->parts[joining->which[i]], i);
    }
    buffer_append_span(out, trail_of(answer->list));
    buffer_append_byte(out, ']');
}

/* What |answer| says under the name that the frame's |cost| has. */
static uint64_t cost_in(const struct answer *answer, const struct cost *cost)
{
    for (size_t i = 0; i < answer->cost_count; i++)
        if (span_equal(answer->costs[i].name, cost->name))
            return answer->costs[i].value;
    return 0;
}

/* One that was read, and others are like. */
struct model {
    struct answer answer;
    struct part part;
};

static bool read_model(const struct call *call, struct span body, struct model *out)
{
    if (!read_answer(call, body, &out->answer))
        return false;
    struct json_iterator items = json_begin(out->answer.list);
    return json_next(&items) &&
           read_part(&out->answer, items.value, 0, &out->part) == EMBEDDING_OK &&
           !json_next(&items);
}

/* Moves |*end| back over what |from| to |to| is. False: other bytes stand there. */
static bool step_back(const uint8_t *begin, const uint8_t **end, const uint8_t *from,
                      const uint8_t *to)
{
    size_t size = (size_t)(to - from);
    if ((size_t)(*end - begin) < size || memcmp(*end - size, from, size) != 0)
        return false;
    *end -= size;
    return true;
}

/* Likewise over an integer. */
static bool step_over_number(const uint8_t *begin, const uint8_t **end, uint64_t *out)
{
    uint64_t unit = 1;
    *out = 0;
    const uint8_t *at = *end;
    for (; at > begin && at[-1] >= '0' && at[-1] <= '9'; at--, unit *= 10) {
        if (unit > COST_LIMIT)
            return false;
        *out += unit * (uint64_t)(at[-1] - '0');
    }
    bool found = at < *end && *out <= COST_LIMIT;
    *end = at;
    return found;
}

/* Answers of one upstream mostly differ in the vector and in what it has cost alone; these need no
 * parsing, which would take longer than all the rest. |body| is valid JSON, and around its vector
 * it has the bytes of |model|. False: it has not. */
static bool read_alike(const struct model *model, struct span body, struct model *out)
{
    const struct answer *answer = &model->answer;
    struct span vector = model->part.vector, item = model->part.item;
    size_t before = (size_t)(vector.at - answer->body.at);
    const uint8_t *begin = body.at + before, *end = end_of(body);
    const uint8_t *to = end_of(answer->body);
    if (body.size < before || memcmp(body.at, answer->body.at, before) != 0)
        return false;
    *out = *model;
    for (size_t i = answer->cost_count; i-- > 0; to = answer->costs[i].number.at)
        if (answer->costs[i].number.at < vector.at ||
            !step_back(begin, &end, end_of(answer->costs[i].number), to) ||
            !step_over_number(begin, &end, &out->answer.costs[i].value))
            return false;
    if (!step_back(begin, &end, end_of(vector), to))
        return false;
    const uint8_t *from = body.at + (item.at - answer->body.at);
    struct part *part = &out->part;
    part->vector = span_of(begin, (size_t)(end - begin));
    part->shape = shape_of(part->vector);
    part->item = span_of(from, (size_t)(end + (end_of(item) - end_of(vector)) - from));
    if (part->index.size)
        part->index.at = part->index.at < vector.at
                             ? body.at + (part->index.at - answer->body.at)
                             : end + (part->index.at - end_of(vector));
    out->answer.body = body;
    return part->shape != 0;
}

static bool read_parts(const struct call *call, const struct span *parts, size_t count,
                       struct joining *out)
{
    struct model model, other;
    if (!read_model(call, parts[0], &model))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!read_alike(&model, parts[i], &other) && !read_model(call, parts[i], &other))
            return false;
        out->parts[i] = other.part;
        if (out->parts[i].shape != out->parts[0].shape)
            return false;
        for (size_t cost = 0; cost < out->frame.cost_count; cost++)
            out->costs[i][cost] = cost_in(&other.answer, &out->frame.costs[cost]);
    }
    return true;
}

static void append_all(struct buffer *out, const struct joining *joining)
{
    uint64_t sums[COSTS] = {0};
    for (size_t i = 0; i < joining->count; i++)
        for (size_t cost = 0; cost < joining->frame.cost_count; cost++)
            sums[cost] += joining->costs[joining->which[i]][cost];
    append_answer(out, &joining->frame, sums, append_joined, joining);
}

enum embedding_result embedding_join(const struct call *call, struct span frame,
                                     const struct span *parts, size_t part_count,
                                     const uint32_t *which, size_t count,
                                     struct buffer *out)
{
    struct joining joining = {.which = which, .count = count};
    enum embedding_result result = EMBEDDING_NO_MEMORY;
    joining.parts = memory_new(part_count * sizeof *joining.parts);
    joining.costs = memory_new(part_count * sizeof *joining.costs);
    if (joining.parts && joining.costs) {
        result = EMBEDDING_WHOLE;
        if (read_answer(call, frame, &joining.frame) &&
            read_parts(call, parts, part_count, &joining)) {
            append_all(out, &joining);
            result = buffer_ok(out) ? EMBEDDING_OK : EMBEDDING_NO_MEMORY;
        }
    }
    memory_free(joining.parts);
    memory_free(joining.costs);
    return result;
}
