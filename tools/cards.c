/* SPDX-License-Identifier: MIT */
/* See cards.h. */
#include "cards.h"

#include "html.h"

void cards_begin(struct buffer *out, const struct cards *cards)
{
    html_add(out, "<div class=\"scroll whole\" tabindex=\"0\" role=\"region\" "
                  "aria-label=\"");
    html_text(out, cards->caption);
    html_add(out, "\">\n<table class=\"cards\" role=\"table\">");
    html_element(out, "caption", NULL, cards->caption);
    html_add(out, "<thead role=\"rowgroup\"><tr role=\"row\">");
    for (size_t i = 0; i < cards->count; i++) {
        bool figure = i >= cards->figures_from && i < cards->figures_until;
        html_add(out, "<th scope=\"col\" role=\"columnheader\"%s>",
                 figure ? " class=\"figure\"" : "");
        html_text(out, cards->columns[i]);
        html_add(out, "</th>");
    }
    html_add(out, "</tr></thead>\n<tbody role=\"rowgroup\">\n");
}

void cards_row(struct buffer *out)
{
    html_add(out, "<tr role=\"row\">");
}

void cards_cell(struct buffer *out, const char *column, const char *class,
                const char *text)
{
    html_add(out, "<td role=\"cell\" data-column=\"%s\" class=\"%s\">", column, class);
    html_element(out, "span", NULL, text);
    html_add(out, "</td>");
}

void cards_row_end(struct buffer *out)
{
    html_add(out, "</tr>\n");
}

void cards_end(struct buffer *out)
{
    html_add(out, "</tbody></table></div>\n");
}
