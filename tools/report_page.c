/* SPDX-License-Identifier: MIT */
/* The report's page around its parts. It asks the network for nothing and runs no script; a policy
 * in its head keeps it so, whatever names the journal holds. */
#include "report.h"

#include "html.h"
#include "version.h"

__asm__(".pushsection .rodata\n"
        "preecho_report_style:\n"
        ".incbin \"tools/report.css\"\n"
        ".byte 0\n"
        ".popsection\n");

extern const char style[] __asm__("preecho_report_style");

static void begin(struct buffer *out, const char *about)
{
    html_add(out,
             "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
             "style-src 'unsafe-inline'\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
             "<title>preecho report</title>\n<style>\n");
    buffer_append_text(out, style);
    html_add(out,
             "</style>\n</head>\n<body>\n<header>\n<h1>What preecho has saved</h1>\n");
    html_element(out, "p", "about", about);
    html_add(out, "\n</header>\n");
}

static void nothing(struct buffer *out)
{
    html_add(
        out,
        "<p class=\"none\">The journal knows of no call in this time. 'preecho run -- "
        "PROGRAM' makes some.</p>\n");
}

void report_page(struct buffer *out, struct report *report, const char *about)
{
    begin(out, about);
    if (report->all.calls)
        report_head(out, report);
    else
        nothing(out);
    html_add(out, "<main>\n");
    if (report->all.calls) {
        report_rates(out, report);
        report_money(out, report);
        report_latency(out, report);
        report_prefix(out, report);
        report_reuse(out, &report->prefix);
    }
    report_growth(out, report);
    if (report->all.calls)
        report_repeated(out, &report->hot);
    html_add(out, "</main>\n<footer>preecho %s</footer>\n</body>\n</html>\n",
             PREECHO_VERSION);
}
