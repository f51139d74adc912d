/* SPDX-License-Identifier: MIT */
/* The merger: moves the spool into LMDB, files what it moves (filing.h), counts uses, evicts what
 * is beyond the limits, folds old journal segments (fold.h), notes the store's size (history.h),
 * removes what killed processes have left. Runs in a process of our own (`preecho merge`, or a
 * child that the core starts), never in a host's thread.
 *
 * A recording is in LMDB and synced before its spool file goes, and the file goes only
 * when it is still the one that was read: killed at any moment, nothing is lost, at worst
 * done again.
 *
 * Thread class: one thread. */
#ifndef STORE_MERGE_H
#define STORE_MERGE_H

#include "evict.h"

struct merge_options {
    bool wait;              /* for another merge or purge to end, instead of STORE_BUSY */
    unsigned segments_kept; /* journal segments to leave as history; 0 = the default */
    int64_t leftover_ms; /* age at which a temporary file is abandoned; 0 = 10 minutes */
    uint64_t max_size;   /* bytes of the whole store (limit.h); 0 = no limit */
    evict_quota quota;   /* NULL = no tenant has one */
    void *quota_context;
    const struct prices *prices; /* for what entries are worth; NULL = none is known */
    int64_t now_s;               /* for tests: the time; 0 = the clock's */
};

struct merge_counts {
    uint64_t entries;  /* moved */
    uint64_t aliases;  /* moved */
    uint64_t damaged;  /* spool files that do not authenticate: removed */
    uint64_t foreign;  /* spool files of another version, or not ours: left */
    uint64_t leftover; /* temporary files of processes that died: removed */
    uint64_t segments; /* journal segments that were folded */
    uint64_t salvaged; /* records moved out of a damaged LMDB file */
    uint64_t evicted;  /* entries that went for the limit or a quota */
};

/* |counts| says how far it came, whatever the result.
 * STORE_OK, STORE_BUSY, STORE_UNAVAILABLE, STORE_REFUSED, STORE_NO_MEMORY, STORE_FULL,
 * STORE_CORRUPT. */
MUST_USE int store_merge(const struct store_paths *paths,
                         const struct merge_options *options,
                         struct merge_counts *counts);

#endif
