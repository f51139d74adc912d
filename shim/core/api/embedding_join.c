/* SPDX-License-Identifier: MIT */
/* Answers with vectors, put together. */
#include "embedding_answer.h"
#include "store/memory.h"

/* The answer to one item; others are mostly like it. */
struct model {
    struct answer answer;
    struct part parts[ANSWER_LISTS];
    uint64_t costs[ANSWER_COSTS];
};

struct joining {
    struct answer frame;
    struct model model; /* the latest one that had to be read */
    struct part *parts; /* what a part has in all lists, beside each other */
    uint64_t *costs;    /* of each part, as the frame numbers them */
    const uint32_t *which;
    size_t count;
};

/* -- one part -------------------------------------------------------------------------- */

static const struct hole *list_of(const struct answer *answer, unsigned number)
{
    const struct hole *hole = answer->holes;
    while (hole->kind == HOLE_COST || hole->number != number)
        hole++;
    return hole;
}

/* The lists are the same ones, as they stand. */
static bool has_lists_of(const struct answer *answer, const struct answer *frame)
{
    if (answer->list_count != frame->list_count)
        return false;
    for (unsigned i = 0; i < frame->list_count; i++) {
        const struct hole *list = list_of(answer, i), *wanted = list_of(frame, i);
        if (list->kind != wanted->kind || !span_equal(list->name, wanted->name))
            return false;
    }
    return true;
}

static bool read_model(const struct call *call, struct span body,
                       const struct answer *frame, struct model *out)
{
    struct answer *answer = &out->answer;
    if (!answer_read(call, body, answer) || !has_lists_of(answer, frame))
        return false;
    for (size_t i = 0; i < answer->hole_count; i++) {
        const struct hole *hole = &answer->holes[i];
        struct json_iterator items = json_begin((struct json){hole->text});
        if (hole->kind == HOLE_COST)
            out->costs[hole->number] = hole->value;
        else if (!json_next(&items) ||
                 answer_read_part(answer, hole, items.value, 0,
                                  &out->parts[hole->number]) != EMBEDDING_OK ||
                 json_next(&items))
            return false;
    }
    return true;
}

/* -- one that is like another ------------------------------------------------------------ */

/* Cuts what |from| to |to| is off |*left|. False: other bytes stand there. */
static bool take_same(struct span *left, const uint8_t *from, const uint8_t *to)
{
    size_t size = (size_t)(to - from);
    if (left->size < size || memcmp(left->at, from, size) != 0)
        return false;
    *left = span_skip(*left, size);
    return true;
}

/* Likewise an integer. */
static bool take_number(struct span *left, uint64_t *out)
{
    struct span begun = *left;
    for (*out = 0; left->size && left->at[0] >= '0' && left->at[0] <= '9';) {
        *out = *out * 10 + (uint64_t)(left->at[0] - '0');
        *left = span_skip(*left, 1);
        if (*out > ANSWER_COST_LIMIT)
            return false;
    }
    return left->size < begun.size;
}

/* Where a text that begins with a quote ends; 0: nowhere. */
static size_t text_size(struct span text)
{
    for (size_t at = 1; at < text.size;) {
        const uint8_t *quote = memchr(text.at + at, '"', text.size - at);
        if (!quote)
            return 0;
        at = (size_t)(quote - text.at) + 1;
        size_t escapes = 0;
        while (quote[-1 - (ptrdiff_t)escapes] == '\\')
            escapes++;
        if (escapes % 2 == 0)
            return at;
    }
    return 0;
}

/* Likewise a text, or a list without lists. Empty: it is none. */
static struct span take_value(struct span *left)
{
    const uint8_t *end = NULL;
    size_t size = 0;
    if (left->size && left->at[0] == '"')
        size = text_size(*left);
    else if (left->size && left->at[0] == '[')
        end = memchr(left->at, ']', left->size);
    if (end)
        size = (size_t)(end - left->at) + 1;
    struct span value = span_of(left->at, size);
    *left = span_skip(*left, size);
    return value;
}

/* |old| with another vector. */
static struct part with_vector(const struct part *old, struct span vector)
{
    struct span from = old->vector;
    struct part part = *old;
    part.item = span_of(vector.at - (from.at - old->item.at),
                        old->item.size - from.size + vector.size);
    part.vector = vector;
    if (old->index.size)
        part.index.at = old->index.at < from.at
                            ? vector.at - (from.at - old->index.at)
                            : span_end(vector) + (old->index.at - span_end(from));
    return part;
}

/* What |list| has in an answer that is like |model| up to |*left|. */
static bool take_part(const struct model *model, const struct hole *list,
                      struct span *left, struct part *out)
{
    struct span now = take_value(left);
    bool echo = list->kind == HOLE_ECHO;
    if (now.size == 0 || (echo && now.at[0] != '"'))
        return false;
    *out = with_vector(&model->parts[list->number], now);
    out->shape = echo ? 0 : answer_shape(now);
    return echo || out->shape != 0;
}

/* Answers of one upstream mostly differ in what stands in their holes alone; these need no parsing,
 * which would take longer than all the rest. |body| is valid JSON. False: it has other bytes than
 * |model| there. */
static bool read_alike(const struct model *model, struct span body, struct part *parts,
                       uint64_t *costs)
{
    const struct answer *answer = &model->answer;
    const uint8_t *at = answer->body.at;
    struct span left = body;
    for (size_t i = 0; i < answer->hole_count; i++) {
        const struct hole *hole = &answer->holes[i];
        bool cost = hole->kind == HOLE_COST;
        struct span old = cost ? hole->text : model->parts[hole->number].vector;
        if (!take_same(&left, at, old.at) ||
            !(cost ? take_number(&left, &costs[hole->number])
                   : take_part(model, hole, &left, &parts[hole->number])))
            return false;
        at = span_end(old);
    }
    return take_same(&left, at, span_end(answer->body)) && left.size == 0;
}

/* -- all parts --------------------------------------------------------------------------- */

/* What |model| says, in |costs|, under the name that the frame's |cost| has. */
static uint64_t cost_in(const struct answer *model, const uint64_t *costs,
                        const struct hole *cost)
{
    for (size_t i = 0; i < model->hole_count; i++) {
        const struct hole *hole = &model->holes[i];
        if (hole->kind == HOLE_COST && hole->group == cost->group &&
            span_equal(hole->name, cost->name))
            return costs[hole->number];
    }
    return 0;
}

/* The vectors of one list are of one shape. */
static bool fit(const struct joining *joining, const struct part *parts)
{
    for (unsigned i = 0; i < joining->frame.list_count; i++)
        if (parts[i].shape != joining->parts[i].shape)
            return false;
    return true;
}

static bool read_part(struct joining *joining, const struct call *call, struct span body,
                      size_t number)
{
    const struct answer *frame = &joining->frame;
    struct model *model = &joining->model;
    struct part *parts = joining->parts + number * frame->list_count;
    uint64_t costs[ANSWER_COSTS] = {0};
    if (number == 0 || !read_alike(model, body, parts, costs)) {
        if (!read_model(call, body, frame, model))
            return false;
        memcpy(parts, model->parts, frame->list_count * sizeof *parts);
        memcpy(costs, model->costs, sizeof costs);
    }
    for (size_t i = 0; i < frame->hole_count; i++)
        if (frame->holes[i].kind == HOLE_COST)
            joining->costs[number * frame->cost_count + frame->holes[i].number] =
                cost_in(&model->answer, costs, &frame->holes[i]);
    return fit(joining, parts);
}

/* -- writing ----------------------------------------------------------------------------- */

static uint64_t sum_of(const struct joining *joining, unsigned cost)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < joining->count; i++)
        sum += joining->costs[joining->which[i] * joining->frame.cost_count + cost];
    return sum;
}

/* An answer_fill. */
static void fill_joined(struct buffer *out, const struct answer *answer,
                        const struct hole *hole, void *context)
{
    const struct joining *joining = context;
    if (hole->kind == HOLE_COST) {
        buffer_append_decimal(out, sum_of(joining, hole->number));
        return;
    }
    struct span lead = answer_lead(hole->text), gap = answer_gap(answer, hole->text);
    buffer_append_byte(out, '[');
    for (size_t i = 0; i < joining->count; i++) {
        size_t part = joining->which[i] * answer->list_count + hole->number;
        if (i)
            buffer_append_byte(out, ',');
        buffer_append_span(out, i ? gap : lead);
        (void)answer_append_part(out, &joining->parts[part], i);
    }
    buffer_append_span(out, answer_trail(hole->text));
    buffer_append_byte(out, ']');
}

static enum embedding_result join(struct joining *joining, const struct call *call,
                                  const struct span *parts, size_t part_count,
                                  struct buffer *out)
{
    const struct answer *frame = &joining->frame;
    joining->parts = memory_new(part_count * frame->list_count * sizeof *joining->parts);
    joining->costs = memory_new(part_count * (frame->cost_count + 1) *
                                sizeof *joining->costs); /* never of no size */
    if (!joining->parts || !joining->costs)
        return EMBEDDING_NO_MEMORY;
    for (size_t i = 0; i < part_count; i++)
        if (!read_part(joining, call, parts[i], i))
            return EMBEDDING_WHOLE;
    answer_write(out, frame, fill_joined, joining);
    return buffer_ok(out) ? EMBEDDING_OK : EMBEDDING_NO_MEMORY;
}

enum embedding_result embedding_join(const struct call *call, struct span frame,
                                     const struct span *parts, size_t part_count,
                                     const uint32_t *which, size_t count,
                                     struct buffer *out)
{
    struct joining *joining = memory_new(sizeof *joining);
    if (!joining)
        return EMBEDDING_NO_MEMORY;
    joining->which = which;
    joining->count = count;
    enum embedding_result result = EMBEDDING_WHOLE;
    if (answer_read(call, frame, &joining->frame))
        result = join(joining, call, parts, part_count, out);
    memory_free(joining->parts);
    memory_free(joining->costs);
    memory_free(joining);
    return result;
}
