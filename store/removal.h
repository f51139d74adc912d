/* SPDX-License-Identifier: MIT */
/* Removing entries fast. An entry goes at once, and its place in a list is committed with that
 * (RECORD_REMOVED and 8 random bytes: keys); its aliases, card and places in the index follow
 * with the next merge, before it moves anything. Until then they lead to nothing.
 *
 * Why: they lie all over the file, and LMDB writes every page that it touches anew, with those
 * above it. So even the entry itself, if it is known where it lies, is not deleted: its first
 * bytes are overwritten with REMOVED_MARK, and it opens nowhere any more. That breaks no rule of
 * LMDB's trees, for values mean nothing to them; nobody writes meanwhile (writer.h has the lock);
 * hosts authenticate what they read, and forget the pages that they keep with the commit that
 * follows. Who dies in between leaves an entry that is damaged.
 *
 * Thread class: one thread. */
#ifndef STORE_REMOVAL_H
#define STORE_REMOVAL_H

#include "writer.h"

/* Starts as all zeroes but for |writer|. */
struct removal {
    struct writer *writer;
    struct buffer keys; /* since the last flush */
    uint64_t marked;    /* entries, since then */
    int descriptor;     /* of the data file; 0 = not open yet */
};

/* Removes one. |at|: where in LMDB's file its sealed form lies, as read since the last commit;
 * 0 = it is to be searched for. */
void removal_add(struct removal *removal, const uint8_t key[STORE_KEY_SIZE], uint64_t at);
/* Commits. writer_flush's results. */
MUST_USE int removal_flush(struct removal *removal);
void removal_free(struct removal *removal);

/* Removes what earlier removals have left. writer_flush's results. */
MUST_USE int removal_collect(struct writer *writer);

#endif
