/* SPDX-License-Identifier: MIT */
/* See prompt_segments.h. */
#include "prompt_segments.h"

#include "dialect.h"
#include "json_compact.h"

#define LEVELS 8 /* of a turn; what lies deeper is one segment */
#define MEMBERS_MOST                                                                     \
    64 /* of an object whose members are sorted; a larger one is one segment */

/* A container on the way to a segment. Members come by name: their order says nothing. */
struct level {
    struct json container;
    struct json_iterator items; /* of an array */
    struct json name;           /* of the member that came last */
    size_t index, pointer, path;
};

struct walk {
    segment_visit *visit;
    void *context;
    enum segment_part part;
    struct buffer pointer, path, text;
    struct level levels[LEVELS];
    unsigned depth;
};

const char *segment_part_name(enum segment_part part)
{
    static const char *const names[] = {"tools", "settings", "system", "turns"};
    return names[part];
}

/* -- names ----------------------------------------------------------------------------------- */

static bool is_one_of(struct json name, const char *const *names)
{
    while (*names && !json_text_is(name, *names))
        names++;
    return *names;
}

/* What a model or a tool has written as JSON is quoted as it is. */
static bool is_quoted(struct json name)
{
    static const char *const names[] = {"input",    "arguments", "args", "parameters",
                                        "response", "json",      NULL};
    return is_one_of(name, names);
}

static bool is_media(struct json name, struct json value)
{
    static const char *const names[] = {"data", "bytes", "images", "file_data", NULL};
    return json_text_starts(value, "data:") || is_one_of(name, names);
}

/* {"type":"text","text":"x"} is read like "x". */
static bool says_text(struct json name, struct json value)
{
    static const char *const texts[] = {"text", "input_text", "output_text", NULL};
    return json_text_is(name, "type") && is_one_of(value, texts);
}

static void append_step(struct walk *walk, struct json name)
{
    buffer_append_byte(&walk->pointer, '/');
    buffer_clear(&walk->text);
    json_append_text(name, &walk->text);
    for (size_t i = 0; i < walk->text.size; i++) {
        uint8_t byte = walk->text.at[i];
        if (byte == '~' || byte == '/')
            buffer_append_text(&walk->pointer, byte == '~' ? "~0" : "~1");
        else
            buffer_append_byte(&walk->pointer, byte);
    }
    if (walk->path.size)
        buffer_append_byte(&walk->path, '/');
    buffer_append_span(&walk->path, buffer_span(&walk->text));
}

static void append_index(struct walk *walk, size_t index)
{
    buffer_append_byte(&walk->pointer, '/');
    buffer_append_decimal(&walk->pointer, index);
}

/* -- segments -------------------------------------------------------------------------------- */

static bool emit(struct walk *walk, bool json, bool media)
{
    struct span name = buffer_span(&walk->path);
    if (span_is(name, "text"))
        name.size = 0;
    else if (span_ends(name, "/text"))
        name.size -= strlen("/text");
    struct segment segment = {walk->part, buffer_span(&walk->pointer),
                              name,       buffer_span(&walk->text),
                              json,       media};
    if (!buffer_ok(&walk->pointer) || !buffer_ok(&walk->path) || !buffer_ok(&walk->text))
        return false;
    return walk->visit(&segment, walk->context);
}

static bool emit_value(struct walk *walk, struct json value)
{
    buffer_clear(&walk->text);
    json_compact(value.text, &walk->text);
    return emit(walk, true, false);
}

static bool emit_leaf(struct walk *walk, struct json name, struct json value)
{
    buffer_clear(&walk->text);
    if (json_kind(value) == JSON_KIND_STRING)
        json_append_text(value, &walk->text);
    else
        buffer_append_span(&walk->text, value.text);
    return emit(walk, false, is_media(name, value));
}

/* -- walking down ---------------------------------------------------------------------------- */

static void enter(struct walk *walk, struct json value)
{
    walk->levels[walk->depth++] = (struct level){.container = value,
                                                 .items = json_begin(value),
                                                 .pointer = walk->pointer.size,
                                                 .path = walk->path.size};
}

/* By their names, but who speaks comes before what is said. */
static int name_order(struct json a, struct json b)
{
    bool left = json_text_is(a, "role"), right = json_text_is(b, "role");
    return left == right ? span_order(a.text, b.text) : left ? -1 : 1;
}

/* The member that comes next by its name. */
static bool next_member(struct level *level, struct json *value)
{
    struct json_iterator members = json_begin(level->container);
    struct json name = {{NULL, 0}}, last = level->name;
    while (json_next(&members)) {
        if ((last.text.size && name_order(members.name, last) <= 0) ||
            (name.text.size && name_order(members.name, name) >= 0))
            continue;
        name = members.name;
        *value = members.value;
    }
    level->name = name;
    return name.text.size;
}

static bool is_wide(struct json object)
{
    size_t count = 0;
    for (struct json_iterator members = json_begin(object); json_next(&members);)
        count++;
    return count > MEMBERS_MOST;
}

/* One value within a turn. */
static bool visit_value(struct walk *walk, struct json name, struct json value)
{
    enum json_kind kind = json_kind(value);
    bool object = kind == JSON_KIND_OBJECT, container = object || kind == JSON_KIND_ARRAY;
    if (kind == JSON_KIND_NULL || json_compact_leaves_out(name) ||
        says_text(name, value) ||
        ((container || kind == JSON_KIND_STRING) && !json_is_set(value)))
        return true;
    if (!container)
        return emit_leaf(walk, name, value);
    if (walk->depth == LEVELS || is_quoted(name) || (object && is_wide(value)))
        return emit_value(walk, value);
    enter(walk, value);
    return true;
}

/* The next value of the innermost container. False: there is none. */
static bool next_value(struct walk *walk, struct json *value)
{
    struct level *level = &walk->levels[walk->depth - 1];
    walk->pointer.size = level->pointer;
    walk->path.size = level->path;
    if (json_kind(level->container) == JSON_KIND_OBJECT) {
        if (!next_member(level, value))
            return false;
        append_step(walk, level->name);
        return true;
    }
    if (!json_next(&level->items))
        return false;
    *value = level->items.value;
    append_index(walk, level->index++);
    return true;
}

static bool visit_turn(struct walk *walk, struct json value)
{
    struct json none = {{NULL, 0}};
    bool whole = visit_value(walk, none, value);
    while (whole && walk->depth) {
        struct json next;
        if (!next_value(walk, &next))
            walk->depth--;
        else
            whole = visit_value(walk, walk->levels[walk->depth - 1].name, next);
    }
    walk->depth = 0;
    return whole;
}

/* -- rows ------------------------------------------------------------------------------------ */

static enum segment_part part_of(enum segment_part part, struct json item)
{
    struct json role = json_member(item, "role");
    bool system = json_text_is(role, "system") || json_text_is(role, "developer");
    return part == SEGMENT_TURNS && system ? SEGMENT_SYSTEM : part;
}

static bool visit_item(struct walk *walk, enum segment_part part, struct json item)
{
    buffer_clear(&walk->path);
    walk->part = part_of(part, item);
    if (!json_is_set(item))
        return true;
    return part == SEGMENT_TOOLS || part == SEGMENT_SETTINGS ? emit_value(walk, item)
                                                             : visit_turn(walk, item);
}

static bool visit_items(struct walk *walk, enum segment_part part, struct json list)
{
    size_t pointer = walk->pointer.size, index = 0;
    bool whole = true;
    for (struct json_iterator items = json_begin(list); whole && json_next(&items);) {
        walk->pointer.size = pointer;
        append_index(walk, index++);
        whole = visit_item(walk, part, items.value);
    }
    return whole;
}

/* |row->at|: names with '/' between them; a list is taken item by item. */
static bool visit_row(struct walk *walk, struct json body, const struct layout *row)
{
    struct json value = json_at(body, row->at);
    buffer_clear(&walk->pointer);
    buffer_append_byte(&walk->pointer, '/');
    buffer_append_text(&walk->pointer, row->at);
    return json_kind(value) == JSON_KIND_ARRAY ? visit_items(walk, row->part, value)
                                               : visit_item(walk, row->part, value);
}

/* Texts and lists, as they come. */
static bool visit_members(struct walk *walk, struct json body)
{
    bool whole = true;
    for (struct json_iterator members = json_begin(body); whole && json_next(&members);) {
        enum json_kind kind = json_kind(members.value);
        if (json_text_is(members.name, "model") || kind == JSON_KIND_NUMBER ||
            kind == JSON_KIND_TRUE || kind == JSON_KIND_FALSE)
            continue;
        buffer_clear(&walk->pointer);
        append_step(walk, members.name);
        whole = kind == JSON_KIND_ARRAY ? visit_items(walk, SEGMENT_TURNS, members.value)
                                        : visit_item(walk, SEGMENT_TURNS, members.value);
    }
    return whole;
}

static bool writes(const struct form *form)
{
    const struct usage_field *field;
    if (!form || !form->texts || form->inputs || form->bytes)
        return false;
    for (unsigned i = 0; (field = form_usage(form, i)); i++)
        if (field->role == USAGE_OUT)
            return true;
    return form->layout;
}

enum segments_result prompt_segments_each(const struct call *call, struct span body,
                                          segment_visit *visit, void *context)
{
    const struct form *form = call->operation ? call->operation->form : NULL;
    struct walk walk = {.visit = visit, .context = context};
    bool whole = true;
    if (!writes(form))
        return SEGMENTS_NONE;
    for (const struct layout *row = form->layout; whole && row && row->at; row++)
        whole = visit_row(&walk, json_of(body), row);
    if (!form->layout)
        visit_members(&walk, json_of(body));
    bool good =
        buffer_ok(&walk.pointer) && buffer_ok(&walk.path) && buffer_ok(&walk.text);
    buffer_free(&walk.pointer);
    buffer_free(&walk.path);
    buffer_free(&walk.text);
    return !good ? SEGMENTS_NO_MEMORY : form->layout ? SEGMENTS_KNOWN : SEGMENTS_GUESSED;
}
