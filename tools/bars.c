/* SPDX-License-Identifier: MIT */
/* Figures of bars that lie, see chart.h. */
#include "chart.h"
#include "chart_parts.h"
#include "html.h"

#include <stdlib.h>

#define NAME  18 /* pixels for a row's name */
#define BAR   14 /* and for each of its bars */
#define GAP   8
#define BELOW 42 /* for the axis */
#define RIGHT 84 /* for the value after the longest bar */
#define LEFT  2

/* Names of 310 pixels fit beside a phone's edges. */
#define NAME_WIDTH 300

static unsigned row_height(const struct bars *bars)
{
    return NAME + BAR * (unsigned)bars->count + GAP;
}

static void draw_bar(struct buffer *out, const struct bars *bars, size_t row,
                     size_t series, double most)
{
    char text[SCALE_LABEL_SIZE];
    double value = bars->series[series].values[row];
    if (value < 0)
        return;
    double width = 100 * scale_smaller(value / most, 1);
    unsigned y = row_height(bars) * (unsigned)row + NAME + BAR * (unsigned)series;
    html_add(out,
             "<rect class=\"mark s%zu\" x=\"0\" y=\"%u\" width=\"%.3f%%\" height=\"%u\" "
             "style=\"min-width:1px\"><title>",
             series, y, scale_larger(width, value > 0 ? 0.3 : 0), BAR - 2);
    html_text(out, bars->name(bars->context, row));
    html_add(out, ": ");
    html_text(out, bars->series[series].name);
    html_add(out, " %s</title></rect>", scale_label(bars->unit, value, text));
    html_add(out,
             "<text class=\"tick\" x=\"%.3f%%\" y=\"%u\" dx=\"6\" dy=\"10\">%s</text>\n",
             width, y, text);
}

static void draw_row(struct buffer *out, const struct bars *bars, size_t row, double most)
{
    char *name = chart_cut(bars->name(bars->context, row), NAME_WIDTH);
    html_add(out, "<text class=\"name\" x=\"0\" y=\"%u\">",
             row_height(bars) * (unsigned)row + NAME - 4);
    html_text(out, name);
    html_add(out, "</text>\n");
    free(name);
    for (size_t i = 0; i < bars->count; i++)
        draw_bar(out, bars, row, i, most);
}

static double largest(const struct bars *bars, size_t shown)
{
    double most = 0;
    for (size_t row = 0; row < shown; row++)
        for (size_t i = 0; i < bars->count; i++)
            most = scale_larger(most, bars->series[i].values[row]);
    return most;
}

static const char *row_name(const void *context, size_t row, char label[CHART_LABEL_SIZE])
{
    const struct bars *bars = context;
    (void)label;
    return bars->name(bars->context, row);
}

static void draw_plot(struct buffer *out, const struct bars *bars, size_t shown)
{
    struct ticks across;
    double most = scale_linear(bars->unit, largest(bars, shown), 4, &across);
    struct part_frame frame = {
        bars->id, bars->title, bars->summary, row_height(bars) * (unsigned)shown,
        0,        RIGHT,       BELOW,         LEFT};
    part_svg(out, &frame);
    html_add(out, "<text class=\"axis\" x=\"0\" y=\"100%%\" dy=\"34\">");
    html_text(out, bars->across);
    html_add(out, "</text>\n");
    part_ticks_across(out, &across, RIGHT);
    for (size_t row = 0; row < shown; row++)
        draw_row(out, bars, row, most);
    html_add(out, "</svg>\n");
}

void bars_draw(struct buffer *out, const struct bars *bars, size_t shown)
{
    struct part_table table = {bars->title, "model",     bars->unit,
                               bars->rows,  bars->count, bars->series};
    part_begin(out, bars->id, bars->title, bars->summary);
    part_legend(out, bars->series, bars->count);
    draw_plot(out, bars, shown < bars->rows ? shown : bars->rows);
    part_table_add(out, &table, row_name, bars);
    html_add(out, "</figure>\n");
}
