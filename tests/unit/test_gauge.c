/* SPDX-License-Identifier: MIT */
/* How a progress bar looks, and when it is drawn. */
#include "unit.h"

#include "tools/gauge.h"
#include "tools/progress.h"

#define SECOND ((int64_t)1000 * 1000 * 1000)

static const char *draw(struct gauge gauge, unsigned width)
{
    static char out[GAUGE_SIZE];
    return gauge_draw(&gauge, width, out);
}

static void test_whole(void)
{
    struct gauge gauge = {"merging", GAUGE_COUNT, 1500, 6000, 3};
    CHECK_TEXT(draw(gauge, 79), "merging  [###         ]   25 %  "
                                "1,500/6,000  500/s  9.0 s left");
    gauge = (struct gauge){"importing", GAUGE_BYTES, 3 << 20, 6 << 20, 2};
    CHECK_TEXT(draw(gauge, 79), "importing  [#####     ]   50 %  3.0 MiB  1.5 MiB/s  "
                                "2.0 s left");
}

static void test_no_total(void)
{
    struct gauge gauge = {"purging", GAUGE_COUNT, 1234, 0, 2};
    CHECK_TEXT(draw(gauge, 79), "purging  1,234  617/s");
    gauge.done = 0;
    CHECK_TEXT(draw(gauge, 79), "purging  0");
}

/* The bar goes last of all but the least useful figures go first. */
static void test_narrow(void)
{
    struct gauge gauge = {"merging", GAUGE_COUNT, 1500, 6000, 3};
    CHECK_TEXT(draw(gauge, 50), "merging   25 %  1,500/6,000  500/s  9.0 s left");
    CHECK_TEXT(draw(gauge, 36), "merging   25 %  1,500/6,000  500/s");
    CHECK_TEXT(draw(gauge, 14), "merging   25 %");
    CHECK_TEXT(draw(gauge, 10), "merging");
    CHECK_TEXT(draw(gauge, 3), "mer");
    CHECK_TEXT(draw(gauge, 0), "");
}

static void test_never_too_wide(void)
{
    static const uint64_t values[] = {0, 1, 999, 1000000, UINT64_MAX / 2, UINT64_MAX};
    for (unsigned width = 0; width < 600; width += 7)
        for (size_t i = 0; i < 6; i++)
            for (size_t j = 0; j < 6; j++) {
                struct gauge gauge = {"reading entries", (enum gauge_unit)(j % 2),
                                      values[i], values[j], 0.001 + (double)i};
                size_t length = strlen(draw(gauge, width));
                unit_check(length <= width && length < 160, __FILE__, __LINE__,
                           "%zu of %u", length, width);
            }
}

/* The bar must not jump about while figures grow. */
static void test_steady(void)
{
    struct gauge gauge = {"merging", GAUGE_COUNT, 1, 6000000, 1};
    size_t end = strcspn(draw(gauge, 79), "]");
    for (gauge.done = 1; gauge.done < 6000000; gauge.done *= 7) {
        gauge.seconds += 1;
        CHECK_INT(strcspn(draw(gauge, 79), "]"), end);
    }
}

static void test_ends(void)
{
    struct gauge gauge = {"merging", GAUGE_COUNT, 5999, 6000, 1};
    CHECK(strstr(draw(gauge, 79), "  99 %"));
    gauge.done = 6000;
    CHECK(strstr(draw(gauge, 79), "#]  100 %"));
    CHECK(!strstr(draw(gauge, 79), "left"));
    gauge.done = 7000; /* more has come than was counted before */
    CHECK(strstr(draw(gauge, 79), "100 %"));
    CHECK(!strstr(draw(gauge, 79), "left"));
}

static void test_due(void)
{
    struct progress progress = {.wanted = true, .due_ns = SECOND / 2};
    unsigned drawn = 0;
    CHECK(!progress_is_due(&progress, SECOND / 2 - 1));
    CHECK(progress_is_due(&progress, SECOND / 2));
    CHECK(progress.gauge.seconds > 0.49 && progress.gauge.seconds < 0.51);
    for (int64_t now = SECOND; now < 2 * SECOND; now += SECOND / 1000)
        drawn += progress_is_due(&progress, now);
    CHECK_INT(drawn, 10);
    progress.wanted = false;
    CHECK(!progress_is_due(&progress, 9 * SECOND));
}

int main(void)
{
    RUN(test_whole);
    RUN(test_no_total);
    RUN(test_narrow);
    RUN(test_never_too_wide);
    RUN(test_steady);
    RUN(test_ends);
    RUN(test_due);
    return unit_end();
}
