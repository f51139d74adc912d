/* SPDX-License-Identifier: MIT */
/* See html.h. */
#include "html.h"

#include "print.h"

#include <stdarg.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

void html_add(struct buffer *out, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof(text))
        out->failed = true; /* half a tag is worse than no page */
    else
        buffer_append(out, text, (size_t)length);
}

static const char *entity_of(uint8_t byte)
{
    switch (byte) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return byte < 0x20 || byte == 0x7f ? REPLACEMENT : NULL;
    }
}

/* C1 control characters, and the two that XML has no place for. */
static bool is_unprintable(struct span bytes, size_t length)
{
    if (length == 2)
        return bytes.at[0] == 0xc2 && bytes.at[1] < 0xa0;
    return length == 3 && bytes.at[0] == 0xef && bytes.at[1] == 0xbf &&
           bytes.at[2] >= 0xbe;
}

void html_text(struct buffer *out, const char *text)
{
    struct span rest = span_text(text);
    while (rest.size) {
        size_t length = print_utf8_length(rest);
        const char *instead = length == 1 ? entity_of(*rest.at) : NULL;
        if (length == 0 || is_unprintable(rest, length))
            instead = REPLACEMENT;
        if (instead)
            buffer_append_text(out, instead);
        else
            buffer_append(out, rest.at, length);
        rest = span_skip(rest, length ? length : 1);
    }
}

void html_element(struct buffer *out, const char *tag, const char *class,
                  const char *text)
{
    if (class)
        html_add(out, "<%s class=\"%s\">", tag, class);
    else
        html_add(out, "<%s>", tag);
    html_text(out, text);
    html_add(out, "</%s>", tag);
}
