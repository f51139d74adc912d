/* SPDX-License-Identifier: MIT */
/* Plots: numbers become a <figure> with inline SVG, a legend, and a table with the same numbers
 * for whoever cannot see it. The SVG is as wide as its place: positions are percentages, texts and
 * strokes keep their size, so that a telephone shows the same as a desk. Its colours are the CSS
 * variables of report_style.h.
 *
 * Names and labels are escaped here; they may be foreign. Pure. */
#ifndef TOOLS_CHART_H
#define TOOLS_CHART_H

#include "scale.h"

#define CHART_SERIES     6
#define CHART_LABEL_SIZE 64

/* A value that is not there: no mark, "-" in the table. */
#define CHART_NOTHING (-1.0)

enum chart_kind {
    CHART_LINES,
    CHART_STACKS, /* bars of a slot, one on the other */
    CHART_BESIDE, /* bars of a slot, side by side */
};

struct series {
    const char *name;
    const double *values; /* for each slot, 0 or more */
};

/* A figure across slots of time or of size. */
struct chart {
    const char *id; /* of the document's element; letters and digits */
    const char *title;
    const char *summary; /* what can be seen, in a sentence */
    const char *axis;    /* what goes up, with its unit */
    const char *across;  /* what goes across, with its unit */
    enum chart_kind kind;
    enum scale_unit unit;
    double most;        /* where the axis ends; 0 = a little above the largest value */
    struct ticks ticks; /* across */
    size_t slots;
    char *(*label)(const void *context, size_t slot, char label[CHART_LABEL_SIZE]);
    const void *context;
    size_t count;
    struct series series[CHART_SERIES];
};

void chart_draw(struct buffer *out, const struct chart *chart);

/* A figure of bars that lie: for each row a name, and below it a bar for each series. */
struct bars {
    const char *id, *title, *summary;
    const char *across; /* what the bars' length is, with its unit */
    enum scale_unit unit;
    size_t rows;
    const char *(*name)(const void *context, size_t row);
    const void *context;
    size_t count;
    struct series series[CHART_SERIES]; /* values for each row */
};

/* Draws |shown| of the rows; the table has all of them. */
void bars_draw(struct buffer *out, const struct bars *bars, size_t shown);

/* |text| in |pixels| of a 12 pixel sans-serif: its middle gives way to "..." where need be. To be
 * freed. Estimated generously: no font is known. */
MUST_USE char *chart_cut(const char *text, unsigned pixels);
/* A value as the tables print it: in full. Returns |text|. */
char *chart_value(enum scale_unit unit, double value, char text[CHART_LABEL_SIZE]);

#endif
