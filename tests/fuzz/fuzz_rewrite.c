/* SPDX-License-Identifier: MIT */
/* One member changed: the result is valid JSON, and in canonical form it differs from the original
 * in that member alone. The first byte chooses the member. */
#include <stdlib.h>

#include "shim/core/api/json_difference.h"
#include "shim/core/api/rewrite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
    const char *paths;
    const char *without[5]; /* they and what they were made in */
} members[] = {
    {"temperature", {"temperature", NULL}},
    {"a/b", {"a/b", NULL}},
    {"a/b|c/d", {"a/b", "c/d", NULL}},
    {"a/b/c|a/d", {"a/b/c", "a/d", NULL}},
};

static void check(bool good)
{
    if (!good)
        abort();
}

/* The canonical form without the member; a container that only it had is left out, too. */
static void canonical_rest(struct span text, const char *const *without,
                           struct buffer *out)
{
    check(json_canonical(text, without, out) == JSON_OK);
}

/* A container that was null or empty is one of the places where the two may differ. */
static bool has_odd_container(struct json body, const char *paths)
{
    char path[JSON_PATH_SIZE];
    while (json_next_path(&paths, path)) {
        for (char *slash = path + strlen(path); slash > path; slash--) {
            if (*slash != '/')
                continue;
            *slash = 0;
            struct json container = json_at(body, path);
            if (json_kind(container) != JSON_KIND_ABSENT && !json_is_set(container))
                return true;
        }
    }
    return false;
}

static void check_rewritten(struct span text, struct span changed, size_t which)
{
    const char *paths = members[which].paths;
    struct buffer before = {0}, after = {0};
    check(json_valid(changed));
    check(json_text_is(json_first_at(json_of(changed), paths), "x"));
    if (json_canonical(changed, NULL, &after) == JSON_OK &&
        !has_odd_container(json_of(text), paths)) {
        buffer_clear(&after);
        canonical_rest(text, members[which].without, &before);
        canonical_rest(changed, members[which].without, &after);
        check(span_equal(buffer_span(&before), buffer_span(&after)));
    }
    buffer_free(&before);
    buffer_free(&after);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer canonical = {0}, out = {0};
    if (size == 0)
        return 0;
    size_t which = data[0] % (sizeof(members) / sizeof(*members));
    struct span text = span_of(data + 1, size - 1);
    bool good = json_canonical(text, NULL, &canonical) == JSON_OK &&
                json_kind(json_of(text)) == JSON_KIND_OBJECT;
    if (good && rewrite_member(text, members[which].paths, "\"x\"", &out) == 0)
        check_rewritten(text, buffer_span(&out), which);
    buffer_free(&canonical);
    buffer_free(&out);
    return 0;
}
