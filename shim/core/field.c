/* SPDX-License-Identifier: MIT */
/* See field.h. */
#include "field.h"

bool field_is_value(struct span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] < 0x20 || text.at[i] >= 0x7f)
            return false;
    return span_trim(text).size == text.size;
}

static bool is_token_byte(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= 'a' && byte <= 'z') || (byte && strchr("!#$%&'*+-.^_`|~", byte));
}

bool field_is_name(struct span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!is_token_byte(text.at[i]))
            return false;
    return text.size > 0;
}

const char *field_value_problem(struct span text)
{
    return field_is_value(text) ? NULL : "is no header field's value";
}

bool field_names_next(struct span *list, struct span *name)
{
    while (list->size) {
        size_t size = span_find(*list, span_text(","));
        *name = span_trim(span_of(list->at, size));
        *list = span_skip(*list, size + 1);
        if (name->size)
            return true;
    }
    return false;
}

const char *field_names_problem(struct span text)
{
    struct span name;
    while (field_names_next(&text, &name))
        if (!field_is_name(name) || span_is(name, "*"))
            return "is no list of header fields' names";
    return NULL;
}
