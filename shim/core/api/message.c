/* SPDX-License-Identifier: MIT */
/* Lists of header fields. */
#include "message.h"

#include "store/memory.h"

int headers_add(struct headers *headers, struct span name, struct span value)
{
    if (headers->count == headers->capacity) {
        size_t capacity = headers->capacity ? headers->capacity * 2 : 16;
        struct header *at = memory_resize(headers->at, capacity * sizeof(*at));
        if (!at)
            return -1;
        headers->at = at;
        headers->capacity = capacity;
    }
    headers->at[headers->count++] = (struct header){name, value};
    return 0;
}

const struct header *headers_find(const struct headers *headers, const char *name)
{
    for (size_t i = 0; i < headers->count; i++)
        if (span_is_nocase(headers->at[i].name, name))
            return &headers->at[i];
    return NULL;
}

struct span headers_value(const struct headers *headers, const char *name)
{
    const struct header *header = headers_find(headers, name);
    return header ? header->value : (struct span){0};
}

size_t headers_count(const struct headers *headers, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < headers->count; i++)
        count += span_is_nocase(headers->at[i].name, name);
    return count;
}

void headers_free(struct headers *headers)
{
    memory_free(headers->at);
    *headers = (struct headers){0};
}
