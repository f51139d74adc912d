/* SPDX-License-Identifier: MIT */
/* The only place that writes LMDB: merge and purge go through it, in processes of our
 * own, one at a time under a lock on `merge.lock` (flock(2), so that it dies with its
 * holder).
 *
 * The environment is opened without MDB_WRITEMAP (pages.h relies on it, and a stray
 * pointer cannot reach the file) and with LMDB's own locking, so that mdb_dump(1) and
 * mdb_stat(1) may be used beside it.
 *
 * LMDB trusts its file. So `merging` exists while somebody writes: who finds it knows
 * that the last one died, and reads the whole file with pages.h first. If that finds
 * damage, or if three in a row have died, the file is set aside as `damaged.mdb`, what
 * can be read of it is moved to a new one, and it is removed.
 *
 * Thread class: one thread. */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include "layout.h"

struct MDB_env;
struct prices;
struct writer;

/* Frees about |bytes| of the data file by removing entries. STORE_OK, or why not. */
typedef int (*writer_room)(void *context, uint64_t bytes);

/* What the store holds, kept up to date in LMDB under the key "c". */
struct writer_counts {
    uint64_t entries;
    uint64_t aliases;
};

struct writer {
    const struct layout *layout;
    int lock;
    struct MDB_env *env;
    struct buffer queue; /* puts and deletes that are not written yet */
    size_t queued;
    size_t queue_bytes, queue_changes; /* enough for a transaction */
    uint64_t cap;                      /* of the data file's size; 0 = none */
    writer_room room;                  /* called when the cap is reached */
    void *room_context;
    struct writer_counts counts;
    const struct prices *prices; /* for cards (card.h); NULL = none is known */
    uint64_t salvaged;           /* records moved out of a damaged file */
    int failed;                  /* the first flush that failed, or STORE_OK */
};

/* Takes the lock (with |wait| waits for it) and opens the environment, making it when
 * missing. STORE_OK, STORE_BUSY, STORE_UNAVAILABLE (also: written by another version),
 * STORE_REFUSED, STORE_NO_MEMORY, STORE_FULL. writer_close() only after STORE_OK. */
MUST_USE int writer_open(struct writer *writer, const struct layout *layout, bool wait);

/* From now on the data file does not grow beyond |cap| bytes: when something more is to be
 * written |room| is asked to remove what it can, for which a sixteenth more may be used. */
void writer_limit(struct writer *writer, uint64_t cap, writer_room room, void *context);

/* Puts a copy of the data file without free pages in its place. Needs as much space as that on
 * disk. Nothing may be queued. STORE_OK, STORE_FULL, STORE_UNAVAILABLE, STORE_CORRUPT,
 * STORE_NO_MEMORY: it is as before, but for writer_open's results, after which nothing can be
 * written. */
MUST_USE int writer_compact(struct writer *writer);

/* Queue one change. What fails shows in writer_flush(). */
void writer_put(struct writer *writer, struct span key, struct span value);
void writer_delete(struct writer *writer, struct span key);

/* Commits what is queued, in one transaction; the map grows as needed. On failure nothing
 * of it is written and the queue is emptied. STORE_OK, STORE_NO_MEMORY, STORE_FULL,
 * STORE_CORRUPT, STORE_UNAVAILABLE. */
MUST_USE int writer_flush(struct writer *writer);

/* True when enough is queued for a transaction. */
bool writer_is_full(const struct writer *writer);

/* Removes LMDB's files, what was counted from the journal and evicted excepted. Nothing can be written
 * afterwards. writer_flush's results. */
MUST_USE int writer_discard(struct writer *writer);

/* Drops what is queued, closes, gives the lock back. */
void writer_close(struct writer *writer);

/* The value of RECORD_COUNTS, for those who only read. False when it is of another
 * version. */
MUST_USE bool writer_counts_decode(struct span value, struct writer_counts *out);

#endif
