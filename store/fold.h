/* SPDX-License-Identifier: MIT */
/* Old journal segments are folded: their rows are added to the ledger (ledger.h) in LMDB, and
 * they are removed. Who adds up both gets the same rows as before, but for what the ledger
 * gives up with time.
 *
 * Thread class: one thread. */
#ifndef STORE_FOLD_H
#define STORE_FOLD_H

#include "writer.h"

struct fold_options {
    size_t kept;   /* the newest segments; at least that which is being written */
    uint64_t most; /* bytes that the ledger may take; 0 = LEDGER_MOST */
    int64_t now_s;
};

/* Folds the oldest segments; adds to |*folded| how many. Stops before one with a slot that was
 * given out a moment ago and is not filled yet. STORE_OK, STORE_UNAVAILABLE, STORE_REFUSED,
 * STORE_NO_MEMORY, STORE_FULL, STORE_CORRUPT. */
MUST_USE int journal_fold(struct writer *writer, const struct fold_options *options,
                          uint64_t *folded);

#endif
