/* SPDX-License-Identifier: MIT */
/* The provider's own prefix cache: how much of the input it had, by model and day. */
#include "report.h"

#include "chart.h"
#include "html.h"
#include "print.h"

#include <stdlib.h>

#define NAMED (CHART_SERIES - 1) /* the last series is all the others */

static int most_cached_first(const void *left, const void *right)
{
    const struct report_model *a = *(struct report_model *const *)left;
    const struct report_model *b = *(struct report_model *const *)right;
    if (a->tokens_cached != b->tokens_cached)
        return a->tokens_cached < b->tokens_cached ? 1 : -1;
    return strcmp(a->name, b->name);
}

/* Models that had something read from the provider's cache, or written into it. */
static size_t cached_models(const struct report_figures *figures,
                            const struct report_model ***out)
{
    size_t count = 0;
    *out =
        print_grown(NULL, (figures->model_count + 1) * sizeof(const struct report_model *));
    for (const struct report_model *model = figures->models; model; model = model->hh.next)
        if (model->tokens_cached || model->tokens_written)
            (*out)[count++] = model;
    qsort(*out, count, sizeof(const struct report_model *), most_cached_first);
    return count;
}

static const char *name_of(const struct report_model *model)
{
    return model->name[0] ? model->name : "(no model named)";
}

static void fill(struct chart *chart, const struct report_model **list, size_t count,
                 double (*values)[TIMELINE_SLOTS])
{
    chart->count = count < CHART_SERIES ? count : CHART_SERIES;
    for (size_t i = 0; i < count; i++) {
        size_t series = i < NAMED ? i : NAMED;
        for (size_t slot = 0; slot < chart->slots; slot++)
            values[series][slot] += (double)list[i]->slot_cached[slot];
        bool alone = i < NAMED || count == CHART_SERIES;
        chart->series[series] =
            (struct series){alone ? name_of(list[i]) : "all others", values[series]};
    }
}

static void draw(struct buffer *out, const struct report_figures *figures,
                 const struct report_model **list, size_t count, const char *summary)
{
    double(*values)[TIMELINE_SLOTS] = print_grown(NULL, CHART_SERIES * sizeof(*values));
    memset(values, 0, CHART_SERIES * sizeof(*values));
    struct chart chart = {.id = "prefix",
                          .title = "The providers' prefix cache",
                          .summary = summary,
                          .axis = "input from it, tokens",
                          .across = "time, UTC",
                          .kind = CHART_STACKS,
                          .unit = UNIT_COUNT,
                          .slots = figures->time.count,
                          .label = report_slot_label,
                          .context = &figures->time};
    fill(&chart, list, count, values);
    timeline_ticks(&figures->time, &chart.ticks);
    chart_draw(out, &chart);
    free(values);
}

static void model_row(struct buffer *out, const struct report_model *model)
{
    char text[32];
    html_add(out, "<tr>");
    html_add(out, "<th scope=\"row\">");
    html_text(out, name_of(model));
    html_add(out, "</th>");
    html_element(out, "td", "figure", print_count(model->tokens_in, text));
    html_element(out, "td", "figure", print_count(model->tokens_cached, text));
    html_element(out, "td", "figure",
                 print_rate(model->tokens_cached, model->tokens_in, text));
    html_element(out, "td", "figure", print_count(model->tokens_written, text));
    html_element(out, "td", "figure",
                 model->unpriced ? "no price" : print_money(model->prefix_saved, text));
    html_add(out, "</tr>\n");
}

static void table(struct buffer *out, const struct report_model **list, size_t count)
{
    static const char *const heads[] = {"input tokens", "from its cache", "share",
                                        "written into it", "money saved"};
    html_add(out,
             "<figure id=\"prefixes\"><h2>The prefix cache by model</h2><div "
             "class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Prefix cache\">"
             "<table><caption>Input of the calls that went to the providers; money: reads "
             "less the surcharge for writes</caption><thead><tr><th "
             "scope=\"col\">model</th>");
    for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
        html_add(out, "<th scope=\"col\" class=\"figure\">%s</th>", heads[i]);
    html_add(out, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < count; i++)
        model_row(out, list[i]);
    html_add(out, "</tbody></table></div></figure>\n");
}

static void summary_of(const struct report_figures *figures, char *text, size_t size)
{
    char unit[TIMELINE_LABEL_SIZE], rate[32], money[32];
    uint64_t in = 0, cached = 0;
    int64_t saved = 0;
    for (const struct report_model *model = figures->models; model;
         model = model->hh.next) {
        in += model->tokens_in;
        cached += model->tokens_cached;
        saved += model->prefix_saved;
    }
    snprintf(text, size,
             "Of the input that went to the providers they had %s in their own caches, "
             "which saved %s. A bar stands for %s.",
             print_rate(cached, in, rate), print_money(saved, money),
             timeline_unit(&figures->time, unit));
}

void report_prefix(struct buffer *out, const struct report_figures *figures)
{
    char summary[224];
    const struct report_model **list;
    size_t count = cached_models(figures, &list);
    summary_of(figures, summary, sizeof(summary));
    if (count) {
        draw(out, figures, list, count, summary);
        table(out, list, count);
    } else {
        html_add(out, "<figure id=\"prefix\"><h2>The providers' prefix cache</h2><p "
                      "class=\"none\">No answer has told of one.</p></figure>\n");
    }
    free(list);
}
