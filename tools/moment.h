/* SPDX-License-Identifier: MIT */
/* Moments as people write them: `2026-11-27`, `2026-11-27 13:05`, `2026-11-27T13:05:07Z`, or how
 * long ago (`36h`, `7d`). Local time, unless Z follows. One thread. */
#ifndef TOOLS_MOMENT_H
#define TOOLS_MOMENT_H

#include "store/bytes.h"

#define MOMENT_FORM                                                                      \
    "a date (2026-11-27), a date and a time (2026-11-27T13:05) or an age (36h, 7d)"

/* A date alone is its beginning. Milliseconds since 1970. False, and no change, when |text| is no
 * moment. */
MUST_USE bool moment_parse(const char *text, int64_t now_ms, int64_t *out);
/* The date of |ms| in local time, as "2026-11-27". */
void moment_date(int64_t ms, char out[16]);

#endif
