/* SPDX-License-Identifier: MIT */
/* Where two prompts part, see prefix_cause.h. */
#include "prefix_cause.h"

#include "json_place.h"
#include "shim/core/api/api.h"
#include "store/memory.h"

#define EXCERPT 72 /* bytes that are shown of each text */
#define CONTEXT 24 /* of them before the place */

/* A segment whose texts stand in the list's memory. */
struct kept {
    enum segment_part part;
    bool json;
    size_t pointer, name, text; /* where each begins; it ends where the next one does */
    size_t end;
};

struct list {
    struct buffer bytes, kept;
};

static bool keep(const struct segment *segment, void *context)
{
    struct list *list = context;
    struct kept kept = {.part = segment->part, .json = segment->json};
    kept.pointer = list->bytes.size;
    buffer_append_span(&list->bytes, segment->pointer);
    kept.name = list->bytes.size;
    buffer_append_span(&list->bytes, segment->name);
    kept.text = list->bytes.size;
    buffer_append_span(&list->bytes, segment->text);
    kept.end = list->bytes.size;
    buffer_append(&list->kept, &kept, sizeof(kept));
    return buffer_ok(&list->bytes) && buffer_ok(&list->kept);
}

static void list_free(struct list *list)
{
    buffer_free(&list->bytes);
    buffer_free(&list->kept);
}

static size_t list_count(const struct list *list)
{
    return list->kept.size / sizeof(struct kept);
}

static const struct kept *list_at(const struct list *list, size_t index)
{
    return (const struct kept *)(const void *)list->kept.at + index;
}

static struct span text_of(const struct list *list, size_t index)
{
    const struct kept *kept = list_at(list, index);
    return span_of(list->bytes.at + kept->text, kept->end - kept->text);
}

static struct span name_of(const struct list *list, size_t index)
{
    const struct kept *kept = list_at(list, index);
    return span_of(list->bytes.at + kept->name, kept->text - kept->name);
}

static struct span pointer_of(const struct list *list, size_t index)
{
    const struct kept *kept = list_at(list, index);
    return span_of(list->bytes.at + kept->pointer, kept->name - kept->pointer);
}

static bool same(const struct list *a, size_t i, const struct list *b, size_t j)
{
    return list_at(a, i)->part == list_at(b, j)->part &&
           span_equal(name_of(a, i), name_of(b, j)) &&
           span_equal(text_of(a, i), text_of(b, j));
}

/* -- causes of whole segments ---------------------------------------------------------------- */

static bool canonically_equal(struct span a, struct span b)
{
    struct buffer left = {0}, right = {0};
    bool equal = json_canonical(a, NULL, &left) == JSON_OK &&
                 json_canonical(b, NULL, &right) == JSON_OK &&
                 span_equal(buffer_span(&left), buffer_span(&right));
    buffer_free(&left);
    buffer_free(&right);
    return equal;
}

/* True when |b| has item |i| of |a|, from |from| on. |loosely|: whatever its members' order. */
static bool has(const struct list *b, size_t from, const struct list *a, size_t i,
                bool loosely)
{
    for (size_t j = from; j < list_count(b); j++) {
        if (same(a, i, b, j))
            return true;
        if (loosely && list_at(b, j)->json && list_at(b, j)->part == SEGMENT_TOOLS &&
            canonically_equal(text_of(a, i), text_of(b, j)))
            return true;
    }
    return false;
}

static size_t tools_in(const struct list *list)
{
    size_t count = 0;
    while (count < list_count(list) && list_at(list, count)->part == SEGMENT_TOOLS)
        count++;
    return count;
}

static enum prefix_cause tools_cause(const struct list *before, const struct list *now)
{
    size_t count = tools_in(now);
    if (count != tools_in(before))
        return CAUSE_TOOLS;
    for (size_t i = 0; i < count; i++)
        if (!has(before, 0, now, i, true))
            return CAUSE_TOOLS;
    return CAUSE_TOOL_ORDER;
}

static size_t first_difference(struct span a, struct span b)
{
    size_t at = 0;
    while (at < a.size && at < b.size && a.at[at] == b.at[at])
        at++;
    return at;
}

/* Whether the text of a segment is what a cause may be read from. */
static bool is_telling(enum prefix_cause cause)
{
    return cause != CAUSE_TEXT && cause != CAUSE_VOLATILE && cause != CAUSE_NONCE;
}

static enum prefix_cause cause_at(const struct list *before, const struct list *now,
                                  size_t i, size_t offset)
{
    struct span a = text_of(before, i), b = text_of(now, i);
    const struct kept *kept = list_at(now, i);
    if (kept->part != list_at(before, i)->part ||
        !span_equal(name_of(before, i), name_of(now, i)))
        return kept->part == SEGMENT_TOOLS || list_at(before, i)->part == SEGMENT_TOOLS
                   ? CAUSE_TOOLS
                   : CAUSE_TEXT;
    if (kept->json && canonically_equal(a, b))
        return CAUSE_MEMBER_ORDER;
    if (kept->part == SEGMENT_TOOLS && tools_cause(before, now) == CAUSE_TOOL_ORDER)
        return CAUSE_TOOL_ORDER;
    enum prefix_cause cause = prefix_cause_of_texts(a, b, offset);
    if (kept->part == SEGMENT_SETTINGS)
        return is_telling(cause) ? cause : CAUSE_SETTING;
    return kept->part == SEGMENT_TOOLS && !is_telling(cause) ? CAUSE_TOOLS : cause;
}

/* Turns that moved are told from texts that changed. */
static enum prefix_cause moved(const struct list *before, const struct list *now,
                               size_t i, enum prefix_cause cause)
{
    if (list_at(now, i)->part != SEGMENT_TURNS || cause != CAUSE_TEXT)
        return cause;
    bool came_before = has(before, i + 1, now, i, false);
    bool comes_later = has(now, i + 1, before, i, false);
    if (came_before == comes_later)
        return cause;
    return came_before ? CAUSE_REMOVED : CAUSE_INSERTED;
}

/* -- what is shown --------------------------------------------------------------------------- */

static size_t at_character(struct span text, size_t at)
{
    while (at > 0 && at < text.size && (text.at[at] & 0xc0) == 0x80)
        at--;
    return at;
}

static void append_excerpt(struct span text, size_t place, struct buffer *out)
{
    size_t from = at_character(text, place > CONTEXT ? place - CONTEXT : 0);
    size_t end =
        text.size - from > EXCERPT ? at_character(text, from + EXCERPT) : text.size;
    if (from > 0)
        buffer_append_text(out, "...");
    buffer_append(out, text.at + from, end - from);
    if (end < text.size)
        buffer_append_text(out, "...");
}

static void fill(struct prefix_place *out, const struct list *before,
                 const struct list *now, size_t i)
{
    struct span a = text_of(before, i), b = text_of(now, i);
    size_t at = first_difference(a, b);
    if (!span_equal(name_of(before, i), name_of(now, i)))
        at = 0;
    out->any = true;
    out->part = list_at(now, i)->part;
    out->cause = moved(before, now, i, cause_at(before, now, i, at));
    out->offset = at_character(b, at);
    out->before_bytes += out->offset;
    buffer_append_span(&out->pointer, pointer_of(now, i));
    append_excerpt(a, out->offset, &out->then);
    append_excerpt(b, out->offset, &out->now);
    if (list_at(now, i)->json)
        json_place(b, out->offset, &out->pointer, &out->offset);
}

static void compare(const struct list *before, const struct list *now,
                    struct prefix_place *out)
{
    size_t count =
        list_count(before) < list_count(now) ? list_count(before) : list_count(now);
    for (size_t i = 0; i < count; i++) {
        if (!same(before, i, now, i)) {
            fill(out, before, now, i);
            return;
        }
        out->before_bytes += text_of(now, i).size;
    }
}

static bool read(const struct call *call, struct span body, struct list *out)
{
    return prompt_segments_each(call, body, keep, out) != SEGMENTS_NO_MEMORY &&
           buffer_ok(&out->bytes) && buffer_ok(&out->kept);
}

int prefix_place_find(const struct call *before_call, struct span before,
                      const struct call *call, struct span now, struct prefix_place *out)
{
    struct list a = {0}, b = {0};
    *out = (struct prefix_place){0};
    bool good = read(before_call, before, &a) && read(call, now, &b);
    if (good)
        compare(&a, &b, out);
    list_free(&a);
    list_free(&b);
    if (good && buffer_ok(&out->pointer) && buffer_ok(&out->then) && buffer_ok(&out->now))
        return 0;
    prefix_place_free(out);
    return -1;
}

void prefix_place_free(struct prefix_place *place)
{
    buffer_free(&place->pointer);
    buffer_free(&place->then);
    buffer_free(&place->now);
}
