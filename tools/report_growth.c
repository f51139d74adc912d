/* SPDX-License-Identifier: MIT */
/* How large the store was, and what had to go. */
#include "report.h"

#include "chart.h"
#include "html.h"
#include "print.h"

#include <stdlib.h>

#define DAY 24u

/* A figure for each slot of |time|. */
struct growth {
    struct timeline time;
    double bytes[TIMELINE_SLOTS];
    double evicted[TIMELINE_SLOTS], asked_again[TIMELINE_SLOTS];
};

/* Without a merge nothing is known of a day: what was known before still holds. */
static void read_days(const struct report *report, struct growth *out)
{
    const struct history_day *first = report->days, *last = first + report->day_count - 1;
    out->time = timeline_of(first->day * DAY, last->day * DAY + DAY - 1, DAY);
    for (size_t slot = 0; slot < TIMELINE_SLOTS; slot++)
        out->bytes[slot] = CHART_NOTHING;
    for (const struct history_day *day = first; day <= last; day++) {
        size_t slot = timeline_slot(&out->time, day->day * DAY);
        if (slot >= out->time.count)
            continue;
        out->bytes[slot] = (double)day->bytes;
        out->evicted[slot] += (double)day->evicted;
        out->asked_again[slot] += (double)day->asked_again;
    }
    for (size_t slot = 1; slot < out->time.count; slot++)
        if (out->bytes[slot] < 0)
            out->bytes[slot] = out->bytes[slot - 1];
}

static struct chart chart_for(const struct growth *growth, const char *id,
                              const char *title, const char *summary)
{
    struct chart chart = {.id = id,
                          .title = title,
                          .summary = summary,
                          .across = "time, UTC",
                          .slots = growth->time.count,
                          .label = report_slot_label,
                          .context = &growth->time};
    timeline_ticks(&growth->time, &chart.ticks);
    return chart;
}

static void draw_size(struct buffer *out, const struct report *report,
                      const struct growth *growth)
{
    char summary[160], size[32], entries[32];
    const struct history_day *last = &report->days[report->day_count - 1];
    snprintf(
        summary, sizeof(summary),
        "In the end %s entries and %s on disk: database, recordings to be merged and "
        "journal.",
        print_count(last->entries, entries), print_size(last->bytes, size));
    struct chart chart = chart_for(growth, "size", "Size of the store", summary);
    chart.axis = "on disk, bytes";
    chart.kind = CHART_LINES;
    chart.unit = UNIT_BYTES;
    chart.count = 1;
    chart.series[0] = (struct series){"on disk", growth->bytes};
    chart_draw(out, &chart);
}

static void draw_evictions(struct buffer *out, const struct report *report,
                           const struct growth *growth)
{
    char summary[160], evicted_text[32], again_text[32], unit[TIMELINE_LABEL_SIZE];
    uint64_t evicted = 0, again = 0;
    for (size_t i = 0; i < report->day_count; i++) {
        evicted += report->days[i].evicted;
        again += report->days[i].asked_again;
    }
    snprintf(
        summary, sizeof(summary),
        "%s entries had to go for the size limits, %s of them were asked for again. A "
        "pair of bars stands for %s.",
        print_count(evicted, evicted_text), print_count(again, again_text),
        timeline_unit(&growth->time, unit));
    struct chart chart = chart_for(growth, "evictions", "Evictions", summary);
    chart.axis = "entries";
    chart.kind = CHART_BESIDE;
    chart.unit = UNIT_COUNT;
    chart.count = 2;
    chart.series[0] = (struct series){"evicted", growth->evicted};
    chart.series[1] = (struct series){"asked for again", growth->asked_again};
    chart_draw(out, &chart);
}

void report_growth(struct buffer *out, const struct report *report)
{
    if (!report->day_count) {
        html_add(
            out,
            "<figure id=\"size\"><h2>Size of the store</h2><p class=\"none\">Nothing "
            "has been merged into the store.</p></figure>\n");
        return;
    }
    struct growth *growth = print_grown(NULL, sizeof(*growth));
    memset(growth, 0, sizeof(*growth));
    read_days(report, growth);
    draw_size(out, report, growth);
    draw_evictions(out, report, growth);
    free(growth);
}
