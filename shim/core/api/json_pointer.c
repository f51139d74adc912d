/* SPDX-License-Identifier: MIT */
/* Following JSON pointers. */
#include "json_pointer.h"

bool json_pointer_valid(struct span pointer)
{
    if (pointer.size && pointer.at[0] != '/')
        return false;
    for (size_t i = 0; i < pointer.size; i++)
        if (pointer.at[i] == '~' && (i + 1 == pointer.size || (pointer.at[i + 1] != '0' &&
                                                               pointer.at[i + 1] != '1')))
            return false;
    return true;
}

/* True when |step|, escapes resolved, is what the string |name| says. */
static bool step_is(struct span step, struct json name)
{
    uint8_t bytes[4];
    struct json_characters characters = json_characters_of(name);
    uint32_t character;
    while ((character = json_character(&characters)) != JSON_NO_CHARACTER) {
        size_t size = 1;
        bytes[0] = (uint8_t)character;
        if (!(character & JSON_RAW))
            size = json_utf8(character, bytes);
        for (size_t i = 0; i < size; i++) {
            if (step.size == 0)
                return false;
            bool escape = step.at[0] == '~' && step.size > 1;
            uint8_t byte = escape ? step.at[1] == '1' ? '/' : '~' : step.at[0];
            if (byte != bytes[i])
                return false;
            step = span_skip(step, escape ? 2 : 1);
        }
    }
    return step.size == 0;
}

/* False when |step| is no array's index: digits, without zeros in front. */
static bool read_index(struct span step, size_t *index)
{
    *index = 0;
    if (step.size == 0 || step.size > 9 || (step.size > 1 && step.at[0] == '0'))
        return false;
    for (size_t i = 0; i < step.size; i++) {
        if (step.at[i] < '0' || step.at[i] > '9')
            return false;
        *index = *index * 10 + (step.at[i] - '0');
    }
    return true;
}

static struct json follow(struct json value, struct span step)
{
    struct json_iterator iterator = json_begin(value);
    size_t wanted = 0;
    if (!iterator.object && !read_index(step, &wanted))
        return (struct json){0};
    for (size_t at = 0; json_next(&iterator); at++)
        if (iterator.object ? step_is(step, iterator.name) : at == wanted)
            return iterator.value;
    return (struct json){0};
}

struct json json_at_pointer(struct json value, struct span pointer)
{
    while (pointer.size && value.text.size) {
        pointer = span_skip(pointer, 1);
        size_t size = span_find(pointer, span_text("/"));
        value = follow(value, span_of(pointer.at, size));
        pointer = span_skip(pointer, size);
    }
    return value;
}
