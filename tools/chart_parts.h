/* SPDX-License-Identifier: MIT */
/* What both kinds of figures in chart.h are made of. */
#ifndef TOOLS_CHART_PARTS_H
#define TOOLS_CHART_PARTS_H

#include "chart.h"

/* <figure>, heading, summary. */
void part_begin(struct buffer *out, const char *id, const char *title,
                const char *summary);
void part_legend(struct buffer *out, const struct series *series, size_t count);

/* The <svg> is the plot itself: percentages are those of the plot, whatever its width. Axes are
 * written into its margins. */
struct part_frame {
    const char *id, *title, *summary;
    unsigned height; /* pixels, like the margins */
    unsigned above, right, below, left;
};
void part_svg(struct buffer *out, const struct part_frame *frame);
/* A line, its label below, for each tick; |right| is the frame's. */
void part_ticks_across(struct buffer *out, const struct ticks *ticks, unsigned right);

/* The table of a figure, folded: a column of names, then one for each series. */
struct part_table {
    const char *title;
    const char *first; /* heading of the names */
    enum scale_unit unit;
    size_t rows, count;
    const struct series *series;
};
typedef const char *part_name(const void *context, size_t row,
                              char label[CHART_LABEL_SIZE]);
void part_table_add(struct buffer *out, const struct part_table *table, part_name *name,
                    const void *context);

#endif
