/* SPDX-License-Identifier: MIT */
/* All sealed entries as they lie, what is in the spool first, then what is in LMDB. What
 * each.c (for tools) and store_walk() are made of; private to store/.
 *
 * Thread class: any thread. Hosts may record and the merger may run meanwhile. */
#ifndef STORE_WALK_H
#define STORE_WALK_H

#include "layout.h"

/* Bytes that hold header and label box of any entry. */
#define WALK_LABEL ((size_t)SEAL_HEADER_SIZE + SEAL_LABEL_LIMIT)

/* An entry as it lies. */
struct walk_entry {
    const uint8_t *key;
    struct span value; /* its first bytes */
    uint64_t size;     /* of all of it */
    bool spooled;      /* it waits for the merger */
    bool unread;       /* nothing is known but the key */
};

/* False ends the walk. */
typedef bool (*walk_visit)(void *context, const struct walk_entry *entry);

/* Appends the keys of the entries in LMDB that are to be visited. walk_entries' results. */
typedef int (*walk_list)(void *context, struct buffer *keys);

/* Which entries, and how much of them. */
struct walk_rules {
    struct span prefix; /* of their keys, at most STORE_KEY_SIZE bytes; for LMDB alone */
    size_t bytes;       /* of a value that are read */
    size_t most;        /* entries in the spool that are looked at, and in its batches */
    walk_list list;     /* asked when the spool is done; NULL = all that are in LMDB */
    bool unread; /* listed ones are visited unread, whether they are there or not */
    void *list_context;
    struct pages_cache *cache; /* for listed ones; or NULL */
};

/* Visits every entry once, but for those that were removed (removed.h): an entry that the merger
 * moves meanwhile is not missed.
 * STORE_OK (also when there are none), STORE_CORRUPT (LMDB's file is damaged: some may be
 * missing), STORE_UNAVAILABLE, STORE_NO_MEMORY. */
MUST_USE int walk_entries(const struct layout *layout, const struct walk_rules *rules,
                          walk_visit visit, void *context);

#endif
