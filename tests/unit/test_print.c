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
    CHECK_TEXT(money(0), "$0.0000");
    CHECK_TEXT(money(1), "<$0.0001");
    CHECK_TEXT(money(49999999), "<$0.0001");
    CHECK_TEXT(money(50000000), "$0.0001");
    CHECK_TEXT(money(12345678901), "$0.0123");
    CHECK_TEXT(money(999949999999), "$0.9999");
    CHECK_TEXT(money(999950000000), "$1.00");
    CHECK_TEXT(money(1004999999999), "$1.00");
    CHECK_TEXT(money(1005000000000), "$1.01");
    CHECK_TEXT(money(1234560000000000), "$1,234.56");
    CHECK_TEXT(money(INT64_MAX), "$9,223,372.04");
}

static void test_money_below_zero(void)
{
    CHECK_TEXT(money(-1), "-<$0.0001");
    CHECK_TEXT(money(-2500000000), "-$0.0025");
    CHECK_TEXT(money(-3000000000000), "-$3.00");
    CHECK_TEXT(money(INT64_MIN), "-$9,223,372.04");
}

int main(void)
{
    RUN(test_money);
    RUN(test_money_below_zero);
    return unit_end();
}
