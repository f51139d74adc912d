/* SPDX-License-Identifier: MIT */
/* How large the store was, day by day: kept in LMDB by the merger, for reports.
 *
 * Thread class: one thread. */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include "store.h"

#define HISTORY_DAYS 400 /* that are kept */

struct history_day {
    uint32_t day;     /* since 1970 */
    uint64_t entries; /* at the end of the day's last merge */
    uint64_t bytes;   /* on disk, then: database, spool and journal */
    uint64_t evicted; /* on this day */
    uint64_t asked_again;
};

/* False ends the walk. */
typedef bool (*history_visit)(void *context, const struct history_day *day);

/* Visits the days of which something is known, at most the latest HISTORY_DAYS, ascending.
 * STORE_OK (also when there are none), STORE_UNAVAILABLE, STORE_NO_MEMORY. */
MUST_USE int store_history(struct store *store, history_visit visit, void *context);

struct writer;
struct evicted_counts;

/* For the merger, at its end: notes how large the store is today (|now_s| in seconds since
 * 1970) and what was |evicted| so far; forgets what is too old. Queues and writes it.
 * writer_flush's results. */
MUST_USE int history_note(struct writer *writer, const struct evicted_counts *evicted,
                          int64_t now_s);

#endif
