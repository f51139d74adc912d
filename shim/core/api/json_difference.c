/* SPDX-License-Identifier: MIT */
/* Comparing two canonical JSON texts: both are walked in step, objects by their sorted
 * names, arrays by position. */
#include "json_difference.h"

#include "store/memory.h"

#define CONTEXT 16 /* bytes that an excerpt shows before the first difference */

/* Two containers of a kind, compared member by member. */
struct level {
    struct json_iterator left, right;
    bool has_left,
        has_right;  /* the iterators stand on a member that is not compared yet */
    size_t pointer; /* of the container: how long it is */
    size_t index;
};

struct difference {
    struct buffer pointer;
    struct buffer name; /* scratch: a name without its escapes */
    json_difference_visit *visit;
    void *context;
    struct json_likeness *likeness;
    unsigned depth;
    struct level levels[JSON_DEPTH];
};

static bool is_leaf(enum json_token token, enum json_token before)
{
    return token == JSON_T_STRING || token == JSON_T_NUMBER || token == JSON_T_WORD ||
           (token == JSON_T_CLOSE_OBJECT && before == JSON_T_OPEN_OBJECT) ||
           (token == JSON_T_CLOSE_ARRAY && before == JSON_T_OPEN_ARRAY);
}

static size_t leaves(struct json value)
{
    struct json_scanner scanner = json_scanner_of(value.text);
    size_t count = 0;
    enum json_token before = JSON_T_END, token;
    while ((token = json_scan(&scanner)) != JSON_T_END && token != JSON_T_ERROR) {
        count += is_leaf(token, before);
        before = token;
    }
    return count;
}

static bool is_container(struct json value)
{
    return json_kind(value) == JSON_KIND_OBJECT || json_kind(value) == JSON_KIND_ARRAY;
}

/* Appends "/name", with the two characters escaped that RFC 6901, 3, reserves. */
static void append_name(struct difference *state, struct json name)
{
    buffer_clear(&state->name);
    json_append_text(name, &state->name);
    buffer_append_byte(&state->pointer, '/');
    for (size_t i = 0; i < state->name.size; i++) {
        uint8_t byte = state->name.at[i];
        if (byte == '~' || byte == '/')
            buffer_append_text(&state->pointer, byte == '~' ? "~0" : "~1");
        else
            buffer_append_byte(&state->pointer, byte);
    }
}

static void differ(struct difference *state, struct json left, struct json right)
{
    state->likeness->different++;
    if (state->visit && buffer_ok(&state->pointer) &&
        !state->visit(state->context, buffer_span(&state->pointer), left, right))
        state->visit = NULL;
}

static void enter(struct difference *state, struct json left, struct json right)
{
    struct level *level = &state->levels[state->depth++];
    *level = (struct level){.left = json_begin(left), .right = json_begin(right)};
    level->has_left = json_next(&level->left);
    level->has_right = json_next(&level->right);
    level->pointer = state->pointer.size;
}

/* Compares two values at the current pointer; containers of a kind are entered. */
static void compare(struct difference *state, struct json left, struct json right)
{
    if (span_equal(left.text, right.text))
        state->likeness->equal += leaves(left);
    else if (is_container(left) && json_kind(left) == json_kind(right) &&
             state->depth < JSON_DEPTH)
        enter(state, left, right);
    else
        differ(state, left, right);
}

/* The next member of the innermost containers. */
static void step(struct difference *state)
{
    struct level *level = &state->levels[state->depth - 1];
    struct json none = {{NULL, 0}}, left = level->left.value, right = level->right.value;
    int order = 0;
    if (!level->has_left || !level->has_right)
        order = level->has_left ? -1 : 1;
    else if (level->left.object)
        order = span_order(level->left.name.text, level->right.name.text);
    if (level->left.object) {
        append_name(state, order <= 0 ? level->left.name : level->right.name);
    } else {
        buffer_append_byte(&state->pointer, '/');
        buffer_append_decimal(&state->pointer, level->index++);
    }
    if (order <= 0)
        level->has_left = json_next(&level->left);
    if (order >= 0)
        level->has_right = json_next(&level->right);
    compare(state, order <= 0 ? left : none, order >= 0 ? right : none);
}

static void run(struct difference *state)
{
    while (state->depth && buffer_ok(&state->pointer) && buffer_ok(&state->name)) {
        const struct level *level = &state->levels[state->depth - 1];
        state->pointer.size = level->pointer;
        if (level->has_left || level->has_right)
            step(state);
        else
            state->depth--;
    }
}

int json_difference(struct span left, struct span right, json_difference_visit *visit,
                    void *context, struct json_likeness *likeness)
{
    *likeness = (struct json_likeness){0};
    struct difference *state = memory_new(sizeof(*state));
    if (!state)
        return -1;
    state->visit = visit;
    state->context = context;
    state->likeness = likeness;
    compare(state, json_of(left), json_of(right));
    run(state);
    bool good = buffer_ok(&state->pointer) && buffer_ok(&state->name);
    buffer_free(&state->pointer);
    buffer_free(&state->name);
    memory_free(state);
    return good ? 0 : -1;
}

/* -- excerpts ------------------------------------------------------------------------ */

static bool within_character(struct span text, size_t at)
{
    return at < text.size && (text.at[at] & 0xc0) == 0x80;
}

static void append_excerpt(struct span text, size_t start, size_t most,
                           struct buffer *out)
{
    size_t end = text.size - start > most ? start + most : text.size;
    while (start > 0 && within_character(text, start))
        start--;
    while (end > start && within_character(text, end))
        end--;
    if (start > 0)
        buffer_append_text(out, "...");
    buffer_append(out, text.at + start, end - start);
    if (end < text.size)
        buffer_append_text(out, "...");
}

void json_excerpt(struct json left, struct json right, size_t most,
                  struct buffer *left_out, struct buffer *right_out)
{
    size_t same = 0;
    while (same < left.text.size && same < right.text.size &&
           left.text.at[same] == right.text.at[same])
        same++;
    size_t start = same > most / 2 && same > CONTEXT ? same - CONTEXT : 0;
    if (left.text.size)
        append_excerpt(left.text, start, most, left_out);
    if (right.text.size)
        append_excerpt(right.text, start, most, right_out);
}
