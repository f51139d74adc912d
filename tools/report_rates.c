/* SPDX-License-Identifier: MIT */
/* The hit rate over time, layer by layer. */
#include "report.h"

#include "chart.h"
#include "print.h"
#include "verdict.h"

#include <stdlib.h>

/* Layers that nobody has used say nothing. */
static bool is_shown(const struct report *report, unsigned layer)
{
    return verdict_is_layer(layer) &&
           (layer == LAYER_EXACT || report->all.layers[layer].lookups);
}

/* "exact layer: 66.7 % of 1,234 look-ups. A point stands for a day." */
static void summary_of(const struct report *report, char *text, size_t size)
{
    char unit[TIMELINE_LABEL_SIZE], rate[32], count[32];
    size_t length = 0;
    for (unsigned layer = 0; layer < FIGURES_LAYERS; layer++) {
        const struct layer_figures *figures = &report->all.layers[layer];
        if (is_shown(report, layer))
            length += (size_t)snprintf(text + length, size - length,
                                       "%s layer: %s of %s look-ups. ",
                                       verdict_layer_name(layer),
                                       print_rate(figures->hits, figures->lookups, rate),
                                       print_count(figures->lookups, count));
    }
    snprintf(text + length, size - length, "A point stands for %s.",
             timeline_unit(&report->time, unit));
}

static void rates_of(const struct report *report, unsigned layer, double *values)
{
    for (size_t slot = 0; slot < report->time.count; slot++) {
        const struct layer_figures *figures = &report->slots[slot].layers[layer];
        values[slot] = figures->lookups
                           ? 100 * (double)figures->hits / (double)figures->lookups
                           : CHART_NOTHING;
    }
}

void report_rates(struct buffer *out, const struct report *report)
{
    double(*values)[TIMELINE_SLOTS] = print_grown(NULL, FIGURES_LAYERS * sizeof(*values));
    char summary[256];
    struct chart chart = {.id = "rates",
                          .title = "Hit rate",
                          .summary = summary,
                          .axis = "look-ups answered, %",
                          .across = "time, UTC",
                          .kind = CHART_LINES,
                          .unit = UNIT_PERCENT,
                          .most = 100,
                          .slots = report->time.count,
                          .label = report_slot_label,
                          .context = &report->time};
    summary_of(report, summary, sizeof(summary));
    for (unsigned layer = 0; layer < FIGURES_LAYERS; layer++) {
        if (!is_shown(report, layer))
            continue;
        rates_of(report, layer, values[layer]);
        chart.series[chart.count++] =
            (struct series){verdict_layer_name(layer), values[layer]};
    }
    timeline_ticks(&report->time, &chart.ticks);
    chart_draw(out, &chart);
    free(values);
}
