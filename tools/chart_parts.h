/* SPDX-License-Identifier: MIT */
/* What both kinds of figures in chart.h are made of. */
#ifndef TOOLS_CHART_PARTS_H
#define TOOLS_CHART_PARTS_H

#include "chart.h"

/* <figure>, heading, summary, legend; then <svg> with title and description, |height| pixels. */
void part_begin(struct buffer *out, const char *id, const char *title,
                const char *summary);
void part_legend(struct buffer *out, const struct series *series, size_t count);
void part_svg(struct buffer *out, const char *id, const char *title, const char *summary,
              unsigned height);
/* The inner <svg>, in which percentages are those of the plot. */
void part_plot(struct buffer *out, unsigned left, unsigned top, unsigned right,
               unsigned height);
/* A line, its label below, for each tick. */
void part_ticks_across(struct buffer *out, const struct ticks *ticks);

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
