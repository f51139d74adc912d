/* SPDX-License-Identifier: MIT */
/* Tables whose rows become cards where the screen is narrow: each cell knows its column's name.
 * Roles say to screen readers what the display as blocks would hide. Pure. */
#ifndef TOOLS_CARDS_H
#define TOOLS_CARDS_H

#include "store/bytes.h"

#define CARDS_COLUMNS 8

struct cards {
    const char *caption;
    const char *columns[CARDS_COLUMNS];
    size_t count;
    size_t figures_from, figures_until; /* which columns hold figures */
};

void cards_begin(struct buffer *out, const struct cards *cards);
void cards_row(struct buffer *out);
/* |column| as in |columns|; |class| is of the style sheet; |text| is escaped. */
void cards_cell(struct buffer *out, const char *column, const char *class,
                const char *text);
void cards_row_end(struct buffer *out);
void cards_end(struct buffer *out);

#endif
