/* SPDX-License-Identifier: MIT */
/* Which entries were used: read from the journal by the merger and added to their cards, since
 * a hit writes nothing but its journal record. How far the journal was read stands under
 * RECORD_POSITION: the segment's sequence and identity (8 bytes each), slots (4).
 *
 * Thread class: one thread. */
#ifndef STORE_USES_H
#define STORE_USES_H

#include "evicted.h"

/* Adds what is new in the journal to the cards, and tells |evicted| what was asked for in vain.
 * Appends the keys that have no card, as often as they were used, to |without|: those of entries
 * that are still in the spool, perhaps. writer_flush's results, STORE_REFUSED. */
MUST_USE int uses_update(struct writer *writer, struct evicted *evicted,
                         struct buffer *without);
/* When the spool was merged: adds one use for each of |keys| to its card, if it has one now.
 * writer_flush's results. */
MUST_USE int uses_add(struct writer *writer, struct span keys, int64_t now_s);

#endif
