/* SPDX-License-Identifier: MIT */
/* How much of their prompts the providers' caches have had, and could have had, by model and
 * tenant: the figures of `preecho prefix`. */
#include "report.h"

#include "cards.h"
#include "html.h"
#include "print.h"
#include "store/files.h"

#define SHOWN        25 /* rows of the table */
#define TENANT_SHOWN 8  /* digits of its identity */

static void tenant_cell(struct buffer *out, const struct prefix_group *group)
{
    char id[2 * TENANT_ID_SIZE + 1];
    hex_encode(group->tenant, TENANT_ID_SIZE, id);
    id[TENANT_SHOWN] = 0;
    cards_cell(out, "tenant", "name", group->label[0] ? group->label : id);
}

static void group_row(struct buffer *out, const struct prefix_group *group)
{
    char text[32];
    cards_row(out);
    cards_cell(out, "model", "name", report_model(group->model));
    tenant_cell(out, group);
    cards_cell(out, "calls", "figure", print_count(group->calls, text));
    cards_cell(out, "input tokens", "figure", print_count(group->tokens_in, text));
    cards_cell(out, "cached", "figure", print_count(group->tokens_cached, text));
    cards_cell(out, "predicted", "figure",
               print_count(group->tokens_forecast[FORECAST_SENT], text));
    cards_cell(out, "possible", "figure", print_count(group->tokens_common, text));
    cards_cell(out, "lost", "figure", print_count(group->tokens_lost, text));
    cards_row_end(out);
}

static size_t groups_with_calls(const struct prefix *prefix)
{
    size_t count = 0;
    for (size_t i = 0; i < prefix->group_count; i++)
        count += prefix->groups[i]->calls > 0;
    return count;
}

void report_reuse(struct buffer *out, const struct prefix *prefix)
{
    static const struct cards cards = {
        "Input as the providers count it; cached: as they have told; predicted: by their "
        "documents; possible: begins as a prompt of the hour before; lost: behind the "
        "first difference from one. 'preecho prefix' says where and why",
        {"model", "tenant", "calls", "input tokens", "cached", "predicted", "possible",
         "lost"},
        8,
        2,
        8};
    size_t shown = 0, count = groups_with_calls(prefix);
    if (!count)
        return;
    html_add(out, "<figure id=\"reuse\"><h2>What prompts have in common</h2>\n");
    cards_begin(out, &cards);
    for (size_t i = 0; i < prefix->group_count && shown < SHOWN; i++)
        if (prefix->groups[i]->calls) {
            group_row(out, prefix->groups[i]);
            shown++;
        }
    cards_end(out);
    if (count > shown)
        html_add(out, "<p class=\"none\">And %zu more.</p>\n", count - shown);
    if (prefix->omitted)
        html_add(out, "<p class=\"none\">Of the latest %zu recorded calls.</p>\n",
                 prefix->latest);
    html_add(out, "</figure>\n");
}
