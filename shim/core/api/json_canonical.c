/* SPDX-License-Identifier: MIT */
/* The canonical form of a JSON text. It is written while reading; at the end of each
 * object its members, by then complete, are put in order. */
#include "json.h"

#include <stdlib.h>

#include "store/memory.h"

/* A member that has been written, as offsets in the output. */
struct member {
    size_t start;
    size_t name_size;
    size_t end;
    const uint8_t *at; /* for sorting */
    bool ignored;
};

struct frame {
    size_t start;        /* of the container in the output */
    size_t first_member; /* in |members| */
    uint32_t paths;      /* ignored paths that led here */
    uint32_t items;      /* of an array: how many have ended */
    bool object;
    bool ignored; /* an item that is to be left out */
};

struct canonical {
    struct buffer *out;
    struct buffer members; /* of all open objects */
    struct buffer scratch;
    const char *const *ignored;
    unsigned ignored_count;
    struct json_ignoring *more; /* or NULL */
    unsigned depth;
    uint32_t next_paths; /* ignored paths that lead to the value to come */
    struct frame frames[JSON_DEPTH];
};

/* Step number |depth| of |path|; |*last| tells whether it is the last one. */
static struct span path_step(const char *path, unsigned depth, bool *last)
{
    for (; depth && *path; path++)
        depth -= *path == '/';
    size_t size = strcspn(path, "/");
    *last = path[size] == 0;
    return span_of(path, size);
}

static const char *path_at(const struct canonical *state, unsigned i)
{
    return i < state->ignored_count ? state->ignored[i]
                                    : state->more->paths[i - state->ignored_count];
}

static void note_use(const struct canonical *state, unsigned i)
{
    if (i >= state->ignored_count)
        state->more->used_paths |= 1u << (i - state->ignored_count);
}

/* True when |step| of path number |i| means |name|, or the item of that number. */
static bool step_fits(const struct canonical *state, unsigned i, struct span step,
                      struct span name)
{
    char digits[12];
    if (span_equal(step, name))
        return true;
    if (i < state->ignored_count || state->frames[state->depth - 1].object)
        return false;
    span_copy_text(step, digits, sizeof(digits));
    uint32_t number = 0;
    for (const char *at = digits; *at; at++) {
        if (*at < '0' || *at > '9')
            return false;
        number = number * 10 + (uint32_t)(*at - '0');
    }
    return step.size > 0 && step.size < 10 &&
           number == state->frames[state->depth - 1].items;
}

/* Of the ignored paths in |paths| those that go on with |name| ("*": an array's item);
 * |*ignored| when one ends there. */
static uint32_t narrow_paths(const struct canonical *state, uint32_t paths,
                             struct span name, bool *ignored)
{
    uint32_t narrowed = 0;
    for (unsigned i = 0; i < 32 && paths >> i; i++) {
        bool last;
        if (!(paths >> i & 1) ||
            !step_fits(state, i, path_step(path_at(state, i), state->depth - 1, &last),
                       name))
            continue;
        if (!last) {
            narrowed |= 1u << i;
            continue;
        }
        *ignored |= state->frames[state->depth - 1].object || i >= state->ignored_count;
        note_use(state, i);
    }
    return narrowed;
}

static struct member *members_of(struct canonical *state)
{
    return (struct member *)(void *)state->members.at;
}

static size_t member_count(const struct canonical *state)
{
    return state->members.size / sizeof(struct member);
}

static struct frame *top_frame(struct canonical *state)
{
    return &state->frames[state->depth - 1];
}

static void write_name(struct canonical *state, struct span name)
{
    struct member member = {.start = state->out->size};
    json_spell_string(state->out, name);
    member.name_size = state->out->size - member.start;
    buffer_append_byte(state->out, ':');
    if (!buffer_ok(state->out))
        return;
    struct span written =
        span_of(state->out->at + member.start + 1, member.name_size - 2);
    state->next_paths =
        narrow_paths(state, top_frame(state)->paths, written, &member.ignored);
    buffer_append(&state->members, &member, sizeof(member));
}

/* The value that began at |start| has been written; |gone|: nothing of it is left. */
static void end_value(struct canonical *state, size_t start, bool gone)
{
    if (state->depth == 0)
        return;
    if (!top_frame(state)->object) {
        top_frame(state)->items++;
        if (gone)
            state->out->size = start;
        else
            buffer_append_byte(state->out, ',');
        return;
    }
    if (member_count(state) == 0)
        return; /* memory was short */
    struct member *member = members_of(state) + member_count(state) - 1;
    member->end = state->out->size;
    member->ignored |= gone;
}

static void open_frame(struct canonical *state, bool object)
{
    bool ignored = false;
    uint32_t paths = state->next_paths;
    if (state->depth && !top_frame(state)->object)
        paths = narrow_paths(state, top_frame(state)->paths, span_text("*"), &ignored);
    struct frame frame = {.start = state->out->size,
                          .first_member = member_count(state),
                          .paths = paths,
                          .object = object,
                          .ignored = ignored};
    state->frames[state->depth++] = frame;
    buffer_append_byte(state->out, object ? '{' : '[');
}

static int compare_members(const void *left, const void *right)
{
    const struct member *a = left, *b = right;
    return span_order(span_of(a->at, a->name_size), span_of(b->at, b->name_size));
}

/* Writes the members of the object at |start| anew, in order. True when one is left. */
static bool rewrite(struct canonical *state, size_t start, const struct member *members,
                    size_t count)
{
    size_t kept = 0;
    buffer_clear(&state->scratch);
    for (size_t i = 0; i < count; i++) {
        if (members[i].ignored)
            continue;
        if (kept++)
            buffer_append_byte(&state->scratch, ',');
        buffer_append(&state->scratch, members[i].at, members[i].end - members[i].start);
    }
    state->out->size = start + 1;
    buffer_append_span(state->out, buffer_span(&state->scratch));
    return kept > 0;
}

static enum json_result close_object(struct canonical *state)
{
    struct frame frame = *top_frame(state);
    size_t count = member_count(state) - frame.first_member;
    struct member *members = count ? members_of(state) + frame.first_member : NULL;
    bool gone = false;
    for (size_t i = 0; i < count; i++)
        members[i].at = state->out->at + members[i].start;
    if (count > 1)
        qsort(members, count, sizeof(*members), compare_members);
    for (size_t i = 1; i < count; i++)
        if (compare_members(&members[i - 1], &members[i]) == 0)
            return JSON_DUPLICATE;
    if (count)
        gone = !rewrite(state, frame.start, members, count);
    buffer_append_byte(state->out, '}');
    state->members.size = frame.first_member * sizeof(struct member);
    state->depth--;
    end_value(state, frame.start, gone || frame.ignored);
    return JSON_OK;
}

static void close_array(struct canonical *state)
{
    struct frame frame = *top_frame(state);
    if (buffer_ok(state->out) && state->out->at[state->out->size - 1] == ',')
        state->out->size--;
    buffer_append_byte(state->out, ']');
    state->depth--;
    end_value(state, frame.start, frame.ignored);
}

/* True when the value to come is an array's item that is to be left out. */
static bool is_ignored_item(struct canonical *state)
{
    bool ignored = false;
    if (state->depth && !top_frame(state)->object)
        (void)narrow_paths(state, top_frame(state)->paths, span_text("*"), &ignored);
    return ignored;
}

static void write_string(struct canonical *state, struct span text)
{
    if (!state->more || !state->more->text_count)
        json_spell_string(state->out, text);
    else if (json_spell_with_holes(state->out, text, state->more) != 0)
        state->out->failed = true;
}

static enum json_result write_scalar(struct canonical *state, enum json_token token,
                                     struct span text)
{
    size_t start = state->out->size;
    bool good = true, gone = is_ignored_item(state);
    if (token == JSON_T_STRING)
        write_string(state, text);
    else if (token == JSON_T_NUMBER)
        good = json_spell_number(state->out, text);
    else
        buffer_append_span(state->out, text);
    end_value(state, start, gone);
    return good ? JSON_OK : JSON_INVALID;
}

static enum json_result write_token(struct canonical *state, enum json_token token,
                                    struct span text)
{
    switch (token) {
    case JSON_T_OPEN_OBJECT:
    case JSON_T_OPEN_ARRAY:
        open_frame(state, token == JSON_T_OPEN_OBJECT);
        return JSON_OK;
    case JSON_T_CLOSE_OBJECT:
        return close_object(state);
    case JSON_T_CLOSE_ARRAY:
        close_array(state);
        return JSON_OK;
    case JSON_T_NAME:
        write_name(state, text);
        return JSON_OK;
    case JSON_T_STRING:
    case JSON_T_NUMBER:
    case JSON_T_WORD:
        return write_scalar(state, token, text);
    default:
        return JSON_INVALID;
    }
}

static enum json_result run(struct canonical *state, struct span text)
{
    struct json_scanner scanner = json_scanner_of(text);
    for (;;) {
        enum json_token token = json_scan(&scanner);
        if (token == JSON_T_END)
            return JSON_OK;
        enum json_result result = write_token(state, token, scanner.token);
        if (!buffer_ok(state->out) || !buffer_ok(&state->members) ||
            !buffer_ok(&state->scratch))
            return JSON_NO_MEMORY;
        if (result)
            return result;
    }
}

static unsigned count_paths(const char *const *paths)
{
    unsigned count = 0;
    while (paths && paths[count] && count < 32)
        count++;
    return count;
}

enum json_result json_canonical_without(struct span text, const char *const *ignored,
                                        struct json_ignoring *more, struct buffer *out)
{
    struct canonical *state = memory_new(sizeof(*state));
    if (!state)
        return JSON_NO_MEMORY;
    state->out = out;
    state->ignored = ignored;
    state->ignored_count = count_paths(ignored);
    state->more = more;
    unsigned count = state->ignored_count + count_paths(more ? more->paths : NULL);
    state->next_paths = count >= 32 ? UINT32_MAX : (1u << count) - 1;
    enum json_result result = run(state, text);
    buffer_free(&state->members);
    buffer_free(&state->scratch);
    memory_free(state);
    return result;
}

enum json_result json_canonical(struct span text, const char *const *ignored,
                                struct buffer *out)
{
    return json_canonical_without(text, ignored, NULL, out);
}
