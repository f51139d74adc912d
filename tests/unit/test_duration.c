/* SPDX-License-Identifier: MIT */
/* Lengths of time as people write them. */
#include "unit.h"

#include "store/duration.h"

static void check_good(const char *text, uint64_t expected)
{
    uint64_t seconds = 1234567;
    unit_check(duration_parse(span_text(text), &seconds), __FILE__, __LINE__, "%s", text);
    CHECK_INT(seconds, expected);
}

static void test_good(void)
{
    check_good("0", 0);
    check_good("0s", 0);
    check_good("1s", 1);
    check_good("90s", 90);
    check_good("15m", 15 * 60);
    check_good("6h", 6 * 3600);
    check_good("7d", 7 * 86400);
    check_good("2w", 14 * 86400);
    check_good("007d", 7 * 86400);
    check_good("9223372036854775s", 9223372036854775);
    check_good("forever", DURATION_FOREVER);
}

static void test_bad(void)
{
    static const char *const bad[] = {"",
                                      "s",
                                      "1",
                                      "10",
                                      "d7",
                                      "-1s",
                                      "+1s",
                                      " 1s",
                                      "1s ",
                                      "1 s",
                                      "1.5h",
                                      "1S",
                                      "1ms",
                                      "1h30m",
                                      "ever",
                                      "Forever",
                                      "forevers",
                                      "0x1s",
                                      "1y",
                                      "0 ",
                                      "9223372036854776s",
                                      "99999999999999999999s",
                                      "18446744073709551617s",
                                      "153722867280912931m"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint64_t seconds = 42;
        unit_check(!duration_parse(span_text(bad[i]), &seconds) && seconds == 42,
                   __FILE__, __LINE__, "%s", bad[i]);
    }
    uint64_t seconds = 42;
    CHECK(!duration_parse(span_of("1\0s", 3), &seconds));
    CHECK(!duration_parse(span_of("5dx", 1), &seconds));
    CHECK(duration_parse(span_of("5dx", 2), &seconds) && seconds == 5 * 86400);
}

int main(void)
{
    RUN(test_good);
    RUN(test_bad);
    return unit_end();
}
