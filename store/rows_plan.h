/* SPDX-License-Identifier: MIT */
/* Which rows of a partition (partition.h) go where, when some leave and others come: rows stay
 * numbered without gaps. Who comes takes the place of who leaves; what then still is free takes the
 * last rows.
 *
 * Pure; any thread. */
#ifndef STORE_ROWS_PLAN_H
#define STORE_ROWS_PLAN_H

#include "bytes.h"

struct row_move {
    uint32_t from, to;
};

/* Starts as all zeroes; free with rows_plan_free(). */
struct rows_plan {
    uint32_t rows;       /* afterwards */
    struct buffer come;  /* uint32_t: rows of those who come, as many as there are */
    struct buffer moves; /* struct row_move; no row is both */
};

/* Of |rows| those in |gone| (uint32_t; in any order, some perhaps more than once or beyond the last:
 * those do not count) leave, |coming| come. STORE_OK, STORE_NO_MEMORY, STORE_FULL (more than
 * |most| rows). Sorts |gone|. */
MUST_USE int rows_plan(uint32_t rows, struct buffer *gone, uint32_t coming, uint32_t most,
                       struct rows_plan *out);
void rows_plan_free(struct rows_plan *plan);

#endif
