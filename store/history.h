/* SPDX-License-Identifier: MIT */
/* How large the store was, day by day: kept in LMDB by the merger, for reports.
 *
 * Thread class: one thread. */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include "store.h"

struct history_day {
    uint32_t day;     /* since 1970 */
    uint64_t entries; /* at the end of the day's last merge */
    uint64_t bytes;   /* on disk, then: database, spool and journal */
    uint64_t evicted; /* on this day */
    uint64_t asked_again;
};

/* False ends the walk. */
typedef bool (*history_visit)(void *context, const struct history_day *day);

/* Visits the days of which something is known, at most the latest 400, ascending.
 * STORE_OK (also when there are none), STORE_UNAVAILABLE, STORE_NO_MEMORY. */
MUST_USE int store_history(struct store *store, history_visit visit, void *context);

#endif
