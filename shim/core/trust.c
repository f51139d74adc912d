/* SPDX-License-Identifier: MIT */
/* The list of trusted files. */
#include "trust.h"

#include "store/files.h"

#include <sodium.h>

#define DIGITS 64

static void digest(struct span content, char digits[DIGITS + 1])
{
    uint8_t hash[DIGITS / 2];
    crypto_generichash(hash, sizeof hash, content.at, content.size, NULL, 0);
    hex_encode(hash, sizeof hash, digits);
}

static struct span take_line(struct span *list)
{
    size_t size = span_find(*list, span_text("\n"));
    struct span line = span_of(list->at, size);
    *list = span_skip(*list, size + 1);
    return line;
}

static bool is_about(struct span line, const char *path)
{
    return line.size > DIGITS && line.at[DIGITS] == ' ' &&
           span_is(span_skip(line, DIGITS + 1), path);
}

bool trust_covers(struct span list, const char *path, struct span content)
{
    char digits[DIGITS + 1];
    digest(content, digits);
    while (list.size) {
        struct span line = take_line(&list);
        if (is_about(line, path) && span_is(span_of(line.at, DIGITS), digits))
            return true;
    }
    return false;
}

bool trust_without(struct span list, const char *path, struct buffer *out)
{
    bool found = false;
    while (list.size) {
        struct span line = take_line(&list);
        if (is_about(line, path)) {
            found = true;
            continue;
        }
        buffer_append_span(out, line);
        buffer_append_byte(out, '\n');
    }
    return found;
}

void trust_append(const char *path, struct span content, struct buffer *out)
{
    char digits[DIGITS + 1];
    digest(content, digits);
    buffer_append_text(out, digits);
    buffer_append_byte(out, ' ');
    buffer_append_text(out, path);
    buffer_append_byte(out, '\n');
}
