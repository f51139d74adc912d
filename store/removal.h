/* SPDX-License-Identifier: MIT */
/* Removing entries fast. What a removed entry consists of (itself, its aliases, card and places in
 * the index) lies all over LMDB's file, and LMDB writes every page that it touches anew, with
 * those above it. So a few entries are only put on a list (removed.h) in one small transaction;
 * nobody finds them from then on, and the next merge takes them away before it moves anything.
 * Many are taken away at once: every process that looks entries up reads the list.
 *
 * Thread class: one thread. */
#ifndef STORE_REMOVAL_H
#define STORE_REMOVAL_H

#include "writer.h"

#define REMOVAL_LISTED 32768 /* entries, at most, that wait on the list */

/* Starts as all zeroes but for |writer|. */
struct removal {
    struct writer *writer;
    struct buffer keys; /* of those that LMDB has */
};

/* Adds an entry that LMDB has. */
void removal_add(struct removal *removal, const uint8_t key[STORE_KEY_SIZE]);
/* Adds one that it may have. STORE_OK, STORE_CORRUPT, STORE_UNAVAILABLE, STORE_NO_MEMORY. */
MUST_USE int removal_add_any(struct removal *removal, const uint8_t key[STORE_KEY_SIZE]);
/* True when nothing will be left in LMDB. */
bool removal_is_all(const struct removal *removal);
/* Removes what was added, with |thorough| whatever else belongs to it, too. writer_flush's
 * results. */
MUST_USE int removal_commit(struct removal *removal, bool thorough);
void removal_free(struct removal *removal);

/* Takes away what earlier removals have listed. writer_flush's results. */
MUST_USE int removal_collect(struct writer *writer);

#endif
