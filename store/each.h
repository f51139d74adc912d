/* SPDX-License-Identifier: MIT */
/* All entries, one after the other, for tools: what is in the spool, then what is in
 * LMDB.
 *
 * Thread class: one thread per store; hosts may record and the merger may run meanwhile.
 */
#ifndef STORE_EACH_H
#define STORE_EACH_H

#include "files.h"
#include "store.h"

enum each_state {
    EACH_OK = 0,
    EACH_UNKNOWN_TENANT = 1, /* its salt or the secret is not (no longer) there */
    EACH_DAMAGED = 2,        /* is not whole, or does not authenticate */
    EACH_FOREIGN = 3,        /* of another format version */
    EACH_UNREAD = 4          /* nothing is known but the key (store_each_listed) */
};

struct each_entry {
    uint8_t key[STORE_KEY_SIZE];
    uint8_t tenant[TENANT_ID_SIZE]; /* zeroes when EACH_DAMAGED or EACH_FOREIGN */
    enum each_state state;
    bool spooled;
    uint64_t stored_bytes; /* as it lies in the store: compressed and sealed */
    int64_t created_ms;
    struct entry_label label; /* zeroes unless EACH_OK */
    struct entry_notes notes; /* the same; lives until the visitor returns */
};

/* False ends the walk. */
typedef bool (*each_visit)(void *context, const struct each_entry *entry);

/* Visits every entry once. With |verify| whole entries are read and authenticated,
 * without it only their labels are. STORE_OK (also when there are none), STORE_CORRUPT
 * (LMDB's file is damaged: some may be missing), STORE_UNAVAILABLE, STORE_REFUSED,
 * STORE_NO_MEMORY. */
MUST_USE int store_each(struct store *store, bool verify, each_visit visit,
                        void *context);

/* Visits every entry that has all of |tags| (framed texts), in a time that depends on how many
 * those are rather than on how many there are. No tags: every entry. The same results. */
MUST_USE int store_each_tagged(struct store *store, struct span tags, each_visit visit,
                               void *context);

/* The same for one tag, and faster: of entries in LMDB the index alone is looked at, so nothing is
 * known of them but that. Those whose tags the index does not know are left out. */
MUST_USE int store_each_listed(struct store *store, struct span tag, each_visit visit,
                               void *context);

/* The one entry whose key begins with |digits|, 1 to 64 hexadecimal digits. |about| is
 * filled also when the entry cannot be opened; its notes live as long as |out|, which is to be
 * freed only after STORE_OK.
 * STORE_OK, STORE_MISS (none, or it cannot be opened: see |about->state|),
 * STORE_AMBIGUOUS, STORE_CORRUPT (|digits| are none), and store_each's results. */
MUST_USE int store_load(struct store *store, const char *digits, struct each_entry *about,
                        struct entry *out);

/* What changes with every recording and every change of the database. */
struct store_stamp {
    struct file_stamp spool, data;
};

/* As it is now. */
struct store_stamp store_stamp_now(const struct store *store);
/* False also when |a|, of the time |a_ms| (milliseconds since 1970), was so fresh that the files may
 * have changed once more without showing it. */
bool store_stamp_holds(const struct store_stamp *a, int64_t a_ms,
                       const struct store_stamp *b);

/* How much there is. */
struct store_sizes {
    uint64_t
        entries; /* in LMDB; one that waits in the spool again is counted there, too */
    uint64_t aliases;
    uint64_t spooled; /* recordings that wait for the merger */
    uint64_t spooled_bytes;
    uint64_t data_bytes; /* LMDB's file, blocks in use on disk */
    uint64_t journal_bytes;
    uint64_t evicted;     /* entries that had to go for the size limit or a quota */
    uint64_t asked_again; /* of them; only of the latest (evicted.h) */
};

/* Cheap: looks at counters and directories. STORE_OK, STORE_UNAVAILABLE, STORE_NO_MEMORY.
 */
MUST_USE int store_sizes(struct store *store, struct store_sizes *out);

#endif
