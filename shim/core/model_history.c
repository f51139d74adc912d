/* SPDX-License-Identifier: MIT */
/* See model_history.h. The bytes: a version (1), then for each fingerprint the time it was first
 * seen at (8) and its framed text, oldest first. */
#include "model_history.h"

#define VERSION 1

struct seen {
    int64_t first_ms;
    struct span fingerprint;
};

static struct cursor begin(struct span history)
{
    struct cursor cursor = cursor_of(history);
    return cursor_u8(&cursor) == VERSION ? cursor : cursor_of((struct span){0});
}

static bool next(struct cursor *cursor, struct seen *out)
{
    if (cursor->left == 0)
        return false;
    out->first_ms = (int64_t)cursor_u64(cursor);
    out->fingerprint = cursor_framed(cursor);
    return cursor_ok(cursor);
}

static unsigned count(struct span history)
{
    struct cursor cursor = begin(history);
    struct seen seen;
    unsigned found = 0;
    while (next(&cursor, &seen))
        found++;
    return found;
}

static bool is_known(struct span history, struct span fingerprint)
{
    struct cursor cursor = begin(history);
    struct seen seen;
    while (next(&cursor, &seen))
        if (span_equal(seen.fingerprint, fingerprint))
            return true;
    return false;
}

static void append(struct buffer *out, const struct seen *seen)
{
    buffer_append_u64(out, (uint64_t)seen->first_ms);
    buffer_append_framed(out, seen->fingerprint);
}

bool model_history_add(struct span history, struct span fingerprint, int64_t now_ms,
                       struct buffer *out)
{
    if (is_known(history, fingerprint))
        return false;
    struct cursor cursor = begin(history);
    struct seen seen;
    unsigned left = count(history);
    buffer_append_byte(out, VERSION);
    for (; next(&cursor, &seen); left--)
        if (left < MODEL_HISTORY_LIMIT)
            append(out, &seen);
    append(out, &(struct seen){now_ms, fingerprint});
    return true;
}

bool model_history_changed(struct span history, struct span fingerprint,
                           int64_t created_ms)
{
    struct cursor cursor = begin(history);
    struct seen seen;
    while (next(&cursor, &seen))
        if (seen.first_ms > created_ms && !span_equal(seen.fingerprint, fingerprint))
            return true;
    return false;
}
