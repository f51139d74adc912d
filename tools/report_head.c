/* SPDX-License-Identifier: MIT */
/* The page's head: the sums, and what they leave out. */
#include "report.h"

#include "html.h"
#include "print.h"

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

static void call_tiles(struct buffer *out, const struct report *report)
{
    char calls[32], hits[32], rate[32], bypassed[32], time[32], more[96];
    const struct figures *all = &report->all;
    struct worth saved = {0};
    uint64_t saved_us = 0;
    figures_saved(all, &saved, &saved_us);
    print_count(all->bypassed, bypassed);
    snprintf(more, sizeof(more), "%s of them not looked up", bypassed);
    tile(out, "calls", print_count(all->calls, calls), more);
    uint64_t lookups = all->hits + all->misses + all->stale;
    snprintf(more, sizeof(more), "%s of the look-ups",
             print_rate(all->hits, lookups, rate));
    tile(out, "answered from the store", print_count(all->hits, hits),
         lookups ? more : NULL);
    tile(out, "waiting saved", print_duration((double)saved_us / 1e6, time), NULL);
}

/* How much of |worth| rests on estimated tokens. */
static const char *estimated_text(const struct worth *worth, char text[96])
{
    char rate[32];
    if (!worth->estimated_money)
        return NULL;
    snprintf(text, 96, "%s of it estimated",
             print_rate(worth->estimated_money, worth->money, rate));
    return text;
}

static uint64_t tokens_of(const struct worth *worth)
{
    return figures_sum(worth->tokens.in, worth->tokens.out);
}

static void money_tiles(struct buffer *out, const struct report *report)
{
    char text[REPORT_DOLLARS_SIZE], more[96];
    const struct worth *spent = &report->all.spent;
    struct worth saved = {0};
    uint64_t saved_us = 0;
    figures_saved(&report->all, &saved, &saved_us);
    tile(out, "tokens saved", print_count(tokens_of(&saved), text), NULL);
    tile(out, "money saved", report_dollars(saved.money, text),
         estimated_text(&saved, more));
    tile(out, "money spent", report_dollars(spent->money, text),
         estimated_text(spent, more));
}

static void estimated_note(struct buffer *out, const struct report *report)
{
    char rate[32];
    struct worth saved = {0};
    uint64_t saved_us = 0;
    const struct worth *spent = &report->all.spent;
    figures_saved(&report->all, &saved, &saved_us);
    uint64_t estimated = figures_sum(saved.estimated_tokens, spent->estimated_tokens);
    if (estimated)
        html_add(
            out,
            "<li>%s of the tokens are an estimate: their answers did not say how many "
            "there were.</li>\n",
            print_rate(estimated, figures_sum(tokens_of(&saved), tokens_of(spent)),
                       rate));
}

static void unpriced_note(struct buffer *out, const struct report *report)
{
    char count[32];
    size_t named = 0, more = 0;
    uint64_t tokens = 0;
    for (const struct quote *quote = quotes_first(report->quotes); quote;
         quote = quote->next) {
        if (!quote->calls)
            continue;
        tokens = figures_sum(tokens, quote->tokens);
        if (named == NAMED) {
            more++;
            continue;
        }
        html_add(out, named++ ? ", " : "<li>No price is known for ");
        html_element(out, "b", NULL, report_model(quote->model));
    }
    if (more)
        html_add(out, " and %zu more", more);
    if (named)
        html_add(out, ": %s tokens are counted, but not priced.</li>\n",
                 print_count(tokens, count));
}

static void count_note(struct buffer *out, uint64_t number, const char *text)
{
    char count[32];
    if (number)
        html_add(out, "<li>%s %s</li>\n", print_count(number, count), text);
}

static void notes(struct buffer *out, const struct report *report)
{
    html_add(out, "<ul class=\"notes\">\n");
    estimated_note(out, report);
    unpriced_note(out, report);
    count_note(out, report->all.silent,
               "answers whose tokens nobody knows count without.");
    count_note(out, report->all.stale,
               "expired answers were served because the provider failed: no hits.");
    count_note(out, report->all.observed,
               "calls had an answer in the store, but mode observe did not ask for it.");
    html_add(out, "<li>Prices as of %s, and before them your own.</li></ul>\n",
             prices_date());
}

void report_head(struct buffer *out, const struct report *report)
{
    html_add(out, "<dl class=\"tiles\">\n");
    call_tiles(out, report);
    money_tiles(out, report);
    html_add(out, "</dl>\n");
    notes(out, report);
}
