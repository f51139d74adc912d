/* SPDX-License-Identifier: MIT */
/* Finding values within JSON text that has been checked. */
#include "json.h"

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

static struct span without_space(struct span text)
{
    while (text.size && is_space(*text.at))
        text = span_skip(text, 1);
    return text;
}

struct json json_of(struct span text)
{
    text = without_space(text);
    while (text.size && is_space(text.at[text.size - 1]))
        text.size--;
    return (struct json){text};
}

enum json_kind json_kind(struct json value)
{
    if (value.text.size == 0)
        return JSON_KIND_ABSENT;
    switch (*value.text.at) {
    case '{':
        return JSON_KIND_OBJECT;
    case '[':
        return JSON_KIND_ARRAY;
    case '"':
        return JSON_KIND_STRING;
    case 't':
        return JSON_KIND_TRUE;
    case 'f':
        return JSON_KIND_FALSE;
    case 'n':
        return JSON_KIND_NULL;
    default:
        return JSON_KIND_NUMBER;
    }
}

bool json_is_set(struct json value)
{
    struct json_iterator iterator;
    switch (json_kind(value)) {
    case JSON_KIND_ABSENT:
    case JSON_KIND_NULL:
    case JSON_KIND_FALSE:
        return false;
    case JSON_KIND_STRING:
        return value.text.size > 2;
    case JSON_KIND_OBJECT:
    case JSON_KIND_ARRAY:
        iterator = json_begin(value);
        return json_next(&iterator);
    default:
        return true;
    }
}

/* The size of the string that |text| begins with. */
static size_t skip_string(struct span text)
{
    size_t at = 1;
    while (at < text.size) {
        const uint8_t *quote = memchr(text.at + at, '"', text.size - at);
        if (!quote)
            break;
        size_t end = (size_t)(quote - text.at);
        size_t slashes = 0;
        while (end - slashes > 1 && text.at[end - slashes - 1] == '\\')
            slashes++;
        if (slashes % 2 == 0)
            return end + 1;
        at = end + 1;
    }
    return text.size;
}

static size_t skip_container(struct span text)
{
    size_t depth = 0;
    for (size_t at = 0; at < text.size;) {
        uint8_t byte = text.at[at];
        if (byte == '"') {
            at += skip_string(span_skip(text, at));
            continue;
        }
        at++;
        if (byte == '{' || byte == '[')
            depth++;
        else if ((byte == '}' || byte == ']') && --depth == 0)
            return at;
    }
    return text.size;
}

static size_t skip_value(struct span text)
{
    if (text.size == 0)
        return 0;
    if (*text.at == '"')
        return skip_string(text);
    if (*text.at == '{' || *text.at == '[')
        return skip_container(text);
    size_t at = 0;
    while (at < text.size && !is_space(text.at[at]) && !strchr(",]}:", text.at[at]))
        at++;
    return at;
}

static struct json take_value(struct span *text)
{
    *text = without_space(*text);
    size_t size = skip_value(*text);
    struct json value = {span_of(text->at, size)};
    *text = without_space(span_skip(*text, size));
    return value;
}

struct json_iterator json_begin(struct json container)
{
    enum json_kind kind = json_kind(container);
    struct json_iterator iterator = {.object = kind == JSON_KIND_OBJECT};
    if ((kind == JSON_KIND_OBJECT || kind == JSON_KIND_ARRAY) && container.text.size >= 2)
        iterator.left =
            without_space(span_of(container.text.at + 1, container.text.size - 2));
    return iterator;
}

bool json_next(struct json_iterator *iterator)
{
    if (iterator->left.size == 0)
        return false;
    if (iterator->object) {
        iterator->name = take_value(&iterator->left);
        iterator->left = span_skip(iterator->left, 1); /* the colon */
    }
    iterator->value = take_value(&iterator->left);
    iterator->left = span_skip(iterator->left, 1); /* the comma */
    iterator->left = without_space(iterator->left);
    return iterator->value.text.size > 0;
}

static bool name_is(struct json name, struct span wanted)
{
    struct span inner = span_of(name.text.at + 1, name.text.size - 2);
    if (name.text.size < 2)
        return false;
    if (!memchr(inner.at, '\\', inner.size))
        return span_equal(inner, wanted);
    struct json_characters characters = json_characters_of(name);
    for (size_t i = 0; i < wanted.size; i++)
        if ((json_character(&characters) & ~JSON_RAW) != wanted.at[i])
            return false;
    return json_character(&characters) == JSON_NO_CHARACTER;
}

static struct json member_named(struct json object, struct span name)
{
    struct json_iterator iterator = json_begin(object);
    while (iterator.object && json_next(&iterator))
        if (name_is(iterator.name, name))
            return iterator.value;
    return (struct json){0};
}

struct json json_member(struct json object, const char *name)
{
    return member_named(object, span_text(name));
}

/* Cuts the first step off |path|. */
static struct span take_step(struct span *path)
{
    size_t size = span_find(*path, span_text("/"));
    struct span step = span_of(path->at, size);
    *path = span_skip(*path, size + 1);
    return step;
}

struct json json_at(struct json value, const char *path)
{
    struct span left = span_text(path);
    while (left.size && value.text.size)
        value = member_named(value, take_step(&left));
    return value;
}

struct json json_first_at(struct json value, const char *paths)
{
    struct json found = {0};
    char path[JSON_PATH_SIZE];
    while (!found.text.size && json_next_path(&paths, path))
        found = json_at(value, path);
    return found;
}

size_t json_count(struct json array)
{
    size_t count = 0;
    struct json_iterator iterator = json_begin(array);
    while (!iterator.object && json_next(&iterator))
        count++;
    return count;
}

/* Follows the named steps up to the next "*" or "?"; true when there is one. */
static bool follow_names(struct json *value, struct span *path, bool *object)
{
    while (path->size && value->text.size) {
        struct span step = take_step(path);
        if (span_is(step, "*") || span_is(step, "?")) {
            *object = span_is(step, "?");
            return true;
        }
        *value = member_named(*value, step);
    }
    return false;
}

bool json_each(struct json value, const char *path,
               bool (*visit)(struct json value, void *context), void *context)
{
    struct {
        struct json_iterator items;
        struct span path; /* what is left behind the "*" */
    } open[JSON_PATH_STEPS];
    unsigned depth = 0;
    struct span left = span_text(path);
    for (;;) {
        bool object;
        if (follow_names(&value, &left, &object)) {
            struct json_iterator items = json_begin(value);
            if (items.object == object && depth < JSON_PATH_STEPS) {
                open[depth].items = items;
                open[depth++].path = left;
            }
        } else if (value.text.size && !visit(value, context)) {
            return false;
        }
        while (depth && !json_next(&open[depth - 1].items))
            depth--;
        if (depth == 0)
            return true;
        value = open[depth - 1].items.value;
        left = open[depth - 1].path;
    }
}

bool json_next_path(const char **paths, char path[JSON_PATH_SIZE])
{
    if (!*paths)
        return false;
    size_t size = strcspn(*paths, "|");
    span_copy_text(span_of(*paths, size), path, JSON_PATH_SIZE);
    *paths = (*paths)[size] ? *paths + size + 1 : NULL;
    return true;
}
