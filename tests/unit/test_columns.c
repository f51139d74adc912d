/* SPDX-License-Identifier: MIT */
/* Tests of tools/{columns,call_line,journal_wait,verdict}.c. */
#include "unit.h"

#include "store/reason.h"
#include "tools/call_line.h"
#include "tools/journal_wait.h"
#include "tools/verdict.h"

#include <stdlib.h>

static const struct column three[] = {
    {"first", 4, 10, 1, false}, {"second", 6, 6, 2, true}, {"third", 3, 20, 0, false}};

static void check_widths(unsigned width, unsigned a, unsigned b, unsigned c)
{
    unsigned widths[3] = {9, 9, 9};
    columns_fit(three, 3, width, widths);
    CHECK_INT(widths[0], a);
    CHECK_INT(widths[1], b);
    CHECK_INT(widths[2], c);
}

static void test_fit(void)
{
    check_widths(0, 0, 0, 0);
    check_widths(1, 0, 0, 1);
    check_widths(3, 0, 0, 3);
    check_widths(7, 0, 0, 7);
    check_widths(8, 4, 0, 3);
    check_widths(10, 4, 0, 5);
    check_widths(15, 4, 6, 3);
    check_widths(32, 4, 6, 20);
    check_widths(35, 7, 6, 20);
    check_widths(5000, 10, 6, 20);
}

static void test_line(void)
{
    char line[COLUMNS_LINE_SIZE];
    const unsigned widths[] = {5, 6, 4};
    const char *cells[] = {"abcdef", "12", "\x1b[1m"};
    columns_line(three, 3, widths, cells, line);
    CHECK_TEXT(line, "abcd~     12 ?[1m");
    columns_titles(three, 3, widths, line);
    CHECK_TEXT(line, "first second thi~");
    const unsigned some[] = {0, 6, 4};
    const char *others[] = {"x", "123456", ""};
    columns_line(three, 3, some, others, line);
    CHECK_TEXT(line, "123456");
    const unsigned none[] = {0, 0, 0};
    columns_line(three, 3, none, cells, line);
    CHECK_TEXT(line, "");
}

static void test_clean(void)
{
    char text[8];
    columns_clean("caf\xc3\xa9", 5, text, sizeof(text));
    CHECK_TEXT(text, "caf?");
    columns_clean("\xe2\x82\xac\xf0\x9f\x98\x80\x9b\x7f", 5, text, sizeof(text));
    CHECK_TEXT(text, "???");
    columns_clean("123456789", 99, text, sizeof(text));
    CHECK_TEXT(text, "123456~");
    columns_clean("123456789", 1, text, sizeof(text));
    CHECK_TEXT(text, "~");
    columns_clean("123456789", 0, text, sizeof(text));
    CHECK_TEXT(text, "");
    columns_clean("1234567", 7, text, sizeof(text));
    CHECK_TEXT(text, "1234567");
}

/* No line is wider than asked for, whatever the width and the bytes in a record. */
static void test_every_width(void)
{
    char line[COLUMNS_LINE_SIZE];
    struct prices *prices;
    unsigned bad;
    CHECK_INT(prices_load(NULL, &prices, &bad), STORE_OK);
    struct quotes *quotes = quotes_new(prices);
    struct journal_record record;
    for (unsigned byte = 1; byte < 256; byte += 2) {
        memset(&record, (int)byte, sizeof(record));
        record.stream = record.recorded = record.coalesced = true;
        record.usage_known = record.usage_estimated = byte % 3 == 0;
        record.program[15] = record.dialect[15] = record.operation[31] = 0;
        record.model[95] = record.host[95] = 0;
        for (unsigned width = 1; width < 300; width += byte % 7 + 1) {
            struct call_line form;
            call_line_fit(&form, byte % 2, width);
            call_line_of(&form, quotes, &record, line);
            CHECK(strlen(line) <= width);
            for (const char *at = line; *at; at++)
                CHECK(*at >= 0x20 && *at < 0x7f);
        }
    }
    quotes_free(quotes);
    prices_free(prices);
}

static void test_figures(void)
{
    static const struct {
        uint64_t value;
        const char *duration, *count;
    } cases[] = {
        {0, "-", "0"},
        {999, "999us", "999"},
        {1234, "1.2ms", "1234"},
        {9949, "9.9ms", "9949"},
        {10000, "10ms", "10k"},
        {999499, "999ms", "999k"},
        {999500, "1.0s", "1M"},
        {99940000, "99.9s", "100M"},
        {99960000, "2min", "100M"},
        {5969000000, "99min", "6G"},
        {7200000000, "2h", "7G"},
        {UINT64_MAX, "long", "18E"},
    };
    char text[16];
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        CHECK_TEXT(call_line_duration(cases[i].value, text), cases[i].duration);
        CHECK_TEXT(call_line_count(cases[i].value, text), cases[i].count);
    }
    for (uint64_t value = 1; value < UINT64_MAX / 3; value += value / 20 + 1) {
        CHECK(strlen(call_line_duration(value, text)) <= 5);
        CHECK(strlen(call_line_count(value, text)) <= 4);
    }
}

static void test_wait(void)
{
    CHECK_INT(journal_wait_ms(true, 0), JOURNAL_WAIT_LEAST_MS);
    CHECK_INT(journal_wait_ms(true, 250), JOURNAL_WAIT_LEAST_MS);
    CHECK_INT(journal_wait_ms(false, 0), JOURNAL_WAIT_LEAST_MS);
    CHECK_INT(journal_wait_ms(false, 20), 40);
    CHECK_INT(journal_wait_ms(false, 200), JOURNAL_WAIT_MOST_MS);
    CHECK_INT(journal_wait_ms(false, 250), JOURNAL_WAIT_MOST_MS);
}

static void test_names(void)
{
    uint8_t number = 99;
    for (unsigned i = VERDICT_BYPASS; i <= VERDICT_OBSERVED; i++)
        CHECK(verdict_parse(verdict_name(i), &number) && number == i);
    for (unsigned i = 0; i < REASON_COUNT; i++)
        CHECK(verdict_reason_parse(reason_name(i), &number) && number == i);
    CHECK(verdict_layer_parse("exact", &number) && number == LAYER_EXACT);
    number = 99;
    CHECK(!verdict_parse("unknown", &number) && !verdict_parse("", &number));
    CHECK(!verdict_layer_parse("another", &number) &&
          !verdict_reason_parse("?", &number));
    CHECK_INT(number, 99);
    CHECK_TEXT(verdict_name(0), "unknown");
    CHECK_TEXT(verdict_name(200), "unknown");
    CHECK_TEXT(verdict_layer_name(200), "unknown");
}

int main(void)
{
    RUN(test_fit);
    RUN(test_line);
    RUN(test_clean);
    RUN(test_every_width);
    RUN(test_figures);
    RUN(test_wait);
    RUN(test_names);
    return unit_end();
}
