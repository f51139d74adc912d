/* SPDX-License-Identifier: MIT */
/* How a progress bar looks. Pure; ASCII only, so that it needs no locale. */
#ifndef TOOLS_GAUGE_H
#define TOOLS_GAUGE_H

#include <stddef.h>
#include <stdint.h>

enum gauge_unit { GAUGE_COUNT, GAUGE_BYTES };

struct gauge {
    const char *what; /* "merging" */
    enum gauge_unit unit;
    uint64_t done;
    uint64_t total; /* 0 = not known: neither bar nor time left */
    double seconds; /* since the beginning */
};

#define GAUGE_SIZE 512

/* One line without its end, at most |width| columns: what, bar, percent, count, rate, time left.
 * What does not fit is left out, the least useful first. Returns |out|. */
char *gauge_draw(const struct gauge *gauge, unsigned width, char out[GAUGE_SIZE]);

#endif
