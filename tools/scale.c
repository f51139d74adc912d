/* SPDX-License-Identifier: MIT */
/* See scale.h. */
#include "scale.h"

#include <stdio.h>

#define SPACE "\u00a0" /* a figure and its unit stay on one line */

static bool is_whole(double value)
{
    return value < 1e6 && value == (double)(int64_t)value;
}

/* |value| with as many digits as tell something: 3 of them. */
static void digits(double value, const char *before, const char *after, char *label)
{
    int places = is_whole(value) ? 0 : value >= 100 ? 0 : value >= 10 ? 1 : 2;
    char text[SCALE_LABEL_SIZE];
    snprintf(text, sizeof(text), "%.*f", places, value);
    size_t size = strlen(text);
    while (places && text[size - 1] == '0') {
        text[--size] = '\0';
        places--;
    }
    if (text[size - 1] == '.')
        text[size - 1] = '\0';
    snprintf(label, SCALE_LABEL_SIZE, "%s%.12s%s", before, text, after);
}

/* Divides by |step| until the value is short. */
static void in_units(double value, double step, const char *const units[], size_t count,
                     const char *before, char *label)
{
    size_t unit = 0;
    while (unit + 1 < count && value >= step * 0.9995) {
        value /= step;
        unit++;
    }
    digits(value, before, units[unit], label);
}

static void money(double value, char *label)
{
    static const char *const units[] = {"", SPACE "k", SPACE "M", SPACE "G"};
    if (value > 0 && value < 0.00001)
        snprintf(label, SCALE_LABEL_SIZE, "<$0.00001");
    else if (value > 0 && value < 1)
        snprintf(label, SCALE_LABEL_SIZE, "$%.*f",
                 value < 0.001  ? 5
                 : value < 0.01 ? 4
                 : value < 0.1  ? 3
                                : 2,
                 value);
    else if (value > 0 && value < 1000)
        snprintf(label, SCALE_LABEL_SIZE, is_whole(value) ? "$%.0f" : "$%.2f", value);
    else
        in_units(value, 1000, units, 4, "$", label);
}

char *scale_label(enum scale_unit unit, double value, char label[SCALE_LABEL_SIZE])
{
    static const char *const counts[] = {"",        SPACE "k", SPACE "M", SPACE "G",
                                         SPACE "T", SPACE "P", SPACE "E"};
    static const char *const bytes[] = {SPACE "B",   SPACE "KiB", SPACE "MiB",
                                        SPACE "GiB", SPACE "TiB", SPACE "PiB",
                                        SPACE "EiB"};
    if (unit == UNIT_PERCENT)
        digits(value, "", SPACE "%", label);
    else if (unit == UNIT_MONEY)
        money(value, label);
    else if (unit == UNIT_BYTES)
        in_units(value, 1024, bytes, 7, "", label);
    else if (unit == UNIT_COUNT)
        in_units(value, 1000, counts, 7, "", label);
    else if (value >= 1)
        digits(value, "", SPACE "s", label);
    else if (value >= 0.9995e-3)
        digits(value * 1e3, "", SPACE "ms", label);
    else
        digits(value * 1e6, "", SPACE "µs", label);
    return label;
}

static double power_of_ten(int power)
{
    double value = 1;
    for (int i = power < 0 ? -power : power; i > 0; i--)
        value *= 10;
    return power < 0 ? 1 / value : value;
}

/* The smallest of 1, 2, 5 times a power of ten that is not below |value|; bytes have powers of
 * two instead, and what is counted goes by whole steps. */
static double round_step(enum scale_unit unit, double value)
{
    static const double steps[] = {1, 2, 5};
    double least = value * (1 - 1e-9), power = 1;
    if (unit == UNIT_BYTES) {
        while (power < least)
            power *= 2;
        return power;
    }
    for (int exponent = unit == UNIT_COUNT ? 0 : -9;; exponent++)
        for (size_t i = 0; i < 3; i++) {
            power = steps[i] * power_of_ten(exponent);
            if (power >= least)
                return power;
        }
}

double scale_linear(enum scale_unit unit, double most, size_t limit, struct ticks *out)
{
    if (!(most > 0))
        most = unit == UNIT_MONEY ? 0.01 : unit == UNIT_PERCENT ? 100 : 1;
    double least = unit == UNIT_MONEY ? 0.0001 : unit == UNIT_PERCENT ? 0.1 : 1;
    most = scale_larger(most, least);
    double step = round_step(unit, most / (double)(limit - 1));
    size_t steps = (size_t)(most / step + 1 - 1e-9);
    *out = (struct ticks){.count = 0};
    for (size_t i = 0; i <= steps && out->count < SCALE_TICKS; i++) {
        struct tick *tick = &out->list[out->count++];
        *tick = (struct tick){.at = (double)i / (double)steps, .few = true, .many = true};
        scale_label(unit, (double)i * step, tick->label);
    }
    return (double)steps * step;
}

void scale_decades(double from, double until, struct ticks *out)
{
    const double decade = 3.321928094887362; /* doublings */
    int first = 0, last = 0;
    while (first * decade < from - 1e-9)
        first++;
    while ((last + 1) * decade < until + 1e-9)
        last++;
    *out = (struct ticks){.count = 0};
    int stride = 1 + (last - first) / 4;
    for (int power = first; power <= last && out->count < SCALE_TICKS; power++) {
        struct tick *tick = &out->list[out->count++];
        *tick = (struct tick){.at = (power * decade - from) / (until - from),
                              .few = (power - first) % stride == 0,
                              .many = true};
        scale_label(UNIT_SECONDS, power_of_ten(power - 6), tick->label);
    }
}
