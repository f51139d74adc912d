/* SPDX-License-Identifier: MIT */
/* Old journal segments are folded: added to totals in LMDB and removed. LMDB also
 * remembers which segments the last fold took, so that one whose file was not removed any
 * more (the merger was killed) is not counted twice.
 *
 * Thread class: one thread. */
#ifndef STORE_FOLD_H
#define STORE_FOLD_H

#include "totals.h"
#include "writer.h"

/* Folds the oldest segments but |kept|; adds to |*folded| how many. The newest, which is
 * being written, is never folded. STORE_OK, STORE_UNAVAILABLE, STORE_REFUSED,
 * STORE_NO_MEMORY, STORE_FULL, STORE_CORRUPT. */
MUST_USE int journal_fold(struct writer *writer, size_t kept, uint64_t *folded);

/* Visits every record in the |journal| directory that is not folded, oldest segment
 * first, and adds what is folded according to the LMDB file |data| to |totals| (may be
 * NULL). STORE_OK, STORE_UNAVAILABLE, STORE_REFUSED, STORE_NO_MEMORY. */
MUST_USE int fold_each(const char *data, const char *journal, journal_visit visit,
                       void *context, struct journal_state *state, struct totals *totals);

#endif
