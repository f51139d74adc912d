/* SPDX-License-Identifier: MIT */
/* A table of rows, each key once. Rows stay where they are while the table grows. Private to
 * store/.
 *
 * Thread class: any thread on distinct tables. */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include "sums.h"

/* Starts as all zeroes. After an allocation has failed the table is incomplete and says so:
 * add many times, ask once with rows_ok(). */
struct rows {
    struct sums_row **blocks;
    struct rows_slot *slots;
    size_t count;
    size_t room; /* slots, a power of two */
    bool failed;
};

/* The row of |key|, new and zero when there was none; NULL when memory is short. Bytes of |key|
 * behind a text's end, and between members, must be zero. */
struct sums_row *rows_get(struct rows *rows, const struct sums_key *key);
/* Adds the numbers of |row| to the row of its key. */
void rows_add(struct rows *rows, const struct sums_row *row);
/* Adds all rows of |more|, which is empty then. */
void rows_move(struct rows *rows, struct rows *more);

/* The row at |index| < |count|. */
struct sums_row *rows_at(const struct rows *rows, size_t index);
static inline bool rows_ok(const struct rows *rows)
{
    return !rows->failed;
}
/* Empty again, |failed| is forgotten. */
void rows_free(struct rows *rows);

#endif
