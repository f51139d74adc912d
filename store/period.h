/* SPDX-License-Identifier: MIT */
/* The rows of a day or a month, as one value:
 *
 *     offset  size  what (little-endian)
 *          0     2  version, 2
 *          2     2  span: hours that a row stands for
 *          4     4  size of the rows
 *          8        the rows, compressed (zstd): each is hour 4, verdict, layer, reason,
 *                   level, usage and whether recorded, 1 each, tenant 16; program, operation,
 *                   dialect, model, host and tag, each with its size (1) in front; fifteen
 *                   numbers (8) in the order of struct sums_row; both distributions, each the
 *                   count of the buckets (1) that hold something, then those: number 1,
 *                   calls 4
 *
 * Pure functions; any thread. */
#ifndef STORE_PERIOD_H
#define STORE_PERIOD_H

#include "tally.h"

#define PERIOD_HOUR       1 /* spans */
#define PERIOD_DAY        24
#define PERIOD_HEAD       8                 /* bytes */
#define PERIOD_ROWS_LIMIT ((size_t)2 << 20) /* bytes of rows, not compressed (detail.h) */

/* Bytes of all |rows|, not compressed. */
size_t period_rows_size(const struct rows *rows);

/* Appends all rows of |sums|. STORE_OK, STORE_NO_MEMORY. */
MUST_USE int period_encode(const struct sums *sums, unsigned span, struct buffer *out);

/* The span that |value|, of which PERIOD_HEAD bytes will do, says; 0 when it does not. */
unsigned period_span(struct span value);

/* Adds the rows of |value| that begin before |until_ms| (0 = no end) and end after |since_ms|
 * to |sums|. |*span| is what it says. STORE_OK, STORE_CORRUPT (the first rows may have been
 * added), STORE_UNAVAILABLE (another version), STORE_NO_MEMORY. */
MUST_USE int period_decode(struct span value, const struct sums_rules *rules,
                           struct sums *sums, unsigned *span);

#endif
