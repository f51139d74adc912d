/* SPDX-License-Identifier: MIT */
/* Splicing one member into a JSON text. */
#include "rewrite.h"

/* Cuts the first name off |path|; what follows it, NULL when it was the last one. */
static const char *cut_step(const char *path, char step[JSON_PATH_SIZE])
{
    size_t size = strcspn(path, "/");
    span_copy_text(span_of(path, size), step, JSON_PATH_SIZE);
    return path[size] ? path + size + 1 : NULL;
}

static bool has_containers(struct json body, const char *path)
{
    const char *last = strrchr(path, '/');
    char above[JSON_PATH_SIZE];
    if (!last)
        return true;
    span_copy_text(span_of(path, (size_t)(last - path)), above, sizeof(above));
    return json_kind(json_at(body, above)) == JSON_KIND_OBJECT;
}

static void choose_path(struct json body, const char *paths, char path[JSON_PATH_SIZE])
{
    const char *left = paths;
    while (json_next_path(&left, path))
        if (json_kind(json_at(body, path)) != JSON_KIND_ABSENT)
            return;
    for (left = paths; json_next_path(&left, path);)
        if (has_containers(body, path))
            return;
    left = paths;
    (void)json_next_path(&left, path);
}

/* |value| within the objects that |path| names; a NULL path names none. */
static void append_nested(struct buffer *out, const char *path, const char *value)
{
    char step[JSON_PATH_SIZE];
    unsigned depth = 0;
    for (; path; depth++) {
        path = cut_step(path, step);
        buffer_append_text(out, "{\"");
        buffer_append_text(out, step);
        buffer_append_text(out, "\":");
    }
    buffer_append_text(out, value);
    while (depth--)
        buffer_append_byte(out, '}');
}

/* Everything of |body| before |at|, and from |at| on. */
static struct span part_before(struct span body, const uint8_t *at)
{
    return span_of(body.at, (size_t)(at - body.at));
}

static struct span part_from(struct span body, const uint8_t *at)
{
    return span_skip(body, (size_t)(at - body.at));
}

static void replace(struct buffer *out, struct span body, struct span old,
                    const char *path, const char *value)
{
    buffer_append_span(out, part_before(body, old.at));
    append_nested(out, path, value);
    buffer_append_span(out, part_from(body, old.at + old.size));
}

static void insert(struct buffer *out, struct span body, struct json object,
                   const char *name, const char *path, const char *value)
{
    struct json_iterator members = json_begin(object);
    const uint8_t *front = object.text.at + 1;
    buffer_append_span(out, part_before(body, front));
    buffer_append_byte(out, '"');
    buffer_append_text(out, name);
    buffer_append_text(out, "\":");
    append_nested(out, path, value);
    if (json_next(&members))
        buffer_append_byte(out, ',');
    buffer_append_span(out, part_from(body, front));
}

int rewrite_member(struct span body, const char *paths, const char *value,
                   struct buffer *out)
{
    char path[JSON_PATH_SIZE], step[JSON_PATH_SIZE];
    struct json object = json_of(body);
    choose_path(object, paths, path);
    for (const char *left = path; json_kind(object) == JSON_KIND_OBJECT;) {
        left = cut_step(left, step);
        struct json member = json_member(object, step);
        enum json_kind kind = json_kind(member);
        if (kind == JSON_KIND_ABSENT) {
            insert(out, body, object, step, left, value);
            return 0;
        }
        if (!left || kind == JSON_KIND_NULL) {
            replace(out, body, member.text, left, value);
            return 0;
        }
        object = member;
    }
    return -1;
}
