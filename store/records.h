/* SPDX-License-Identifier: MIT */
/* The journal's records one by one, for tools that look at single calls. What adds up goes
 * through sums.h.
 *
 * Thread class: any thread; hosts may write meanwhile. */
#ifndef STORE_RECORDS_H
#define STORE_RECORDS_H

#include "journal.h"
#include "store.h"

/* Visits every record that was not folded (fold.h), oldest segment first. |state| may be NULL.
 * STORE_OK, STORE_UNAVAILABLE, STORE_REFUSED, STORE_NO_MEMORY. */
MUST_USE int store_each_record(struct store *store, journal_visit visit, void *context,
                               struct journal_state *state);

#endif
