/* SPDX-License-Identifier: MIT */
/* Money saved and spent, model by model. */
#include "report.h"

#include "chart.h"
#include "html.h"
#include "print.h"

#include <stdlib.h>

#define SHOWN 12

static uint64_t saved_by(const struct group *group)
{
    struct worth saved = {0};
    uint64_t saved_us = 0;
    figures_saved(&group->figures, &saved, &saved_us);
    return saved.money;
}

static uint64_t weight(const struct group *group)
{
    return figures_sum(saved_by(group), group->figures.spent.money);
}

/* The dearest first; then by name, so that two reports of the same journal are equal. */
static int dearest_first(const void *left, const void *right)
{
    const struct group *a = *(struct group *const *)left;
    const struct group *b = *(struct group *const *)right;
    if (weight(a) != weight(b))
        return weight(a) < weight(b) ? 1 : -1;
    return strcmp(a->name, b->name);
}

/* Those whose money is known. To be freed. */
static const struct group **priced_models(const struct report *report, size_t *count)
{
    const struct groups *models = &report->models;
    const struct group **list =
        print_grown(NULL, (models->count + 1) * sizeof(const struct group *));
    *count = 0;
    for (size_t i = 0; i < models->count; i++)
        if (weight(models->all[i]) > 0)
            list[(*count)++] = models->all[i];
    qsort(list, *count, sizeof(const struct group *), dearest_first);
    return list;
}

static const char *name_of(const void *context, size_t row)
{
    const struct group *const *list = context;
    return report_model(list[row]->name);
}

static void summary_of(const struct report *report, size_t count, char *text, size_t size)
{
    char saved_text[REPORT_DOLLARS_SIZE], spent_text[REPORT_DOLLARS_SIZE];
    struct worth saved = {0};
    uint64_t saved_us = 0;
    figures_saved(&report->all, &saved, &saved_us);
    snprintf(text, size,
             "Answers from the store saved %s, the providers were paid %s, by list "
             "prices.%s",
             report_dollars(saved.money, saved_text),
             report_dollars(report->all.spent.money, spent_text),
             count > SHOWN ? " The dearest models are drawn, the table has all." : "");
}

static void draw(struct buffer *out, const struct report *report,
                 const struct group **list, size_t count)
{
    char summary[256];
    double *saved = print_grown(NULL, count * sizeof(*saved));
    double *spent = print_grown(NULL, count * sizeof(*spent));
    for (size_t i = 0; i < count; i++) {
        saved[i] = (double)saved_by(list[i]) / 1e12;
        spent[i] = (double)list[i]->figures.spent.money / 1e12;
    }
    summary_of(report, count, summary, sizeof(summary));
    struct bars bars = {.id = "money",
                        .title = "Money by model",
                        .summary = summary,
                        .across = "US dollars",
                        .unit = UNIT_MONEY,
                        .rows = count,
                        .name = name_of,
                        .context = list,
                        .count = 2,
                        .series = {{"saved", saved}, {"spent", spent}}};
    bars_draw(out, &bars, SHOWN);
    free(saved);
    free(spent);
}

void report_money(struct buffer *out, const struct report *report)
{
    size_t count;
    const struct group **list = priced_models(report, &count);
    if (count)
        draw(out, report, list, count);
    else
        html_add(out,
                 "<figure id=\"money\"><h2>Money by model</h2><p class=\"none\">No "
                 "call has told tokens of a model whose price is known.</p></figure>\n");
    free(list);
}
