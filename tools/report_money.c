/* SPDX-License-Identifier: MIT */
/* Money saved and spent, model by model. */
#include "report.h"

#include "chart.h"
#include "html.h"
#include "print.h"

#include <stdlib.h>

#define SHOWN 12

static uint64_t weight(const struct report_model *model)
{
    return report_sum(model->saved, model->spent);
}

/* The dearest first; then by name, so that two reports of the same journal are equal. */
static int dearest_first(const void *left, const void *right)
{
    const struct report_model *a = *(struct report_model *const *)left;
    const struct report_model *b = *(struct report_model *const *)right;
    if (weight(a) != weight(b))
        return weight(a) < weight(b) ? 1 : -1;
    return strcmp(a->name, b->name);
}

static const struct report_model **sorted(const struct report_figures *figures)
{
    const struct report_model **list =
        print_grown(NULL, (figures->model_count + 1) * sizeof(const struct report_model *));
    size_t count = 0;
    for (const struct report_model *model = figures->models; model; model = model->hh.next)
        list[count++] = model;
    qsort(list, count, sizeof(const struct report_model *), dearest_first);
    return list;
}

static const char *name_of(const void *context, size_t row)
{
    const struct report_model *const *list = context;
    return list[row]->name[0] ? list[row]->name : "(no model named)";
}

static double dollars(const struct report_model *model, uint64_t pico)
{
    return weight(model) == 0 && model->unpriced ? CHART_NOTHING : (double)pico / 1e12;
}

static void summary_of(const struct report_figures *figures, size_t priced, char *text,
                       size_t size)
{
    char saved[32], spent[32];
    print_money(figures->saved > INT64_MAX ? INT64_MAX : (int64_t)figures->saved, saved);
    print_money(figures->spent > INT64_MAX ? INT64_MAX : (int64_t)figures->spent, spent);
    snprintf(text, size,
             "%s were saved by answers from the store, %s were spent at the providers, by "
             "list prices.%s",
             saved, spent,
             priced > SHOWN ? " Of the models only those with the most money are drawn."
                            : "");
}

static void draw(struct buffer *out, const struct report_figures *figures,
                 const struct report_model **list, size_t priced)
{
    char summary[256];
    size_t count = figures->model_count;
    double *saved = print_grown(NULL, count * sizeof(*saved));
    double *spent = print_grown(NULL, count * sizeof(*spent));
    for (size_t i = 0; i < count; i++) {
        saved[i] = dollars(list[i], list[i]->saved);
        spent[i] = dollars(list[i], list[i]->spent);
    }
    summary_of(figures, priced, summary, sizeof(summary));
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
    bars_draw(out, &bars, priced < SHOWN ? priced : SHOWN);
    free(saved);
    free(spent);
}

void report_money(struct buffer *out, const struct report_figures *figures)
{
    const struct report_model **list = sorted(figures);
    size_t priced = 0;
    while (priced < figures->model_count && weight(list[priced]) > 0)
        priced++;
    if (priced)
        draw(out, figures, list, priced);
    else
        html_add(out, "<figure id=\"money\"><h2>Money by model</h2><p class=\"none\">No call "
                      "has told tokens of a model whose price is known.</p></figure>\n");
    free(list);
}
