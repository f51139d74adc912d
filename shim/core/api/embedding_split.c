/* SPDX-License-Identifier: MIT */
/* Answers with vectors, taken apart. */
#include "embedding_answer.h"
#include "store/memory.h"

/* Sizes of items: of all, and of those that have come. */
struct share {
    uint64_t all, before, after;
};

struct splitting {
    const struct embedding *embedding;
    const uint32_t *places; /* NULL: all */
    size_t count;
    struct answer answer;
    struct part *parts; /* what an item has in all lists, beside each other */
};

/* One of them on its way out. */
struct lone {
    const struct part *parts;
    struct share share;
    struct embedding_vector vectors[ANSWER_LISTS];
    size_t vector_count;
};

static uint32_t place_of(const struct splitting *splitting, size_t i)
{
    return splitting->places ? splitting->places[i] : (uint32_t)i;
}

static struct span item_of(const struct splitting *splitting, size_t i)
{
    return splitting->embedding->items[place_of(splitting, i)];
}

/* -- reading --------------------------------------------------------------------------- */

/* |unsure|: what is to be said when memory is short. */
static bool spells(struct span item, struct span echo, bool unsure)
{
    struct buffer a = {0}, b = {0};
    if (span_equal(item, echo))
        return true;
    json_append_text((struct json){item}, &a);
    json_append_text((struct json){echo}, &b);
    bool same = buffer_ok(&a) && buffer_ok(&b)
                    ? span_equal(buffer_span(&a), buffer_span(&b))
                    : unsure;
    buffer_free(&a);
    buffer_free(&b);
    return same;
}

/* What stands at the |i|-th place is another item's. A text that is none of them was changed on its
 * way, and tells nothing. */
static bool is_misplaced(const struct splitting *splitting, size_t i, struct span echo)
{
    for (size_t other = 0; other < splitting->count; other++)
        if (other != i && spells(item_of(splitting, other), echo, true))
            return true;
    return false;
}

/* The first text that is not the one that was asked for decides. */
static bool is_disordered(const struct splitting *splitting, const struct hole *list)
{
    for (size_t i = 0; list->kind == HOLE_ECHO && i < splitting->count; i++) {
        struct span item = item_of(splitting, i);
        struct span echo =
            splitting->parts[i * splitting->answer.list_count + list->number].item;
        if (json_kind((struct json){item}) != JSON_KIND_STRING ||
            json_kind((struct json){echo}) != JSON_KIND_STRING)
            return false;
        if (!spells(item, echo, false))
            return is_misplaced(splitting, i, echo);
    }
    return false;
}

static enum embedding_result read_list(const struct splitting *splitting,
                                       const struct hole *list)
{
    const struct answer *answer = &splitting->answer;
    struct json_iterator items = json_begin((struct json){list->text});
    uint64_t shape = 0;
    size_t found = 0;
    for (; json_next(&items); found++) {
        if (found == splitting->count)
            return EMBEDDING_ODD;
        struct part *part = &splitting->parts[found * answer->list_count + list->number];
        enum embedding_result result =
            answer_read_part(answer, list, items.value, found, part);
        if (result != EMBEDDING_OK)
            return result;
        if (found && part->shape != shape)
            return EMBEDDING_ODD;
        shape = part->shape;
    }
    return found == splitting->count && !is_disordered(splitting, list) ? EMBEDDING_OK
                                                                        : EMBEDDING_ODD;
}

/* Every vector is looked at before the first one is handed out. */
static enum embedding_result read_lists(const struct splitting *splitting)
{
    const struct answer *answer = &splitting->answer;
    enum embedding_result result = EMBEDDING_OK;
    for (size_t i = 0; i < answer->hole_count && result == EMBEDDING_OK; i++) {
        const struct hole *hole = &answer->holes[i];
        if (hole->kind == HOLE_ECHO &&
            !span_equal(hole->name, splitting->embedding->name))
            return EMBEDDING_WHOLE;
        if (hole->kind != HOLE_COST)
            result = read_list(splitting, hole);
    }
    return result;
}

/* -- writing --------------------------------------------------------------------------- */

/* An answer_fill. */
static void fill_lone(struct buffer *out, const struct answer *answer,
                      const struct hole *hole, void *context)
{
    struct lone *lone = context;
    const struct share *share = &lone->share;
    (void)answer;
    if (hole->kind == HOLE_COST) {
        buffer_append_decimal(out, hole->value * share->after / share->all -
                                       hole->value * share->before / share->all);
        return;
    }
    const struct part *part = &lone->parts[hole->number];
    buffer_append_byte(out, '[');
    buffer_append_span(out, answer_lead(hole->text));
    size_t vector = answer_append_part(out, part, 0);
    if (hole->kind == HOLE_VECTORS)
        lone->vectors[lone->vector_count++] =
            (struct embedding_vector){part->vector, vector};
    buffer_append_span(out, answer_trail(hole->text));
    buffer_append_byte(out, ']');
}

static bool visit_all(const struct splitting *splitting, embedding_visit *visit,
                      void *context)
{
    const struct answer *answer = &splitting->answer;
    struct lone lone = {.parts = splitting->parts};
    struct buffer body = {0};
    bool good = true;
    for (size_t i = 0; i < splitting->count; i++)
        lone.share.all += item_of(splitting, i).size;
    for (size_t i = 0; good && i < splitting->count; i++) {
        lone.share.before = lone.share.after;
        lone.share.after += item_of(splitting, i).size;
        lone.parts = splitting->parts + i * answer->list_count;
        lone.vector_count = 0;
        buffer_clear(&body);
        answer_write(&body, answer, fill_lone, &lone);
        good =
            buffer_ok(&body) && visit(context, place_of(splitting, i), buffer_span(&body),
                                      lone.vectors, lone.vector_count);
    }
    buffer_free(&body);
    return good;
}

enum embedding_result embedding_split(const struct call *call,
                                      const struct embedding *embedding,
                                      const uint32_t *places, size_t count,
                                      struct span body, embedding_visit *visit,
                                      void *context)
{
    struct splitting splitting = {embedding, places, count, {0}, NULL};
    if (!answer_read(call, body, &splitting.answer))
        return EMBEDDING_WHOLE;
    splitting.parts =
        memory_new(count * splitting.answer.list_count * sizeof *splitting.parts);
    if (!splitting.parts)
        return EMBEDDING_NO_MEMORY;
    enum embedding_result result = read_lists(&splitting);
    if (result == EMBEDDING_OK && visit && !visit_all(&splitting, visit, context))
        result = EMBEDDING_WHOLE;
    memory_free(splitting.parts);
    return result;
}
