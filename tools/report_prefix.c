/* SPDX-License-Identifier: MIT */
/* The provider's own prefix cache: how much of the input it had, by model and day. */
#include "report.h"

#include "cards.h"
#include "chart.h"
#include "html.h"
#include "print.h"

#include <stdlib.h>

#define SHOWN 25                 /* models in the table */
#define NAMED (CHART_SERIES - 1) /* the last series is all the others */

static uint64_t cached(const struct group *group)
{
    return group->figures.spent.tokens.cached;
}

static int most_cached_first(const void *left, const void *right)
{
    const struct group *a = *(struct group *const *)left;
    const struct group *b = *(struct group *const *)right;
    if (cached(a) != cached(b))
        return cached(a) < cached(b) ? 1 : -1;
    return strcmp(a->name, b->name);
}

/* Models that had something read from the provider's cache, or written into it. To be freed. */
static const struct group **cached_models(const struct report *report, size_t *count)
{
    const struct groups *models = &report->models;
    const struct group **list =
        print_grown(NULL, (models->count + 1) * sizeof(const struct group *));
    *count = 0;
    for (size_t i = 0; i < models->count; i++)
        if (cached(models->all[i]) || models->all[i]->figures.spent.tokens.cache_write)
            list[(*count)++] = models->all[i];
    qsort(list, *count, sizeof(const struct group *), most_cached_first);
    return list;
}

/* Which series |model| belongs to; |count| of the models have one of their own. */
static size_t series_of(const struct group **list, size_t count, const char *model)
{
    size_t series = 0;
    while (series < count && strcmp(list[series]->name, model) != 0)
        series++;
    return series;
}

static void fill(struct chart *chart, const struct report *report,
                 const struct group **list, size_t count,
                 double (*values)[TIMELINE_SLOTS])
{
    size_t named = count > CHART_SERIES ? NAMED : count;
    for (size_t i = 0; i < sums_count(report->sums); i++) {
        const struct sums_row *row = sums_at(report->sums, i);
        size_t slot = timeline_slot(&report->time, row->key.hour);
        bool asked = row->key.verdict != VERDICT_HIT && row->key.verdict != VERDICT_STALE;
        if (asked && !row->key.tag[0] && row->tokens_cached && slot < report->time.count)
            values[series_of(list, named, row->key.model)][slot] +=
                (double)row->tokens_cached;
    }
    for (size_t i = 0; i < named; i++)
        chart->series[i] = (struct series){report_model(list[i]->name), values[i]};
    chart->count = named;
    if (named < count)
        chart->series[chart->count++] = (struct series){"all others", values[named]};
}

static void draw(struct buffer *out, const struct report *report,
                 const struct group **list, size_t count, const char *summary)
{
    size_t size = (CHART_SERIES + 1) * sizeof(double[TIMELINE_SLOTS]);
    double(*values)[TIMELINE_SLOTS] = print_grown(NULL, size);
    memset(values, 0, size);
    struct chart chart = {.id = "prefix",
                          .title = "The providers' prefix cache",
                          .summary = summary,
                          .axis = "input from it, tokens",
                          .across = "time, UTC",
                          .kind = CHART_STACKS,
                          .unit = UNIT_COUNT,
                          .slots = report->time.count,
                          .label = report_slot_label,
                          .context = &report->time};
    fill(&chart, report, list, count, values);
    timeline_ticks(&report->time, &chart.ticks);
    chart_draw(out, &chart);
    free(values);
}

static void model_row(struct buffer *out, const struct group *group)
{
    char text[32];
    const struct worth *spent = &group->figures.spent;
    const struct price_tokens *tokens = &spent->tokens;
    cards_row(out);
    cards_cell(out, "model", "name", report_model(group->name));
    cards_cell(out, "input tokens", "figure", print_count(tokens->in, text));
    cards_cell(out, "from its cache", "figure", print_count(tokens->cached, text));
    cards_cell(out, "share", "figure", print_rate(tokens->cached, tokens->in, text));
    cards_cell(out, "written into it", "figure", print_count(tokens->cache_write, text));
    cards_cell(out, "money saved", "figure",
               spent->unpriced_calls ? "no price"
                                     : print_money(group->figures.prefix_saved, text));
    cards_row_end(out);
}

static void table(struct buffer *out, const struct group **list, size_t count)
{
    static const struct cards cards = {
        "Input of the calls that went to the providers; money: "
        "reads less the surcharge for writes",
        {"model", "input tokens", "from its cache", "share", "written into it",
         "money saved"},
        6,
        1,
        6};
    html_add(out, "<figure id=\"prefixes\"><h2>The prefix cache by model</h2>\n");
    cards_begin(out, &cards);
    for (size_t i = 0; i < count && i < SHOWN; i++)
        model_row(out, list[i]);
    cards_end(out);
    if (count > SHOWN)
        html_add(out, "<p class=\"none\">And %zu models with less.</p>\n", count - SHOWN);
    html_add(out, "</figure>\n");
}

static void summary_of(const struct report *report, char *text, size_t size)
{
    char unit[TIMELINE_LABEL_SIZE], rate[32], money[32];
    const struct price_tokens *tokens = &report->all.spent.tokens;
    snprintf(text, size,
             "Of the input that went to the providers they had %s in their own caches, "
             "which saved %s. A bar stands for %s.",
             print_rate(tokens->cached, tokens->in, rate),
             print_money(report->all.prefix_saved, money),
             timeline_unit(&report->time, unit));
}

void report_prefix(struct buffer *out, const struct report *report)
{
    char summary[224];
    size_t count;
    const struct group **list = cached_models(report, &count);
    summary_of(report, summary, sizeof(summary));
    if (count) {
        draw(out, report, list, count, summary);
        table(out, list, count);
    } else {
        html_add(out, "<figure id=\"prefix\"><h2>The providers' prefix cache</h2><p "
                      "class=\"none\">No answer has told of one.</p></figure>\n");
    }
    free(list);
}
