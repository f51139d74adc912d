/* SPDX-License-Identifier: MIT */
/* The page's head: the sums, and what they leave out. */
#include "report.h"

#include "html.h"
#include "print.h"

#include <inttypes.h>

#define NAMED 8 /* models without a price that are named */

static void tile(struct buffer *out, const char *name, const char *figure,
                 const char *more)
{
    html_add(out, "<div>");
    html_element(out, "dt", NULL, name);
    html_element(out, "dd", "figure", figure);
    if (more)
        html_element(out, "dd", "more", more);
    html_add(out, "</div>\n");
}

static uint64_t lookups_of(const struct report_figures *figures)
{
    uint64_t sum = 0;
    for (size_t slot = 0; slot < figures->time.count; slot++)
        sum += figures->lookups[0][slot];
    return sum;
}

static void call_tiles(struct buffer *out, const struct report_figures *figures)
{
    char calls[32], hits[32], rate[32], bypassed[32], time[32], more[96];
    print_count(figures->bypassed, bypassed);
    snprintf(more, sizeof(more), "%s of them not looked up", bypassed);
    tile(out, "calls", print_count(figures->calls, calls), more);
    uint64_t lookups = lookups_of(figures);
    snprintf(more, sizeof(more), "%s of the look-ups",
             print_rate(figures->hits, lookups, rate));
    tile(out, "answered from the store", print_count(figures->hits, hits),
         lookups ? more : NULL);
    tile(out, "waiting saved", print_duration((double)figures->saved_us / 1e6, time),
         NULL);
}

/* |part| of |all| dollars rests on estimated tokens. */
static const char *estimated_text(uint64_t part, uint64_t all, char text[96])
{
    char rate[32];
    if (!part || !all)
        return NULL;
    snprintf(text, 96, "%s of it estimated", print_rate(part, all, rate));
    return text;
}

static char *money_text(uint64_t pico, char *text)
{
    return print_money(pico > INT64_MAX ? INT64_MAX : (int64_t)pico, text);
}

static void money_tiles(struct buffer *out, const struct report_figures *figures)
{
    char tokens[32], more[96], text[32];
    tile(out, "tokens saved", print_count(figures->tokens_saved, tokens), NULL);
    tile(out, "money saved", money_text(figures->saved, text),
         estimated_text(figures->saved_estimated, figures->saved, more));
    tile(out, "money spent", money_text(figures->spent, text),
         estimated_text(figures->spent_estimated, figures->spent, more));
}

static void unpriced_note(struct buffer *out, const struct report_figures *figures)
{
    char tokens[32];
    size_t named = 0, all = 0;
    html_add(out, "<li>No price is known for ");
    for (const struct report_model *model = figures->models; model; model = model->hh.next)
        if (model->unpriced && all++ < NAMED) {
            html_add(out, named++ ? ", " : "");
            html_element(out, "b", NULL, model->name[0] ? model->name : "(no model named)");
        }
    if (all > NAMED)
        html_add(out, " and %zu more", all - NAMED);
    html_add(out, ": %s tokens are counted, but not priced.</li>\n",
             print_count(figures->tokens_unpriced, tokens));
}

static void notes(struct buffer *out, const struct report_figures *figures)
{
    char text[32], rate[32];
    uint64_t tokens = figures->tokens_saved + figures->tokens_spent;
    html_add(out, "<ul class=\"notes\">\n");
    if (figures->tokens_estimated)
        html_add(out,
                 "<li>%s of the tokens are an estimate: their answers did not say how many "
                 "there were.</li>\n",
                 print_rate(figures->tokens_estimated, tokens, rate));
    if (figures->tokens_unpriced)
        unpriced_note(out, figures);
    if (figures->untold)
        html_add(out, "<li>Of %s answers nobody knows the tokens.</li>\n",
                 print_count(figures->untold, text));
    if (figures->stale)
        html_add(out,
                 "<li>%s expired answers were served because the provider failed; they "
                 "count as misses.</li>\n",
                 print_count(figures->stale, text));
    if (figures->observed)
        html_add(out, "<li>%s calls were only observed (mode observe).</li>\n",
                 print_count(figures->observed, text));
    html_add(out, "<li>Prices as of %s, and your own where you have some.</li></ul>\n",
             prices_date());
}

void report_head(struct buffer *out, const struct report_figures *figures)
{
    html_add(out, "<dl class=\"tiles\">\n");
    call_tiles(out, figures);
    money_tiles(out, figures);
    html_add(out, "</dl>\n");
    notes(out, figures);
}
