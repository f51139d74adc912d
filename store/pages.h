/* SPDX-License-Identifier: MIT */
/* Reads the LMDB data file without LMDB: what a host process looks entries up with.
 *
 * Why not mdb_env_open() in the host? A registered LMDB reader needs two low descriptors,
 * POSIX locks on the lock file that vanish as soon as the host closes any descriptor of
 * it (daemons close them all), a slot in a table of fixed size, a mutex without deadline
 * shared with every other process, and another environment after fork(). Moving its
 * descriptors to high numbers does not help: closing the low ones drops the locks,
 * another process may then initialise the lock file anew, and the slot that we go on to
 * use is outside the table that writers look at. Without a slot (MDB_NOLOCK) pages may be
 * reused under LMDB's own tree walk, which trusts what it reads: it ends in assert() or a
 * wild pointer, in somebody else's program. And every access through a map is a SIGBUS
 * when the disk fails or the file is cut.
 *
 * So: open, pread, close. Nothing is kept, nothing is locked, nothing is mapped; fork()
 * and closed descriptors have nothing to break. Every number read is checked against the
 * file's bounds. What makes it exact beside a writer is LMDB's copy-on-write rule: a page
 * of the tree of transaction N is freed by transaction N + 1 at the earliest, and the
 * writer reuses only pages that were freed at least two transactions before its own
 * (mdb_find_oldest() of LMDB 0.9 is the last committed transaction when no reader is
 * registered). So N + 3 is the first that may overwrite what we read, and it cannot begin
 * before N + 2 is committed. A walk is therefore good when, after it, our meta page is
 * unchanged and the other one says at most N + 1; else it is repeated, and after some
 * attempts given up as STORE_UNAVAILABLE.
 *
 * Format: LMDB data version 1 (releases 0.9.x), 64-bit, little-endian; anything else is
 * STORE_UNAVAILABLE. The environment must have one unnamed database with plain keys,
 * written without MDB_WRITEMAP (see merge.h).
 *
 * Thread class: any thread. Nobody ever waits for a cache: who finds it busy goes
 * without. */
#ifndef STORE_PAGES_H
#define STORE_PAGES_H

#include "bytes.h"
#include "result.h"

#include <pthread.h>

#define PAGES_KEY_LIMIT  511 /* LMDB's own */
#define PAGES_META_SIZE  136
#define PAGES_ROW_SLOTS  64
#define PAGES_CACHE_ROWS 17

/* Pages of one snapshot of one file, kept between look-ups. They do not change while that
 * snapshot is the newest (copy-on-write), and are forgotten when it is not. What a
 * look-up saves is the system calls: those to open the file and to read the meta pages
 * remain. Leaves share the first row of slots, branches have the others. Leaves, and branches just
 * above them, are kept when they are read a second time: a large store has so many that most are
 * read once, and memory that is touched for the first time costs more than the read it may save. */
struct pages_cache {
    pthread_mutex_t lock; /* held during a look-up; only ever tried */
    uint64_t device, inode;
    uint8_t meta[PAGES_META_SIZE];
    uint8_t *scratch;
    size_t scratch_size;
    size_t page_size;
    uint64_t generation;                       /* pages of an earlier one are forgotten */
    struct pages_slot *rows[PAGES_CACHE_ROWS]; /* see tree.h; NULL until needed */
    bool kept_known;
    struct buffer kept; /* pages_get_kept() */
};

void pages_cache_init(struct pages_cache *cache);
/* In a forked child: starts anew when another thread of the parent was using it. */
void pages_cache_after_fork(struct pages_cache *cache);
void pages_cache_free(struct pages_cache *cache);

/* Appends the value of |key| in the data file at |path| to |value|. |cache| may be NULL.
 * The file's owner and mode are not looked at: whatever it says has to authenticate.
 * STORE_OK, STORE_MISS (no such key, or no such file), STORE_CORRUPT, STORE_UNAVAILABLE,
 * STORE_NO_MEMORY. On anything but STORE_OK |value| is as it was. */
MUST_USE int pages_find(struct pages_cache *cache, const char *path, struct span key,
                        size_t limit, struct buffer *value);

/* Several look-ups with the file opened once: pages_begin(), any number of pages_get(), then
 * pages_end() (only after STORE_OK). One thread. The results are pages_find's.
 *
 * |authentic|, set after pages_begin(): whoever asks authenticates what it gets, and asks again
 * without that when it does not authenticate. Then nobody has to look whether the writer was
 * faster: what was overwritten meanwhile does not authenticate, and pages of it that the cache
 * now has are forgotten with the next look-up, since two transactions were committed before.
 * STORE_MISS is certain all the same. */
struct pages_session {
    bool begun, sound, authentic, kept_known;
    struct buffer kept;               /* without a cache */
    _Alignas(16) uint8_t opaque[352]; /* struct tree */
};
MUST_USE int pages_begin(struct pages_session *session, struct pages_cache *cache,
                         const char *path, size_t limit);
MUST_USE int pages_get(struct pages_session *session, struct span key,
                       struct buffer *value);
/* The same for the first |most| bytes of the value; |*size| becomes that of all of it. */
MUST_USE int pages_get_head(struct pages_session *session, struct span key, size_t most,
                            struct buffer *value, uint64_t *size);
/* The value of the one record that goes with every look-up: it is read once for each snapshot, and
 * always |key|'s. Empty when there is none. |*value| lives until pages_end(). STORE_OK, STORE_CORRUPT,
 * STORE_UNAVAILABLE, STORE_NO_MEMORY. */
MUST_USE int pages_get_kept(struct pages_session *session, struct span key,
                            struct span *value);
void pages_end(struct pages_session *session);

/* What pages_scan() hands over; the spans live until it returns. |value| is cut to the
 * scan's limit, |size| is that of the whole value. False ends the scan. */
typedef bool (*pages_visit)(void *context, struct span key, struct span value,
                            uint64_t size);

/* Visits every key that starts with |prefix|, in order, each once, with the first |limit|
 * bytes of its value. Sees what was committed before it began, and perhaps what is
 * committed meanwhile: it reads leaf by leaf, without a lock. STORE_OK,
 * STORE_MISS (no such file), STORE_CORRUPT (some of it could not be read),
 * STORE_UNAVAILABLE, STORE_NO_MEMORY. */
MUST_USE int pages_scan(const char *path, struct span prefix, size_t limit,
                        pages_visit visit, void *context);

/* A quick look at the beginning and the size of the file: good enough for LMDB to map it
 * without running past its end?
 * STORE_OK, STORE_MISS (absent or empty), STORE_CORRUPT, STORE_UNAVAILABLE (another
 * version), STORE_REFUSED, STORE_NO_MEMORY. */
MUST_USE int pages_check(const char *path);

/* Reads the whole file and checks its structure: both trees, bounds, order of keys, lists
 * of free pages. Nobody may write meanwhile. pages_scan's results. */
MUST_USE int pages_verify(const char *path);

#endif
