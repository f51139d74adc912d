/* SPDX-License-Identifier: MIT */
/* Which rows a journal record counts in. Private to store/.
 *
 * Thread class: any thread on distinct sums. */
#ifndef STORE_TALLY_H
#define STORE_TALLY_H

#include "rows.h"

struct sums {
    struct rows calls;
    struct rows tagged;
    bool tags; /* otherwise |tagged| stays empty */
};

void tally_record(struct sums *sums, const struct journal_record *record);
/* Adds a row to the table that it belongs to. */
void tally_row(struct sums *sums, const struct sums_row *row);
/* Adds everything of |more|, which is empty then. */
void tally_move(struct sums *sums, struct sums *more);

static inline bool tally_ok(const struct sums *sums)
{
    return rows_ok(&sums->calls) && rows_ok(&sums->tagged);
}
/* Empty again, |tags| stays. */
void tally_clear(struct sums *sums);

/* |time_ms| in hours since 1970, as far as they are any. */
uint32_t tally_hour(int64_t time_ms);

#endif
