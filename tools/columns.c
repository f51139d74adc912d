/* SPDX-License-Identifier: MIT */
/* See columns.h. */
#include "columns.h"

#include <stdio.h>

/* How wide the columns are that are left, with the blanks between them. */
static unsigned sum(const unsigned *widths, size_t count)
{
    unsigned width = 0;
    for (size_t i = 0; i < count; i++)
        if (widths[i])
            width += widths[i] + (width ? 1 : 0);
    return width;
}

static size_t columns_left(const unsigned *widths, size_t count)
{
    size_t left = 0;
    for (size_t i = 0; i < count; i++)
        left += widths[i] != 0;
    return left;
}

static void drop_last(const struct column *columns, size_t count, unsigned *widths)
{
    size_t last = count;
    for (size_t i = 0; i < count; i++)
        if (widths[i] && (last == count || columns[i].rank > columns[last].rank))
            last = i;
    if (last < count)
        widths[last] = 0;
}

/* Hands out |room|, by rank. */
static void grow(const struct column *columns, size_t count, unsigned room,
                 unsigned *widths)
{
    for (unsigned rank = 0; rank <= COLUMNS_MOST && room; rank++) {
        for (size_t i = 0; i < count; i++) {
            if (!widths[i] || columns[i].rank != rank)
                continue;
            unsigned wish = columns[i].most - widths[i];
            unsigned gets = wish < room ? wish : room;
            widths[i] += gets;
            room -= gets;
        }
    }
}

void columns_fit(const struct column *columns, size_t count, unsigned width,
                 unsigned *widths)
{
    if (width > COLUMNS_LINE_SIZE - 1)
        width = COLUMNS_LINE_SIZE - 1;
    for (size_t i = 0; i < count; i++)
        widths[i] = columns[i].least;
    while (sum(widths, count) > width && columns_left(widths, count) > 1)
        drop_last(columns, count, widths);
    unsigned used = sum(widths, count);
    if (used <= width)
        grow(columns, count, width - used, widths);
    for (size_t i = 0; i < count && used > width; i++)
        if (widths[i])
            widths[i] = width;
}

void columns_clean(const char *text, unsigned width, char *out, size_t size)
{
    size_t used = 0, most = width < size - 1 ? width : size - 1;
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if ((byte & 0xc0) == 0x80) /* goes on with a character that is one '?' already */
            continue;
        if (used == most) {
            if (used)
                out[used - 1] = '~';
            break;
        }
        out[used++] = byte >= 0x20 && byte < 0x7f ? (char)byte : '?';
    }
    out[used] = 0;
}

static int put_cell(const struct column *column, unsigned width, const char *cell,
                    char *out, size_t size)
{
    char text[COLUMNS_LINE_SIZE];
    columns_clean(cell, width, text, sizeof(text));
    return snprintf(out, size, column->right ? "%*s" : "%-*s", (int)width, text);
}

void columns_line(const struct column *columns, size_t count, const unsigned *widths,
                  const char *const *cells, char line[COLUMNS_LINE_SIZE])
{
    size_t used = 0;
    line[0] = 0;
    for (size_t i = 0; i < count; i++) {
        if (!widths[i] || used + widths[i] + 2 > COLUMNS_LINE_SIZE)
            continue;
        if (used)
            line[used++] = ' ';
        used += (size_t)put_cell(&columns[i], widths[i], cells[i], line + used,
                                 COLUMNS_LINE_SIZE - used);
    }
    while (used && line[used - 1] == ' ')
        used--;
    line[used] = 0;
}

void columns_titles(const struct column *columns, size_t count, const unsigned *widths,
                    char line[COLUMNS_LINE_SIZE])
{
    const char *titles[COLUMNS_MOST];
    for (size_t i = 0; i < count; i++)
        titles[i] = columns[i].title;
    columns_line(columns, count, widths, titles, line);
}
