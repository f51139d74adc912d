/* SPDX-License-Identifier: MIT */
/* Fields of HTTP messages, and times, for the tests of the edge layer. */
#ifndef UNIT_EDGE_FIELDS_H
#define UNIT_EDGE_FIELDS_H

#include "shim/core/api/record.h"

#define NOW             1795788000 /* Fri, 27 Nov 2026 14:00:00 GMT */
#define DATE_NOW        "Fri, 27 Nov 2026 14:00:00 GMT"
#define DATE_HOUR_AGO   "Fri, 27 Nov 2026 13:00:00 GMT"
#define DATE_IN_AN_HOUR "Fri, 27 Nov 2026 15:00:00 GMT"

/* "Name: value\nName: value"; kept until the next eight calls. */
static inline struct headers *fields(const char *text)
{
    static struct header lines[8][16];
    static struct headers lists[8];
    static unsigned next;
    struct headers *out = &lists[next++ % 8];
    *out = (struct headers){lines[out - lists], 0, 16};
    struct span left = span_text(text);
    while (left.size) {
        size_t size = span_find(left, span_text("\n"));
        struct span line = span_of(left.at, size);
        size_t colon = span_find(line, span_text(":"));
        out->at[out->count++] = (struct header){span_of(line.at, colon),
                                                span_trim(span_skip(line, colon + 1))};
        left = span_skip(left, size + 1);
    }
    return out;
}

#endif
