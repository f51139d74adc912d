/* SPDX-License-Identifier: MIT */
/* The hit rate over time, layer by layer. */
#include "report.h"

#include "chart.h"
#include "print.h"

static const char *const layer_names[REPORT_LAYERS] = {"exact"};

char *report_slot_label(const void *timeline, size_t slot, char label[64])
{
    return timeline_label(timeline, slot, label);
}

/* "exact: 66.7 % of 1,234 look-ups, a point for a day". */
static void summary_of(const struct report_figures *figures, char *text, size_t size)
{
    char unit[TIMELINE_LABEL_SIZE], rate[32], count[32];
    size_t length = 0;
    for (size_t layer = 0; layer < REPORT_LAYERS; layer++) {
        uint64_t lookups = 0, hits = 0;
        for (size_t slot = 0; slot < figures->time.count; slot++) {
            lookups += figures->lookups[layer][slot];
            hits += figures->layer_hits[layer][slot];
        }
        length += (size_t)snprintf(
            text + length, size - length, "%s layer: %s of %s look-ups. ",
            layer_names[layer], print_rate(hits, lookups, rate),
            print_count(lookups, count));
    }
    snprintf(text + length, size - length, "A point stands for %s.",
             timeline_unit(&figures->time, unit));
}

void report_rates(struct buffer *out, const struct report_figures *figures)
{
    double values[REPORT_LAYERS][TIMELINE_SLOTS];
    char summary[192];
    struct chart chart = {.id = "rates",
                          .title = "Hit rate",
                          .summary = summary,
                          .axis = "look-ups answered, %",
                          .across = "time, UTC",
                          .kind = CHART_LINES,
                          .unit = UNIT_PERCENT,
                          .most = 100,
                          .slots = figures->time.count,
                          .label = report_slot_label,
                          .context = &figures->time,
                          .count = REPORT_LAYERS};
    summary_of(figures, summary, sizeof(summary));
    for (size_t layer = 0; layer < REPORT_LAYERS; layer++) {
        for (size_t slot = 0; slot < figures->time.count; slot++) {
            uint64_t lookups = figures->lookups[layer][slot];
            values[layer][slot] =
                lookups ? 100 * (double)figures->layer_hits[layer][slot] / (double)lookups
                        : CHART_NOTHING;
        }
        chart.series[layer] = (struct series){layer_names[layer], values[layer]};
    }
    timeline_ticks(&figures->time, &chart.ticks);
    chart_draw(out, &chart);
}
