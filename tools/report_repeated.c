/* SPDX-License-Identifier: MIT */
/* The dearest prompts that were sent again and again because nothing was recorded. */
#include "report.h"

#include "cards.h"
#include "html.h"
#include "print.h"
#include "store/reason.h"

#include <time.h>

#define SHOWN 25

static void money_cell(struct buffer *out, const struct hot *hot)
{
    char money[REPORT_DOLLARS_SIZE], text[64];
    report_dollars(hot->cost, money);
    snprintf(text, sizeof(text), "%s%s", hot->estimated ? "about " : "", money);
    cards_cell(out, "money", "figure",
               !hot->tokens        ? "-"
               : hot->quote->known ? text
                                   : "no price");
}

static void reason_cell(struct buffer *out, const struct hot *hot)
{
    char text[160];
    snprintf(text, sizeof(text), "%s: %s", reason_name(hot->reason),
             reason_meaning(hot->reason));
    cards_cell(out, "why not", "why", text);
}

static void row(struct buffer *out, const struct hot *hot)
{
    char text[32];
    cards_row(out);
    cards_cell(out, "model", "name", hot->quote->model[0] ? hot->quote->model : "-");
    cards_cell(out, "host", "name", hot->quote->host[0] ? hot->quote->host : "-");
    cards_cell(out, "program", "name", hot->program[0] ? hot->program : "-");
    cards_cell(out, "calls", "figure", print_count(hot->calls, text));
    cards_cell(out, "tokens", "figure", print_count(hot->tokens, text));
    money_cell(out, hot);
    reason_cell(out, hot);
    cards_row_end(out);
}

static void summary(struct buffer *out, const struct hot_search *hot, size_t repeated)
{
    char calls[32], requests[32], nameless[32], date[32] = "";
    time_t seconds = (time_t)(hot->oldest_ms / 1000);
    struct tm parts = {0};
    if (gmtime_r(&seconds, &parts))
        strftime(date, sizeof(date), "%d %b %Y", &parts);
    html_add(
        out,
        "<p class=\"summary\">Calls that went out without their answer being kept: %s. "
        "Requests among them that were made more than once: %s.",
        print_count(hot->calls, calls), print_count(repeated, requests));
    if (hot->nameless)
        html_add(out, " Not told apart, so left out: %s calls.",
                 print_count(hot->nameless, nameless));
    if (hot->oldest_ms)
        html_add(out, " Single calls are known since %s.", date);
    html_add(out, "</p>\n");
}

void report_repeated(struct buffer *out, struct hot_search *hot)
{
    static const struct cards table = {
        "The dearest: what all their calls have cost, and why no answer was kept",
        {"model", "host", "program", "calls", "tokens", "money", "why not"},
        7,
        3,
        6};
    size_t shown = hot_sort(hot), repeated = shown;
    shown = shown < SHOWN ? shown : SHOWN;
    html_add(out, "<figure id=\"repeated\" class=\"whole\"><h2>Repeated, and not "
                  "cached</h2>\n");
    summary(out, hot, repeated);
    if (shown) {
        cards_begin(out, &table);
        for (size_t i = 0; i < shown; i++)
            row(out, &hot->places[i]);
        cards_end(out);
    }
    html_add(out, "</figure>\n");
}
