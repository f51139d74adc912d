/* SPDX-License-Identifier: MIT */
/* What rows tell, and how they tell less where there are too many of them. Private to store/.
 *
 * Thread class: any thread on distinct sums. */
#ifndef STORE_DETAIL_H
#define STORE_DETAIL_H

#include "tally.h"

/* What is given up, one after the other; counts, tokens and times never are. */
enum detail {
    DETAIL_ALL = 0,
    DETAIL_NO_HOUR = 1, /* a day's rows are not told apart by the hour */
    DETAIL_NO_WHO = 2,  /* nor by tenant, program and level */
    DETAIL_NO_WHAT = 3, /* nor by operation, dialect, model and host */
};

void detail_drop(struct sums_key *key, enum detail detail);

/* Makes |sums| small enough for |most| bytes of rows, or nearly: tags that were seldom used
 * become "(others)" of their kind before tenants are given up. |*span| becomes PERIOD_DAY when
 * hours are. STORE_OK, STORE_NO_MEMORY. */
MUST_USE int detail_fit(struct sums *sums, size_t most, unsigned *span);

#endif
