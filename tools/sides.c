/* SPDX-License-Identifier: MIT */
/* See sides.h. */
#include "sides.h"

#include "print.h"

#define LEAST_COLUMN 8

/* Takes one character from the front of |text|; |*shown| is how it is to be shown. */
static struct span character_take(struct span *text)
{
    static const uint8_t unknown = '?', blank = ' ';
    size_t size = print_utf8_length(*text);
    struct span one = span_of(text->at, size ? size : 1);
    *text = span_skip(*text, one.size);
    if (one.at[0] == '\t')
        return span_of(&blank, 1);
    bool control = size == 0 || one.at[0] < 0x20 || one.at[0] == 0x7f ||
                   (size == 2 && one.at[0] == 0xc2 && one.at[1] < 0xa0);
    return control ? span_of(&unknown, 1) : one;
}

/* How many bytes of |text| make the next line of |width| characters; |*next| more are passed over. */
static size_t line_size(struct span text, unsigned width, size_t *next)
{
    struct span rest = text;
    size_t blank = 0;
    *next = 0;
    for (unsigned i = 0; rest.size; i++) {
        size_t at = text.size - rest.size;
        if (rest.at[0] == '\n') {
            *next = 1;
            return at;
        }
        if (i == width) {
            *next = blank && rest.at[0] != ' ' ? 1 : rest.at[0] == ' ';
            return blank && rest.at[0] != ' ' ? blank : at;
        }
        if (rest.at[0] == ' ')
            blank = at;
        (void)character_take(&rest);
    }
    return text.size;
}

/* Appends the next line of |text|, filled up with blanks when |fill|. */
static void line_append(struct span *text, unsigned width, bool fill, struct buffer *out)
{
    size_t next, size = line_size(*text, width, &next);
    struct span line = span_of(text->at, size);
    *text = span_skip(*text, size + next);
    unsigned used = 0;
    for (; line.size; used++)
        buffer_append_span(out, character_take(&line));
    for (; fill && used < width; used++)
        buffer_append_byte(out, ' ');
}

void sides_append(struct span left, struct span right, unsigned width, struct buffer *out)
{
    static const char more[] = "...";
    unsigned column = width > 2 * LEAST_COLUMN + 3 ? (width - 3) / 2 : LEAST_COLUMN;
    for (unsigned i = 0; i < SIDES_LINES && (left.size || right.size); i++) {
        if (i + 1 == SIDES_LINES) {
            left = left.size ? span_text(more) : left;
            right = right.size ? span_text(more) : right;
        }
        line_append(&left, column, true, out);
        buffer_append_text(out, " | ");
        line_append(&right, column, false, out);
        while (out->size && out->at[out->size - 1] == ' ')
            out->size--;
        buffer_append_byte(out, '\n');
    }
}
