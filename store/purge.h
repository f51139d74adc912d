/* SPDX-License-Identifier: MIT */
/* Removing entries, for tools: from the spool and from LMDB, with the aliases that lead
 * to them. Hosts see it with their next look-up. LMDB's file keeps its size and uses the
 * space again, except when nothing is left: then the file itself is removed.
 *
 * Thread class: one thread. */
#ifndef STORE_PURGE_H
#define STORE_PURGE_H

#include "each.h"

struct purge_counts {
    uint64_t entries;
    uint64_t aliases;
};

/* True: remove this entry. Called for every entry, also those that cannot be opened. */
typedef bool (*purge_choose)(void *context, const struct each_entry *entry);

/* Removes what |choose| names. Waits for a merge that is running.
 * STORE_OK, STORE_CORRUPT (LMDB's file is damaged: what can be read is done),
 * STORE_UNAVAILABLE, STORE_REFUSED, STORE_NO_MEMORY, STORE_FULL. */
MUST_USE int store_purge(struct store *store, purge_choose choose, void *context,
                         struct purge_counts *counts);

#endif
