/* SPDX-License-Identifier: MIT */
/* Tables that fit a width: which columns are shown, how wide each is, and lines of cells that
 * cannot drive a terminal. Pure: no input, no output, no state. */
#ifndef TOOLS_COLUMNS_H
#define TOOLS_COLUMNS_H

#include "store/bytes.h"

#define COLUMNS_MOST      16
#define COLUMNS_LINE_SIZE 512 /* wider terminals get lines of this size, less one */

struct column {
    const char *title;
    unsigned least; /* characters; with fewer it is left out */
    unsigned most;
    unsigned
        rank;   /* the highest goes first when there is no room, the lowest grows first */
    bool right; /* aligned */
};

/* Sets |widths| of |count| columns, at most COLUMNS_MOST, with a blank between each two: 0 = left
 * out. The last one that is left may get less than its least. */
void columns_fit(const struct column *columns, size_t count, unsigned width,
                 unsigned *widths);

/* A line of |cells|, one for each column, without blanks at its end: characters that are not ASCII
 * or not printable become '?', what is too long is cut and ends with '~'. */
void columns_line(const struct column *columns, size_t count, const unsigned *widths,
                  const char *const *cells, char line[COLUMNS_LINE_SIZE]);
/* The same of the titles. */
void columns_titles(const struct column *columns, size_t count, const unsigned *widths,
                    char line[COLUMNS_LINE_SIZE]);

/* |text| as a cell shows it, in |out| of |size| > 0 bytes, cut to |width|. */
void columns_clean(const char *text, unsigned width, char *out, size_t size);

#endif
