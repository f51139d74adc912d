/* SPDX-License-Identifier: MIT */
/* Figures as people read them. */
#include "unit.h"

#include "tools/print.h"

#include <stdint.h>

static const char *money(int64_t pico_dollars)
{
    static char text[32];
    return print_money(pico_dollars, text);
}

static void test_money(void)
{
    CHECK_TEXT(money(0), "$0.00");
    CHECK_TEXT(money(1), "<$0.000001");
    CHECK_TEXT(money(499999), "<$0.000001");
    CHECK_TEXT(money(500000), "$0.000001");
    CHECK_TEXT(money(62400000), "$0.000062");
    CHECK_TEXT(money(9999499999), "$0.009999");
    CHECK_TEXT(money(9999500000), "$0.0100");
    CHECK_TEXT(money(12345678901), "$0.0123");
    CHECK_TEXT(money(999949999999), "$0.9999");
    CHECK_TEXT(money(999950000000), "$1.00");
    CHECK_TEXT(money(1004999999999), "$1.00");
    CHECK_TEXT(money(1005000000000), "$1.01");
    CHECK_TEXT(money(1234560000000000), "$1,234.56");
    CHECK_TEXT(money(99999994999999999), "$99,999.99");
    CHECK_TEXT(money(99999995000000000), "$100,000");
    CHECK_TEXT(money(INT64_MAX), "$9,223,372");
}

static void test_money_below_zero(void)
{
    CHECK_TEXT(money(-1), "-<$0.000001");
    CHECK_TEXT(money(-2500000000), "-$0.002500");
    CHECK_TEXT(money(-3000000000000), "-$3.00");
    CHECK_TEXT(money(INT64_MIN), "-$9,223,372");
}

static const char *brief(int64_t pico_dollars)
{
    static char text[32];
    return print_money_brief(pico_dollars, text);
}

static void test_money_brief(void)
{
    CHECK_TEXT(brief(0), "$0.00");
    CHECK_TEXT(brief(49999999), "<$0.0001");
    CHECK_TEXT(brief(-1), "-<$0.0001");
    CHECK_TEXT(brief(50000000), "$0.0001");
    CHECK_TEXT(brief(270000000), "$0.0003");
    CHECK_TEXT(brief(9949999999), "$0.0099");
    CHECK_TEXT(brief(9950000000), "$0.0100");
    CHECK_TEXT(brief(-2500000000), "-$0.0025");
    CHECK_TEXT(brief(1234560000000000), "$1,234.56");
}

static void check_short(uint64_t count, const char *expected)
{
    char text[32];
    CHECK_TEXT(print_short(count, text), expected);
    CHECK(strlen(text) <= 9);
}

static void test_short(void)
{
    check_short(0, "0");
    check_short(9999999, "9,999,999");
    check_short(10000000, "10.0 M");
    check_short(9999949999, "9,999.9 M");
    check_short(9999950000, "10.0 G");
    check_short(UINT64_MAX, "18.4 E");
}

static void test_durations(void)
{
    char text[32];
    CHECK_TEXT(print_duration(0, text), "0 s");
    CHECK_TEXT(print_duration(0.0015, text), "1.5 ms");
    CHECK_TEXT(print_duration(86400 * 999.0, text), "999.0 days");
    CHECK_TEXT(print_duration(86400 * 3652.5, text), "10.0 years");
    CHECK_TEXT(print_duration(86400 * 365250.0, text), "1000 years");
}

int main(void)
{
    RUN(test_short);
    RUN(test_durations);
    RUN(test_money);
    RUN(test_money_below_zero);
    RUN(test_money_brief);
    return unit_end();
}
