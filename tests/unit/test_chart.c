/* SPDX-License-Identifier: MIT */
/* Axes, slots of time, and the SVG that is made of them. */
#include "unit.h"

#include "store/memory.h"
#include "tools/chart.h"
#include "tools/html.h"
#include "tools/timeline.h"

#include <math.h>
#include <stdlib.h>

#define HOUR_OF(day) ((uint32_t)(day)*24)
#define NOVEMBER_27  20784 /* days from 1970 to 27 November 2026, a Friday */

static const char *label(enum scale_unit unit, double value)
{
    static char text[SCALE_LABEL_SIZE];
    return scale_label(unit, value, text);
}

static void test_labels(void)
{
    CHECK_TEXT(label(UNIT_COUNT, 0), "0");
    CHECK_TEXT(label(UNIT_COUNT, 950), "950");
    CHECK_TEXT(label(UNIT_COUNT, 1234), "1.23\u00a0k");
    CHECK_TEXT(label(UNIT_COUNT, 999900), "1\u00a0M");
    CHECK_TEXT(label(UNIT_COUNT, 12e6), "12\u00a0M");
    CHECK_TEXT(label(UNIT_COUNT, 1.8e19), "18\u00a0E");
    CHECK_TEXT(label(UNIT_PERCENT, 40), "40\u00a0%");
    CHECK_TEXT(label(UNIT_PERCENT, 2.5), "2.5\u00a0%");
    CHECK_TEXT(label(UNIT_MONEY, 0), "$0");
    CHECK_TEXT(label(UNIT_MONEY, 0.05), "$0.050");
    CHECK_TEXT(label(UNIT_MONEY, 0.000001), "<$0.00001");
    CHECK_TEXT(label(UNIT_MONEY, 20), "$20");
    CHECK_TEXT(label(UNIT_MONEY, 20.5), "$20.50");
    CHECK_TEXT(label(UNIT_MONEY, 18446744), "$18.4\u00a0M");
    CHECK_TEXT(label(UNIT_BYTES, 1024), "1\u00a0KiB");
    CHECK_TEXT(label(UNIT_BYTES, 1.5 * 1048576), "1.5\u00a0MiB");
    CHECK_TEXT(label(UNIT_BYTES, 1.8e19), "15.6\u00a0EiB");
    CHECK_TEXT(label(UNIT_SECONDS, 1e-6), "1\u00a0µs");
    CHECK_TEXT(label(UNIT_SECONDS, 0.1), "100\u00a0ms");
    CHECK_TEXT(label(UNIT_SECONDS, 10), "10\u00a0s");
}

/* Round steps, the first at 0, the last at the end, short labels, for whatever there may be. */
static void test_linear(void)
{
    static const struct {
        enum scale_unit unit;
        double most;
    } units[] = {
        {UNIT_COUNT, 2e19}, {UNIT_PERCENT, 100}, {UNIT_MONEY, 2e7}, {UNIT_BYTES, 2e19}};
    struct ticks ticks;
    for (size_t unit = 0; unit < 4; unit++)
        for (double most = 1e-9; most < units[unit].most; most *= 3.7) {
            double end = scale_linear(units[unit].unit, most, 6, &ticks);
            CHECK(end >= most * (1 - 1e-9));
            CHECK(ticks.count >= 2 && ticks.count <= 7);
            CHECK(ticks.list[0].at == 0 && ticks.list[ticks.count - 1].at == 1);
            for (size_t i = 1; i < ticks.count; i++) {
                const char *text = ticks.list[i].label;
                unit_check(strlen(text) <= 10, __FILE__, __LINE__, "%g: %s", most, text);
                CHECK(strcmp(text, ticks.list[i - 1].label) != 0);
            }
        }
    CHECK(scale_linear(UNIT_PERCENT, 100, 6, &ticks) == 100);
    CHECK_INT(ticks.count, 6);
    CHECK_TEXT(ticks.list[1].label, "20\u00a0%");
    CHECK(scale_linear(UNIT_COUNT, 0, 6, &ticks) == 1);
    CHECK_INT(ticks.count, 2);
    CHECK(scale_linear(UNIT_BYTES, 3e6, 6, &ticks) == 3 * 1048576.0);
    CHECK(scale_linear(UNIT_PERCENT, NAN, 6, &ticks) == 100);
}

static void test_decades(void)
{
    struct ticks ticks;
    scale_decades(2.5, 27.5, &ticks); /* 5.7 us to 190 s */
    CHECK_INT(ticks.count, 8);        /* 10 us to 100 s */
    CHECK_TEXT(ticks.list[0].label, "10\u00a0µs");
    CHECK_TEXT(ticks.list[7].label, "100\u00a0s");
    CHECK(fabs(ticks.list[5].at - (19.931568569324174 - 2.5) / 25) < 1e-9); /* a second */
    size_t few = 0;
    for (size_t i = 0; i < ticks.count; i++)
        few += ticks.list[i].few;
    CHECK(few >= 3 && few <= 5);
}

static void test_timeline(void)
{
    char text[TIMELINE_LABEL_SIZE];
    struct timeline hours =
        timeline_of(HOUR_OF(NOVEMBER_27) + 5, HOUR_OF(NOVEMBER_27) + 5, 1);
    CHECK_INT(hours.count, 1);
    CHECK_TEXT(timeline_label(&hours, 0, text), "27 Nov 2026, 05:00");
    CHECK_TEXT(timeline_unit(&hours, text), "an hour");
    struct timeline days =
        timeline_of(HOUR_OF(NOVEMBER_27) - 24 * 40 + 7, HOUR_OF(NOVEMBER_27) + 3, 1);
    CHECK_INT(days.step, 24);
    CHECK_INT(days.count, 41);
    CHECK_TEXT(timeline_label(&days, 40, text), "27 Nov 2026");
    CHECK_INT(timeline_slot(&days, HOUR_OF(NOVEMBER_27)), 40);
    CHECK_INT(timeline_slot(&days, HOUR_OF(NOVEMBER_27) - 1), 39);
    CHECK_INT(timeline_slot(&days, HOUR_OF(NOVEMBER_27) + 24), 41);
    CHECK_INT(timeline_slot(&days, 0), 41);
    struct timeline weeks =
        timeline_of(HOUR_OF(NOVEMBER_27 - 399), HOUR_OF(NOVEMBER_27), 1);
    CHECK_INT(weeks.step, 168);
    CHECK(weeks.count <= TIMELINE_SLOTS);
    CHECK_TEXT(timeline_label(&weeks, weeks.count - 1, text), "week of 23 Nov 2026");
    CHECK_TEXT(timeline_unit(&weeks, text), "a week");
    struct timeline least = timeline_of(HOUR_OF(3), HOUR_OF(3) + 2, 24);
    CHECK_INT(least.step, 24);
    CHECK_INT(least.count, 1);
    struct timeline wrong = timeline_of(0, UINT32_MAX, 1); /* somebody's clock */
    CHECK_INT(wrong.count, TIMELINE_SLOTS);
    CHECK_INT(timeline_slot(&wrong, 5), 0);
}

/* From an hour to a lifetime: a few ticks, in order, on a narrow screen never more than four. */
static void test_timeline_ticks(void)
{
    struct ticks ticks;
    for (uint32_t hours = 1; hours < 700000; hours += hours / 3 + 1) {
        struct timeline timeline =
            timeline_of(HOUR_OF(NOVEMBER_27) + 7, HOUR_OF(NOVEMBER_27) + 6 + hours, 1);
        timeline_ticks(&timeline, &ticks);
        size_t few = 0, many = 0;
        for (size_t i = 0; i < ticks.count; i++) {
            few += ticks.list[i].few;
            many += ticks.list[i].many;
            CHECK(ticks.list[i].at >= 0 && ticks.list[i].at < 1);
            CHECK(i == 0 || ticks.list[i].at > ticks.list[i - 1].at);
        }
        unit_check(few >= 1 && few <= 4, __FILE__, __LINE__, "%u hours: %zu ticks", hours,
                   few);
        unit_check(many >= 1 && many <= 9, __FILE__, __LINE__, "%u hours: %zu ticks",
                   hours, many);
    }
    struct timeline day =
        timeline_of(HOUR_OF(NOVEMBER_27) - 12, HOUR_OF(NOVEMBER_27) + 11, 1);
    timeline_ticks(&day, &ticks);
    bool midnight = false;
    for (size_t i = 0; i < ticks.count; i++)
        midnight |= strcmp(ticks.list[i].label, "27 Nov") == 0 && ticks.list[i].at == 0.5;
    CHECK(midnight);
}

static void test_escapes(void)
{
    struct buffer out = {0};
    html_text(&out, "<a href=\"x\">'&\x01\xff\xc2\x9b\xef\xbf\xbf \xc3\xa4</a>");
    buffer_append_byte(&out, 0);
    CHECK_TEXT(
        (char *)out.at,
        "&lt;a href=&quot;x&quot;&gt;&#39;&amp;\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
        "\xef\xbf\xbd \xc3\xa4&lt;/a&gt;");
    buffer_free(&out);
    html_add(&out, "%2000d", 1); /* never cut */
    CHECK(!buffer_ok(&out));
    buffer_free(&out);
}

static const char *cut(const char *text, unsigned pixels)
{
    static char kept[256];
    char *made = chart_cut(text, pixels);
    snprintf(kept, sizeof(kept), "%s", made);
    free(made);
    return kept;
}

static void test_cut(void)
{
    CHECK_TEXT(cut("gpt-4o-mini", 300), "gpt-4o-mini");
    CHECK_TEXT(cut("", 300), "");
    CHECK(strlen(cut("WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW", 300)) <= 26);
    CHECK(strstr(cut("a-long-name-of-a-model-whose-end-tells-it-from-others-17", 300),
                 "-17"));
    /* never within a character */
    const char *text =
        cut("\xe6\xa8\xa1\xe5\x9e\x8b\xe6\xa8\xa1\xe5\x9e\x8b\xe6\xa8\xa1", 40);
    CHECK(strncmp(text, "\xe6\xa8\xa1\xe2\x80\xa6", 6) == 0);
    CHECK(strlen(cut("\xff\xff\xff\xff\xff\xff\xff\xff\xff", 40)) < 9);
}

static size_t count_in(const struct buffer *out, const char *what)
{
    size_t count = 0;
    for (const char *at = (const char *)out->at; (at = strstr(at, what)); at++)
        count++;
    return count;
}

static char *number_label(const void *context, size_t slot, char text[CHART_LABEL_SIZE])
{
    (void)context;
    snprintf(text, CHART_LABEL_SIZE, "<slot %zu>", slot);
    return text;
}

static struct chart chart_of(enum chart_kind kind, size_t slots, const double *a,
                             const double *b)
{
    return (struct chart){.id = "c",
                          .title = "a & b",
                          .summary = "<s>",
                          .axis = "calls",
                          .across = "time",
                          .kind = kind,
                          .unit = UNIT_COUNT,
                          .slots = slots,
                          .label = number_label,
                          .count = 2,
                          .series = {{"<b>", a}, {"'two'", b}}};
}

static void draw(struct buffer *out, enum chart_kind kind, size_t slots, const double *a,
                 const double *b)
{
    struct chart chart = chart_of(kind, slots, a, b);
    buffer_clear(out);
    chart_draw(out, &chart);
    buffer_append_byte(out, 0);
    CHECK(buffer_ok(out));
    CHECK_INT(count_in(out, "<b>"), 0);
    CHECK_INT(count_in(out, "<s>"), 0);
    CHECK_INT(count_in(out, "<slot"), 0);
    CHECK_INT(count_in(out, "nan"), 0);
    CHECK_INT(count_in(out, "inf"), 0);
    CHECK_INT(count_in(out, "width=\"-"), 0);
    CHECK_INT(count_in(out, "height=\"-"), 0);
    CHECK_INT(count_in(out, "<svg"), 1);
    CHECK_INT(count_in(out, "</svg>"), 1);
    CHECK_INT(count_in(out, "<caption>"), 1);
}

/* As many marks as values; gaps stay gaps; a bar of 0 is none. */
static void test_marks(void)
{
    struct buffer out = {0};
    static const double a[] = {1, CHART_NOTHING, 3, 0}, b[] = {0, 2, 1e18, 1e-9};
    draw(&out, CHART_LINES, 4, a, b);
    CHECK_INT(count_in(&out, "<circle class=\"mark\""), 7);
    CHECK_INT(count_in(&out, "class=\"stroke\""), 4);
    draw(&out, CHART_BESIDE, 4, a, b);
    CHECK_INT(count_in(&out, "<rect class=\"mark s0\""), 2);
    CHECK_INT(count_in(&out, "<rect class=\"mark s1\""), 3);
    draw(&out, CHART_STACKS, 4, a, b);
    CHECK_INT(count_in(&out, "<rect class=\"mark"), 5);
    draw(&out, CHART_STACKS, 1, b, b);
    CHECK_INT(count_in(&out, "<rect class=\"mark"), 0);
    CHECK(count_in(&out, "<td class=\"figure\">-</td>") == 0);
    draw(&out, CHART_LINES, 1, a + 1, b);
    CHECK_INT(count_in(&out, "<td class=\"figure\">-</td>"), 1);
    buffer_free(&out);
}

static const char *row_name(const void *context, size_t row)
{
    (void)context;
    return row ? "plain" : "<script>\"";
}

static void test_bars(void)
{
    struct buffer out = {0};
    static const double saved[] = {1, 0, 5}, spent[] = {0.001, 2, 12345.678};
    struct bars bars = {.id = "m",
                        .title = "t",
                        .summary = "s",
                        .across = "dollars",
                        .unit = UNIT_MONEY,
                        .rows = 3,
                        .name = row_name,
                        .count = 2,
                        .series = {{"saved", saved}, {"spent", spent}}};
    bars_draw(&out, &bars, 2);
    buffer_append_byte(&out, 0);
    CHECK_INT(count_in(&out, "<rect class=\"mark"), 4);
    CHECK_INT(count_in(&out, "<tr>"), 4);
    CHECK_INT(count_in(&out, "<script"), 0);
    CHECK_INT(count_in(&out, "$12,345.68"), 1);
    buffer_free(&out);
}

/* No memory: the buffer says so, and nothing else happens. */
static void test_memory(void)
{
    static const double a[] = {1, 2};
    struct chart chart = chart_of(CHART_LINES, 2, a, a);
    for (unsigned long n = 1; n < 8; n++) {
        struct buffer out = {0};
        memory_fail_from(n);
        chart_draw(&out, &chart);
        memory_fail_from(0);
        CHECK(!buffer_ok(&out) || out.size > 1000);
        buffer_free(&out);
    }
}

int main(void)
{
    RUN(test_labels);
    RUN(test_linear);
    RUN(test_decades);
    RUN(test_timeline);
    RUN(test_timeline_ticks);
    RUN(test_escapes);
    RUN(test_cut);
    RUN(test_marks);
    RUN(test_bars);
    RUN(test_memory);
    return unit_end();
}
