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
 * Adds the keys that have no card to |without|, ascending and as often as they were used: those of
 * entries that are still in the spool, perhaps. writer_flush's results, STORE_REFUSED. */
MUST_USE int uses_update(struct writer *writer, struct evicted *evicted,
                         struct buffer *without);
/* How often |key| is among them. */
uint32_t uses_among(struct span without, const uint8_t key[STORE_KEY_SIZE]);

#endif
