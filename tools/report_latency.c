/* SPDX-License-Identifier: MIT */
/* How long programs waited: hits and misses as distributions, and their percentiles. */
#include "report.h"

#include "chart.h"
#include "html.h"
#include "print.h"

#include <stdlib.h>

static const char *const answer_names[] = {"hits", "misses"};

/* The buckets that a figure shows: |first| up to |first| + |count|. */
struct range {
    size_t first, count;
};

/* Where a bucket begins, in seconds: two for every doubling, bucket 1 at a microsecond. */
static double start_of(size_t bucket)
{
    double root = bucket % 2 ? 1e-6 : 1e-6 * 1.4142135623730951;
    if (bucket == 0)
        return root / 2;
    return root * (double)(UINT64_C(1) << (bucket - 1) / 2);
}

/* The same as a binary logarithm of microseconds. */
static double log_start_of(size_t bucket)
{
    return ((double)bucket - 1) / 2;
}

/* Of some calls. */
static struct range range_of(const uint64_t *const times[2])
{
    size_t first = SUMS_BUCKETS, last = 0;
    for (size_t i = 0; i < SUMS_BUCKETS; i++) {
        if (!times[0][i] && !times[1][i])
            continue;
        first = i < first ? i : first;
        last = i;
    }
    first = first > 2 ? first - 2 : 0; /* so that a power of ten is on the axis */
    last = last + 3 < SUMS_BUCKETS ? last + 3 : SUMS_BUCKETS - 1;
    while (last - first < 8 && last + 1 < SUMS_BUCKETS)
        last++;
    return (struct range){first, last + 1 - first};
}

static char *bucket_label(const void *context, size_t slot, char label[CHART_LABEL_SIZE])
{
    const struct range *range = context;
    char from[SCALE_LABEL_SIZE], until[SCALE_LABEL_SIZE];
    size_t bucket = range->first + slot;
    scale_label(UNIT_SECONDS, start_of(bucket), from);
    scale_label(UNIT_SECONDS, start_of(bucket + 1), until);
    if (bucket >= SUMS_BUCKETS - 1)
        snprintf(label, CHART_LABEL_SIZE, "%s or more", from);
    else if (bucket < 1)
        snprintf(label, CHART_LABEL_SIZE, "up to %s", until);
    else
        snprintf(label, CHART_LABEL_SIZE, "%s to %s", from, until);
    return label;
}

static uint64_t sum_of(const uint64_t counts[SUMS_BUCKETS])
{
    uint64_t sum = 0;
    for (size_t i = 0; i < SUMS_BUCKETS; i++)
        sum += counts[i];
    return sum;
}

/* Below which |share| of the calls are, in seconds. Within a bucket they are taken to lie
 * evenly. */
static double percentile(const uint64_t counts[SUMS_BUCKETS], double share)
{
    double wanted = share * (double)sum_of(counts), below = 0;
    for (size_t i = 0; i < SUMS_BUCKETS; i++) {
        if (counts[i] && below + (double)counts[i] >= wanted)
            return start_of(i) +
                   (start_of(i + 1) - start_of(i)) * (wanted - below) / (double)counts[i];
        below += (double)counts[i];
    }
    return 0;
}

static void values_of(const uint64_t counts[SUMS_BUCKETS], struct range range,
                      double *values)
{
    double sum = (double)sum_of(counts);
    for (size_t i = 0; i < range.count; i++)
        values[i] = sum > 0 ? 100 * (double)counts[range.first + i] / sum : CHART_NOTHING;
}

/* "Half of the hits within 80 us, half of the misses within 1.2 s." */
static void summary_of(const uint64_t *const times[2], char *text, size_t size)
{
    char label[SCALE_LABEL_SIZE];
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < 2; i++) {
        if (!sum_of(times[i]))
            continue;
        scale_label(UNIT_SECONDS, percentile(times[i], 0.5), label);
        length += (size_t)snprintf(text + length, size - length, "%s of the %s within %s",
                                   length ? ", half" : "Half", answer_names[i], label);
    }
    snprintf(text + length, size - length, ".");
}

static void draw(struct buffer *out, const char *id, const char *title,
                 const char *across, const uint64_t *const times[2])
{
    double(*values)[SUMS_BUCKETS] = print_grown(NULL, 2 * sizeof(*values));
    char summary[192];
    struct range range = range_of(times);
    summary_of(times, summary, sizeof(summary));
    struct chart chart = {.id = id,
                          .title = title,
                          .summary = summary,
                          .axis = "share of the calls, %",
                          .across = across,
                          .kind = CHART_BESIDE,
                          .unit = UNIT_PERCENT,
                          .slots = range.count,
                          .label = bucket_label,
                          .context = &range,
                          .count = 2};
    for (size_t i = 0; i < 2; i++) {
        values_of(times[i], range, values[i]);
        chart.series[i] = (struct series){answer_names[i], values[i]};
    }
    scale_decades(log_start_of(range.first), log_start_of(range.first + range.count),
                  &chart.ticks);
    chart_draw(out, &chart);
    free(values);
}

static void percentile_row(struct buffer *out, const char *what, const char *answer,
                           const uint64_t counts[SUMS_BUCKETS])
{
    static const double shares[] = {0.5, 0.9, 0.99};
    char text[SCALE_LABEL_SIZE], count[32];
    if (!sum_of(counts))
        return;
    html_add(out, "<tr><th scope=\"row\">%s, %s</th>", answer, what);
    html_element(out, "td", "figure", print_count(sum_of(counts), count));
    for (size_t i = 0; i < 3; i++)
        html_element(out, "td", "figure",
                     scale_label(UNIT_SECONDS, percentile(counts, shares[i]), text));
    html_add(out, "</tr>\n");
}

static void percentiles(struct buffer *out, const struct figures *figures)
{
    html_add(
        out,
        "<figure id=\"percentiles\" class=\"whole\"><h2>Percentiles of the waiting</h2>"
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
        "aria-label=\"Percentiles\"><table><caption>Within a fifth of what was "
        "measured</caption><thead><tr><th scope=\"col\">answers</th>"
        "<th scope=\"col\" class=\"figure\">calls</th>"
        "<th scope=\"col\" class=\"figure\">50 %%</th>"
        "<th scope=\"col\" class=\"figure\">90 %%</th>"
        "<th scope=\"col\" class=\"figure\">99 %%</th></tr></thead>\n<tbody>\n");
    percentile_row(out, "first byte", "hits", figures->served.first_bytes);
    percentile_row(out, "last byte", "hits", figures->served.last_bytes);
    percentile_row(out, "first byte", "misses", figures->asked.first_bytes);
    percentile_row(out, "last byte", "misses", figures->asked.last_bytes);
    html_add(out, "</tbody></table></div></figure>\n");
}

void report_latency(struct buffer *out, const struct report *report)
{
    const struct figures *all = &report->all;
    const uint64_t *const first[2] = {all->served.first_bytes, all->asked.first_bytes};
    const uint64_t *const last[2] = {all->served.last_bytes, all->asked.last_bytes};
    if (!all->served.calls && !all->asked.calls) {
        html_add(out,
                 "<figure id=\"first\"><h2>Waiting</h2><p class=\"none\">No call was "
                 "looked up.</p></figure>\n");
        return;
    }
    draw(out, "first", "Waiting for the first byte", "time, logarithmic", first);
    draw(out, "last", "Waiting for the last byte", "time, logarithmic", last);
    percentiles(out, all);
}
