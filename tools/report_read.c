/* SPDX-License-Identifier: MIT */
/* Rows of sums, added up to what the report shows. */
#include "report.h"

#include "print.h"

#include <stdlib.h>

static struct timeline time_of(const struct sums *sums)
{
    uint32_t first = UINT32_MAX, last = 0;
    for (size_t i = 0; i < sums_count(sums); i++) {
        uint32_t hour = sums_at(sums, i)->key.hour;
        first = hour < first ? hour : first;
        last = hour > last ? hour : last;
    }
    return timeline_of(first == UINT32_MAX ? 0 : first, last, 1);
}

static void count_unpriced(const struct sums_row *row, struct quote *quote)
{
    if (!figures_unpriced(row, quote))
        return;
    quote->calls += row->calls;
    quote->tokens = figures_sum(quote->tokens, row->tokens_in + row->tokens_out);
}

void report_read(struct report *out, const struct sums *sums, struct quotes *quotes)
{
    out->sums = sums;
    out->quotes = quotes;
    out->time = time_of(sums);
    out->models.by = BY_MODEL;
    for (size_t i = 0; i < sums_count(sums); i++) {
        const struct sums_row *row = sums_at(sums, i);
        if (row->key.tag[0])
            continue;
        struct quote *quote = quote_of(quotes, &row->key);
        size_t slot = timeline_slot(&out->time, row->key.hour);
        count_unpriced(row, quote);
        figures_add(&out->all, row, quote);
        groups_add(&out->models, row, quote);
        if (slot < out->time.count)
            figures_add(&out->slots[slot], row, quote);
    }
}

void report_free(struct report *report)
{
    groups_free(&report->models);
    hot_free(&report->hot);
    prefix_free(&report->prefix);
    free(report->days);
}

char *report_dollars(uint64_t pico, char text[REPORT_DOLLARS_SIZE])
{
    char money[32];
    print_money(pico > INT64_MAX ? INT64_MAX : (int64_t)pico, money);
    snprintf(text, REPORT_DOLLARS_SIZE, "%s%s", pico > INT64_MAX ? "over " : "", money);
    return text;
}

const char *report_model(const char *name)
{
    return name[0] ? name : "(no model named)";
}

char *report_slot_label(const void *timeline, size_t slot, char label[CHART_LABEL_SIZE])
{
    return timeline_label(timeline, slot, label);
}
