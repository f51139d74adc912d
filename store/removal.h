/* SPDX-License-Identifier: MIT */
/* Removing entries fast: the entry itself goes at once, with its place in a list (RECORD_REMOVED
 * and 8 random bytes: keys); its aliases, card and places in the index follow with the next
 * merge, before it moves anything. Until then they lead to nothing.
 *
 * Why: those lie all over the file, and every page that is touched is written anew.
 *
 * Thread class: one thread. */
#ifndef STORE_REMOVAL_H
#define STORE_REMOVAL_H

#include "writer.h"

/* Starts as all zeroes but for |writer|. */
struct removal {
    struct writer *writer;
    struct buffer keys; /* since the last flush */
};

/* Queues one. */
void removal_add(struct removal *removal, const uint8_t key[STORE_KEY_SIZE]);
/* Commits. writer_flush's results. */
MUST_USE int removal_flush(struct removal *removal);
void removal_free(struct removal *removal);

/* Removes what earlier removals have left. writer_flush's results. */
MUST_USE int removal_collect(struct writer *writer);

#endif
