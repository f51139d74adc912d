/* SPDX-License-Identifier: MIT */
/* Figures across slots of time or size. */
#include "chart.h"

#include "chart_parts.h"
#include "html.h"

#define HEIGHT 172
#define ABOVE  30
#define RIGHT  14
#define BELOW  44
#define LEFT   64 /* room for the labels of the axis that goes up */

static double largest(const struct chart *chart)
{
    double most = 0;
    for (size_t slot = 0; slot < chart->slots; slot++) {
        double sum = 0;
        for (size_t i = 0; i < chart->count; i++) {
            double value = scale_larger(0, chart->series[i].values[slot]);
            sum = chart->kind == CHART_STACKS ? sum + value : scale_larger(sum, value);
        }
        most = scale_larger(most, sum);
    }
    return most;
}

static void ticks_up(struct buffer *out, const struct ticks *ticks)
{
    for (size_t i = 0; i < ticks->count; i++) {
        double y = 100 * (1 - ticks->list[i].at);
        html_add(
            out,
            "<line class=\"grid\" x1=\"0\" x2=\"100%%\" y1=\"%.2f%%\" y2=\"%.2f%%\"/>"
            "<text class=\"tick\" x=\"-8\" y=\"%.2f%%\" dy=\"4\" "
            "text-anchor=\"end\">",
            y, y, y);
        html_text(out, ticks->list[i].label);
        html_add(out, "</text>\n");
    }
}

/* What a pointer that rests on a mark is told. */
static void mark_title(struct buffer *out, const struct chart *chart, size_t series,
                       size_t slot)
{
    char label[CHART_LABEL_SIZE], value[CHART_LABEL_SIZE];
    html_add(out, "<title>");
    html_text(out, chart->label(chart->context, slot, label));
    html_add(out, ": ");
    html_text(out, chart->series[series].name);
    html_add(out, " ");
    html_text(out, chart_value(chart->unit, chart->series[series].values[slot], value));
    html_add(out, "</title>");
}

struct place {
    double x, y; /* per cent of the plot, y from above */
};

static struct place place_of(const struct chart *chart, double value, size_t slot,
                             double most)
{
    return (struct place){100 * ((double)slot + 0.5) / (double)chart->slots,
                          100 * (1 - scale_smaller(value / most, 1))};
}

static void draw_stroke(struct buffer *out, struct place from, struct place to)
{
    html_add(out,
             "<line class=\"stroke\" x1=\"%.2f%%\" y1=\"%.2f%%\" x2=\"%.2f%%\" "
             "y2=\"%.2f%%\"/>",
             from.x, from.y, to.x, to.y);
}

/* A dot for each value, and a stroke to the one in the slot before. */
static void draw_line(struct buffer *out, const struct chart *chart, size_t series,
                      double most)
{
    const double *values = chart->series[series].values;
    html_add(out, "<g class=\"s%zu\">\n", series);
    for (size_t slot = 0; slot < chart->slots; slot++) {
        if (values[slot] < 0)
            continue;
        struct place at = place_of(chart, values[slot], slot, most);
        if (slot > 0 && values[slot - 1] >= 0)
            draw_stroke(out, place_of(chart, values[slot - 1], slot - 1, most), at);
        html_add(out, "<circle class=\"mark\" cx=\"%.2f%%\" cy=\"%.2f%%\" r=\"3\">", at.x,
                 at.y);
        mark_title(out, chart, series, slot);
        html_add(out, "</circle>\n");
    }
    html_add(out, "</g>\n");
}

/* The bars of one slot. A value that is not 0 can be seen, be it ever so small. */
static void draw_slot(struct buffer *out, const struct chart *chart, size_t slot,
                      double most)
{
    double width = 100.0 / (double)chart->slots, below = 0;
    bool beside = chart->kind == CHART_BESIDE;
    double bar = width * 0.8 / (beside ? (double)chart->count : 1);
    for (size_t i = 0; i < chart->count; i++) {
        double value = chart->series[i].values[slot];
        if (!(value > 0))
            continue;
        double height = scale_larger(100 * value / most, 0.6);
        double x = width * ((double)slot + 0.1) + (beside ? bar * (double)i : 0);
        html_add(out,
                 "<rect class=\"mark s%zu\" x=\"%.3f%%\" y=\"%.3f%%\" width=\"%.3f%%\" "
                 "height=\"%.3f%%\">",
                 i, x, scale_larger(100 - below - height, 0), bar, height);
        mark_title(out, chart, i, slot);
        html_add(out, "</rect>\n");
        below += beside ? 0 : height;
    }
}

static void draw_marks(struct buffer *out, const struct chart *chart, double most)
{
    if (chart->kind == CHART_LINES)
        for (size_t i = 0; i < chart->count; i++)
            draw_line(out, chart, i, most);
    else
        for (size_t slot = 0; slot < chart->slots; slot++)
            draw_slot(out, chart, slot, most);
}

static const char *slot_name(const void *context, size_t slot,
                             char label[CHART_LABEL_SIZE])
{
    const struct chart *chart = context;
    return chart->label(chart->context, slot, label);
}

static void draw_axes(struct buffer *out, const struct chart *chart,
                      const struct ticks *up)
{
    html_add(out, "<text class=\"axis\" x=\"-%d\" y=\"-14\">", LEFT);
    html_text(out, chart->axis);
    html_add(out, "</text>\n<text class=\"axis\" x=\"100%%\" y=\"100%%\" dy=\"36\" "
                  "text-anchor=\"end\">");
    html_text(out, chart->across);
    html_add(out, "</text>\n");
    ticks_up(out, up);
    part_ticks_across(out, &chart->ticks, RIGHT);
}

void chart_draw(struct buffer *out, const struct chart *chart)
{
    struct ticks up;
    double most =
        scale_linear(chart->unit, chart->most > 0 ? chart->most : largest(chart), 6, &up);
    struct part_frame frame = {chart->id, chart->title, chart->summary, HEIGHT,
                               ABOVE,     RIGHT,        BELOW,          LEFT};
    struct part_table table = {chart->title, chart->across, chart->unit,
                               chart->slots, chart->count,  chart->series};
    part_begin(out, chart->id, chart->title, chart->summary);
    part_legend(out, chart->series, chart->count);
    part_svg(out, &frame);
    draw_axes(out, chart, &up);
    draw_marks(out, chart, most);
    html_add(out, "</svg>\n");
    part_table_add(out, &table, slot_name, chart);
    html_add(out, "</figure>\n");
}
