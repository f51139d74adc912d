/* SPDX-License-Identifier: MIT */
/* Removing entries, for tools: from the spool and from LMDB. Hosts see it with their next
 * look-up. Aliases and index records follow later (removal.h). LMDB's file keeps its size and
 * uses the space again, except when nothing is left: then the file itself is removed.
 *
 * Thread class: one thread. */
#ifndef STORE_PURGE_H
#define STORE_PURGE_H

#include "each.h"

struct purge_rules {
    struct span tags; /* framed texts; only entries that have all of them are looked at */
    bool thorough;    /* remove aliases and index records, too, before it returns */
    struct span
        tenants; /* ids: their vectors go whatever becomes of entries (forget.h) */
};

/* True: remove this entry. Called for every entry, also those that cannot be opened, but for
 * those that |rules| leave out. */
typedef bool (*purge_choose)(void *context, const struct each_entry *entry);

/* Removes what |choose| names, or with NULL for it and one tag all that have it (store_each_listed);
 * |*removed| says how many entries. Waits for a merge that is
 * running. STORE_OK, STORE_CORRUPT (LMDB's file is damaged: what can be read is done),
 * STORE_UNAVAILABLE, STORE_REFUSED, STORE_NO_MEMORY, STORE_FULL. */
MUST_USE int store_purge(struct store *store, const struct purge_rules *rules,
                         purge_choose choose, void *context, uint64_t *removed);

#endif
