/* SPDX-License-Identifier: MIT */
/* Moments as people write them. */
#include "unit.h"

#include "tools/moment.h"

#include <stdlib.h>
#include <time.h>

#define NOW_MS 1795000000000

static void check_moment(const char *text, int64_t expected_seconds)
{
    int64_t ms = 7;
    unit_check(moment_parse(text, NOW_MS, &ms), __FILE__, __LINE__, "%s", text);
    CHECK_INT(ms, expected_seconds * 1000);
}

static void test_local(void)
{
    setenv("TZ", "CET-1", 1);
    tzset();
    check_moment("2026-11-27", 1795734000);
    check_moment("2026-11-27 13:05", 1795781100);
    check_moment("2026-11-27T13:05", 1795781100);
    check_moment("2026-11-27T13:05:07", 1795781107);
    check_moment("2026-11-27T13:05Z", 1795784700);
    check_moment("2026-11-27Z", 1795737600);
    check_moment("2028-02-29", 1835391600);
}

static void test_ages(void)
{
    check_moment("36h", NOW_MS / 1000 - 36 * 3600);
    check_moment("7d", NOW_MS / 1000 - 7 * 86400);
    check_moment("0", NOW_MS / 1000);
}

static void test_bad(void)
{
    static const char *const bad[] = {"",
                                      "yesterday",
                                      "forever",
                                      "2026",
                                      "2026-11",
                                      "2026-13-01",
                                      "2026-02-30",
                                      "2027-02-29",
                                      "1969-12-31",
                                      "2026-11-27 ",
                                      "2026-11-27 25:00",
                                      "2026-11-27 13",
                                      "2026-11-27 13:05 CET",
                                      "2026-11-27T13:05ZZ",
                                      "7 d",
                                      "-7d"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t ms = 7;
        unit_check(!moment_parse(bad[i], NOW_MS, &ms), __FILE__, __LINE__, "'%s'",
                   bad[i]);
        CHECK_INT(ms, 7);
    }
}

static void test_dates(void)
{
    char text[16];
    moment_date(1795734000000, text);
    CHECK_TEXT(text, "2026-11-27");
    moment_date(1795733999999, text);
    CHECK_TEXT(text, "2026-11-26");
}

int main(void)
{
    RUN(test_local);
    RUN(test_ages);
    RUN(test_bad);
    RUN(test_dates);
    return unit_end();
}
