/* SPDX-License-Identifier: MIT */
/* The canonical form: valid, its own canonical form, made of exactly the texts that are
 * JSON; and whatever jansson reads, we read. */
#include <jansson.h>
#include <stdlib.h>

#include "shim/core/api/json_difference.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const ignored[] = {"a", "b/*/c", "d/e", NULL};

static void check(bool good)
{
    if (!good)
        abort();
}

static bool visit(struct json value, void *context)
{
    *(size_t *)context += value.text.size;
    return true;
}

static void read_all(struct span text)
{
    char copy[16];
    size_t sum = 0;
    uint64_t number;
    struct json value = json_of(text);
    struct json_iterator iterator = json_begin(value);
    for (; json_next(&iterator); sum += iterator.value.text.size)
        check(iterator.value.text.size <= text.size);
    check(json_each(value, "a/*/?/b", visit, &sum));
    json_copy_text(json_at(value, "a/b"), copy, sizeof(copy));
    (void)json_u64(value, &number);
    (void)json_is_set(value);
    (void)json_text_contains(value, "xy");
}

static bool count_pointers(void *context, struct span pointer, struct json left,
                           struct json right)
{
    check(pointer.size == 0 || pointer.at[0] == '/');
    check(left.text.size || right.text.size);
    ++*(size_t *)context;
    return true;
}

/* Each text is like itself, and what another lacks is what this one has too much. */
static void compare_texts(struct span whole, struct span part)
{
    struct json_likeness likeness, back;
    size_t calls = 0;
    check(json_difference(whole, whole, count_pointers, &calls, &likeness) == 0);
    check(calls == 0 && likeness.different == 0 && likeness.equal > 0);
    check(json_difference(whole, part, count_pointers, &calls, &likeness) == 0);
    check(json_difference(part, whole, NULL, NULL, &back) == 0);
    check(calls == likeness.different && back.different == likeness.different &&
          back.equal == likeness.equal);
}

static void compare_with_jansson(struct span text, enum json_result result)
{
    json_error_t error;
    json_t *tree =
        json_loadb((const char *)text.at, text.size,
                   JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
    size_t depth = 0;
    for (size_t i = 0; i < text.size; i++)
        depth += text.at[i] == '[' || text.at[i] == '{';
    /* jansson takes a zero byte behind the value for the end of the text. */
    if (tree && depth <= JSON_DEPTH && !memchr(text.at, 0, text.size))
        check(json_valid(text) && (result == JSON_OK || result == JSON_INVALID));
    json_decref(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer first = {0}, second = {0}, reduced = {0};
    struct span text = span_of(data, size);
    bool valid = json_valid(text);
    read_all(text); /* harmless on anything */
    enum json_result result = json_canonical(text, NULL, &first);
    check(valid || result == JSON_INVALID || result == JSON_DUPLICATE);
    if (result == JSON_OK) {
        check(valid && json_valid(buffer_span(&first)));
        check(json_canonical(buffer_span(&first), NULL, &second) == JSON_OK);
        check(span_equal(buffer_span(&first), buffer_span(&second)));
        read_all(buffer_span(&first));
        check(json_canonical(text, ignored, &reduced) == JSON_OK);
        check(json_valid(buffer_span(&reduced)) && reduced.size <= first.size);
        compare_texts(buffer_span(&first), buffer_span(&reduced));
    }
    compare_with_jansson(text, result);
    buffer_free(&first);
    buffer_free(&second);
    buffer_free(&reduced);
    return 0;
}
