/* SPDX-License-Identifier: MIT */
/* See cache.h. */
#include "cache.h"

static const char MAGIC[] = "glibc-ld.so.cache1.1";
#define HEAD_SIZE  48
#define ENTRY_SIZE 24

/* The text at |offset|, NULL when it does not end inside the file. */
static const char *text_at(struct span file, uint32_t offset)
{
    if (offset >= file.size || !memchr(file.at + offset, 0, file.size - offset))
        return NULL;
    return (const char *)file.at + offset;
}

bool cache_each(struct span file, const char *library,
                bool (*visit)(const char *path, void *context), void *context)
{
    file = span_skip(file, span_find(file, span_text(MAGIC)));
    struct cursor cursor = cursor_of(file);
    cursor_bytes(&cursor, sizeof(MAGIC) - 1);
    uint32_t count = cursor_u32(&cursor);
    cursor = cursor_of(span_skip(file, HEAD_SIZE));
    for (uint32_t i = 0; i < count && cursor.left >= ENTRY_SIZE; i++) {
        cursor_u32(&cursor); /* flags: which ABI; the reader looks at the file itself */
        const char *name = text_at(file, cursor_u32(&cursor));
        const char *path = text_at(file, cursor_u32(&cursor));
        cursor_bytes(&cursor, 12); /* operating system, hardware */
        if (name && path && strcmp(name, library) == 0 && visit(path, context))
            return true;
    }
    return false;
}
