/* SPDX-License-Identifier: MIT */
/* Axes: where ticks stand and what they say. Pure. */
#ifndef TOOLS_SCALE_H
#define TOOLS_SCALE_H

#include "store/bytes.h"

enum scale_unit {
    UNIT_COUNT,   /* calls, tokens, entries: "1.2 M" */
    UNIT_PERCENT, /* of 100: "40 %" */
    UNIT_MONEY,   /* dollars: "$0.05" */
    UNIT_BYTES,   /* "1.5 MiB" */
    UNIT_SECONDS, /* "10 ms" */
};

#define SCALE_LABEL_SIZE 24
#define SCALE_TICKS      16

struct tick {
    double at; /* 0 = where the axis begins, 1 = where it ends */
    bool few;  /* one of the few for which a narrow screen has room */
    bool many; /* one of those for a wide one */
    char label[SCALE_LABEL_SIZE];
};

struct ticks {
    size_t count;
    struct tick list[SCALE_TICKS];
};

/* At most ten characters; returns |label|. */
char *scale_label(enum scale_unit unit, double value, char label[SCALE_LABEL_SIZE]);

/* Ticks at 0 and round values up to the axis' end, which is returned: |most| or a little more,
 * never 0. At most |limit|, 3 at least. */
double scale_linear(enum scale_unit unit, double most, size_t limit, struct ticks *out);
/* Ticks at the powers of ten between two times, told as binary logarithms of microseconds. */
void scale_decades(double from, double until, struct ticks *out);

/* libm's fmax and fmin, which no other command needs a library for. */
static inline double scale_larger(double a, double b)
{
    return a > b ? a : b;
}

static inline double scale_smaller(double a, double b)
{
    return a < b ? a : b;
}

#endif
