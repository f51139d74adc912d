/* SPDX-License-Identifier: MIT */
/* See gauge.h. */
#include "gauge.h"

#include "print.h"

#include <stdio.h>
#include <string.h>

#define BAR_MIN 5
#define BAR_MAX 40
#define BEHIND  56 /* columns kept for what is behind the bar, so that its length stays */

/* The parts behind the bar, in the order in which they are left out from the end. */
#define PARTS     4
#define PART_SIZE 48

static double share_of(const struct gauge *gauge)
{
    double share = (double)gauge->done / (double)gauge->total;
    return share < 1 ? share : 1;
}

static char *figure(const struct gauge *gauge, uint64_t value, char out[32])
{
    return gauge->unit == GAUGE_BYTES ? print_size(value, out) : print_count(value, out);
}

static void count_text(const struct gauge *gauge, char out[PART_SIZE])
{
    char done[32], total[32];
    if (gauge->total && gauge->unit == GAUGE_COUNT)
        snprintf(out, PART_SIZE, "%s/%s", figure(gauge, gauge->done, done),
                 figure(gauge, gauge->total, total));
    else
        snprintf(out, PART_SIZE, "%s", figure(gauge, gauge->done, done));
}

/* Rate and time left mean something only when there is a rate. */
static void speed_texts(const struct gauge *gauge, char rate[PART_SIZE],
                        char left[PART_SIZE])
{
    char text[32];
    double speed = gauge->seconds > 0 ? (double)gauge->done / gauge->seconds : 0;
    rate[0] = left[0] = '\0';
    if (speed < 1)
        return;
    snprintf(rate, PART_SIZE, "%s/s", figure(gauge, (uint64_t)speed, text));
    if (gauge->total > gauge->done)
        snprintf(left, PART_SIZE, "%s left",
                 print_duration((double)(gauge->total - gauge->done) / speed, text));
}

/* "[####    ]" of |width| columns, brackets included. */
static void add_bar(const struct gauge *gauge, size_t width, char *out)
{
    size_t inside = width - 2;
    size_t full = (size_t)(share_of(gauge) * (double)inside);
    *out++ = '[';
    memset(out, '#', full);
    memset(out + full, ' ', inside - full);
    memcpy(out + inside, "]", 2);
}

/* |parts| behind two blanks each, as many as fit behind |used| columns. */
static size_t fitting(char parts[PARTS][PART_SIZE], size_t used, size_t width, char *out)
{
    size_t length = 0;
    out[0] = '\0';
    for (size_t i = 0; i < PARTS; i++) {
        size_t size = parts[i][0] ? strlen(parts[i]) + 2 : 0;
        if (used + length + size > width)
            break;
        if (size)
            snprintf(out + length, size + 1, "  %s", parts[i]);
        length += size;
    }
    return length;
}

char *gauge_draw(const struct gauge *gauge, unsigned width, char out[GAUGE_SIZE])
{
    char parts[PARTS][PART_SIZE] = {{0}}, behind[PARTS * PART_SIZE], bar[BAR_MAX + 3];
    size_t what = strlen(gauge->what);
    size_t limit = width < GAUGE_SIZE - 1 ? width : GAUGE_SIZE - 1;
    if (gauge->total) /* 100 % only when all is done */
        snprintf(parts[0], PART_SIZE, "%3u %%", (unsigned)(share_of(gauge) * 100));
    count_text(gauge, parts[1]);
    speed_texts(gauge, parts[2], parts[3]);
    size_t length = fitting(parts, what, limit, behind);
    size_t behind_bar =
        length < BEHIND && limit > what + BEHIND + 2 + BAR_MIN ? BEHIND : length;
    size_t room = limit > what + behind_bar ? limit - what - behind_bar : 0;
    bar[0] = '\0';
    if (gauge->total && room >= 2 + BAR_MIN)
        add_bar(gauge, room - 2 < BAR_MAX ? room - 2 : BAR_MAX, bar);
    snprintf(out, limit + 1, "%s%s%s%s", gauge->what, bar[0] ? "  " : "", bar, behind);
    return out;
}
