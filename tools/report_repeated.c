/* SPDX-License-Identifier: MIT */
/* The dearest prompts that were sent again and again because nothing was recorded. */
#include "report.h"

#include "hot.h"
#include "html.h"
#include "print.h"
#include "store/reason.h"

#include <inttypes.h>
#include <time.h>

/* A cell that knows its column's name: on a narrow screen a row becomes a card. */
static void begin_cell(struct buffer *out, const char *column, const char *class)
{
    html_add(out, "<td role=\"cell\" data-column=\"%s\" class=\"%s\"><span>", column, class);
}

static void end_cell(struct buffer *out)
{
    html_add(out, "</span></td>");
}

static void cell(struct buffer *out, const char *column, const char *class,
                 const char *text)
{
    begin_cell(out, column, class);
    html_text(out, text);
    end_cell(out);
}

static void money_cell(struct buffer *out, const struct hot *hot)
{
    char money[32], text[48];
    print_money(hot->cost > INT64_MAX ? INT64_MAX : (int64_t)hot->cost, money);
    snprintf(text, sizeof(text), "%s%s", hot->estimated ? "about " : "", money);
    cell(out, "money", "figure",
         hot->unpriced && !hot->cost ? (hot->tokens ? "no price" : "-") : text);
}

static void reason_cell(struct buffer *out, const struct hot *hot)
{
    begin_cell(out, "why not", "why");
    html_element(out, "b", NULL, reason_name(hot->reason));
    html_add(out, ": ");
    html_text(out, reason_meaning(hot->reason));
    end_cell(out);
}

static void row(struct buffer *out, const struct hot *hot)
{
    char text[32];
    html_add(out, "<tr role=\"row\">");
    cell(out, "model", "name", hot->line->key.model[0] ? hot->line->key.model : "-");
    cell(out, "host", "name", hot->line->key.host[0] ? hot->line->key.host : "-");
    cell(out, "program", "name", hot->program[0] ? hot->program : "-");
    cell(out, "calls", "figure", print_count(hot->calls, text));
    cell(out, "tokens", "figure", print_count(hot->tokens, text));
    money_cell(out, hot);
    reason_cell(out, hot);
    html_add(out, "</tr>\n");
}

static void heads(struct buffer *out)
{
    static const char *const names[] = {"model",  "host",  "program", "calls",
                                        "tokens", "money", "why not"};
    html_add(out, "<thead role=\"rowgroup\"><tr role=\"row\">");
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        html_add(out, "<th scope=\"col\" role=\"columnheader\"%s>%s</th>",
                 i >= 3 && i < 6 ? " class=\"figure\"" : "", names[i]);
    html_add(out, "</tr></thead>\n<tbody role=\"rowgroup\">\n");
}

static void summary(struct buffer *out, const struct report_hot *hot)
{
    char calls[32], requests[32], nameless[32], date[32] = "";
    time_t seconds = (time_t)(hot->since_ms / 1000);
    struct tm parts = {0};
    if (gmtime_r(&seconds, &parts))
        strftime(date, sizeof(date), "%d %b %Y", &parts);
    html_add(out, "<p class=\"summary\">%s calls went out and were not recorded; %s requests "
                  "among them were made more than once.",
             print_count(hot->calls, calls), print_count(hot->requests, requests));
    if (hot->nameless)
        html_add(out, " %s calls cannot be told apart.",
                 print_count(hot->nameless, nameless));
    if (hot->since_ms)
        html_add(out, " Single calls are known since %s.", date);
    html_add(out, "</p>\n");
}

void report_repeated(struct buffer *out, const struct report_hot *hot)
{
    html_add(out, "<figure id=\"repeated\" class=\"whole\"><h2>Repeated, paid again, not "
                  "cached</h2>\n");
    summary(out, hot);
    if (hot->count) {
        html_add(out, "<table class=\"cards\" role=\"table\"><caption>The dearest of them: "
                      "what all their calls have cost, and why no answer was "
                      "kept</caption>");
        heads(out);
        for (size_t i = 0; i < hot->count; i++)
            row(out, &hot->list[i]);
        html_add(out, "</tbody></table>");
    }
    html_add(out, "</figure>\n");
}
