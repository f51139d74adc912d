/* SPDX-License-Identifier: MIT */
/* See chart_parts.h. */
#include "chart_parts.h"

#include "html.h"
#include "print.h"

#include <stdio.h>
#include <stdlib.h>

#define LABEL_HALF 36 /* pixels that half of a tick's label may take */

void part_begin(struct buffer *out, const char *id, const char *title,
                const char *summary)
{
    html_add(out, "<figure id=\"%s\">\n", id);
    html_element(out, "h2", NULL, title);
    html_element(out, "p", "summary", summary);
    html_add(out, "\n");
}

/* One series needs no legend: the title says what it is. */
void part_legend(struct buffer *out, const struct series *series, size_t count)
{
    if (count < 2)
        return;
    html_add(out, "<ul class=\"legend\">");
    for (size_t i = 0; i < count; i++) {
        html_add(out, "<li><span class=\"key s%zu\"></span>", i);
        html_element(out, "span", NULL, series[i].name);
        html_add(out, "</li>");
    }
    html_add(out, "</ul>\n");
}

void part_svg(struct buffer *out, const struct part_frame *frame)
{
    html_add(out,
             "<svg role=\"img\" aria-labelledby=\"%s-t %s-d\" height=\"%u\" "
             "style=\"margin:%upx %upx %upx %upx;width:calc(100%% - %upx)\">"
             "<title id=\"%s-t\">",
             frame->id, frame->id, frame->height, frame->above, frame->right,
             frame->below, frame->left, frame->left + frame->right, frame->id);
    html_text(out, frame->title);
    html_add(out, "</title><desc id=\"%s-d\">", frame->id);
    html_text(out, frame->summary);
    html_add(out, "</desc>\n");
}

static void tick_label(struct buffer *out, const struct tick *tick, const char *class,
                       unsigned right)
{
    bool cramped = tick->at > 0.93 && right < LABEL_HALF;
    const char *anchor = cramped ? "end" : "middle";
    html_add(out,
             "<text class=\"tick %s\" x=\"%.2f%%\" y=\"100%%\" dy=\"16\" "
             "text-anchor=\"%s\">",
             class, tick->at * 100, anchor);
    html_text(out, tick->label);
    html_add(out, "</text>\n");
}

void part_ticks_across(struct buffer *out, const struct ticks *ticks, unsigned right)
{
    for (size_t i = 0; i < ticks->count; i++) {
        const struct tick *tick = &ticks->list[i];
        const char *class = tick->few && tick->many ? "" : tick->few ? "narrow" : "wide";
        html_add(out,
                 "<line class=\"grid %s\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"0\" "
                 "y2=\"100%%\"/>",
                 class, tick->at * 100, tick->at * 100);
        tick_label(out, tick, class, right);
    }
}

static void table_row(struct buffer *out, const struct part_table *table, size_t row,
                      const char *name)
{
    char text[CHART_LABEL_SIZE];
    html_add(out, "<tr>");
    html_add(out, "<th scope=\"row\">");
    html_text(out, name);
    html_add(out, "</th>");
    for (size_t i = 0; i < table->count; i++)
        html_element(out, "td", "figure",
                     chart_value(table->unit, table->series[i].values[row], text));
    html_add(out, "</tr>\n");
}

void part_table_add(struct buffer *out, const struct part_table *table, part_name *name,
                    const void *context)
{
    char label[CHART_LABEL_SIZE];
    html_add(out, "<details><summary>The same as a table</summary>"
                  "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"");
    html_text(out, table->title);
    html_add(out, "\">\n<table>");
    html_element(out, "caption", NULL, table->title);
    html_add(out, "<thead><tr><th scope=\"col\">%s</th>", table->first);
    for (size_t i = 0; i < table->count; i++) {
        html_add(out, "<th scope=\"col\" class=\"figure\">");
        html_text(out, table->series[i].name);
        html_add(out, "</th>");
    }
    html_add(out, "</tr></thead>\n<tbody>\n");
    for (size_t row = 0; row < table->rows; row++)
        table_row(out, table, row, name(context, row, label));
    html_add(out, "</tbody></table></div></details>\n");
}

char *chart_value(enum scale_unit unit, double value, char text[CHART_LABEL_SIZE])
{
    if (value < 0)
        snprintf(text, CHART_LABEL_SIZE, "-");
    else if (unit == UNIT_PERCENT)
        snprintf(text, CHART_LABEL_SIZE, "%.1f %%", value);
    else if (unit == UNIT_COUNT)
        print_count(value < 1.8e19 ? (uint64_t)value : UINT64_MAX, text);
    else if (unit == UNIT_BYTES)
        print_size(value < 1.8e19 ? (uint64_t)value : UINT64_MAX, text);
    else if (unit == UNIT_MONEY && value < 9e6)
        print_money((int64_t)(value * 1e12 + 0.5), text);
    else
        scale_label(unit, value, text);
    return text;
}

/* Pixels of a character in the widest of the usual fonts. */
static unsigned width_of(struct span bytes, size_t length)
{
    if (length != 1)
        return 13;
    if (strchr("mwMW@%", *bytes.at))
        return 13;
    return strchr("fijlrt.,:;!|'()[]-/ I", *bytes.at) ? 6 : 9;
}

/* How many bytes of |text| from its start fit into |pixels|; whole characters. */
static size_t bytes_in(struct span text, unsigned pixels)
{
    size_t at = 0;
    while (at < text.size) {
        struct span rest = span_skip(text, at);
        size_t length = print_utf8_length(rest);
        unsigned width = width_of(rest, length);
        if (width > pixels)
            break;
        pixels -= width;
        at += length ? length : 1;
    }
    return at;
}

/* Where the last characters that fit into |pixels| begin. */
static size_t tail_in(struct span text, unsigned pixels)
{
    size_t from = 0;
    while (from < text.size &&
           bytes_in(span_skip(text, from), pixels) < text.size - from) {
        size_t length = print_utf8_length(span_skip(text, from));
        from += length ? length : 1;
    }
    return from;
}

char *chart_cut(const char *text, unsigned pixels)
{
    struct span all = span_text(text);
    if (bytes_in(all, pixels) == all.size)
        return print_memory("%s", text);
    size_t head = bytes_in(all, pixels * 2 / 3 - 12);
    size_t tail = tail_in(all, pixels / 3);
    return print_memory("%.*s\xe2\x80\xa6%s", (int)head, text, text + tail);
}
