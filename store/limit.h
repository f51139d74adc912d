/* SPDX-License-Identifier: MIT */
/* The store's size limit: how it is shared among the data file, the spool and the journal, and
 * whether a host may still record. The merger keeps the data file and the journal within their
 * shares (evict.h), hosts the spool within its own, so that all together stay below the limit.
 *
 * Thread class: any thread. No locks, no open descriptor. */
#ifndef STORE_LIMIT_H
#define STORE_LIMIT_H

#include "bytes.h"

#include <stdatomic.h>

#define LIMIT_LEAST ((uint64_t)16 << 20) /* a smaller limit counts as this */

struct layout;

/* Bytes on disk. */
struct limit_shares {
    uint64_t all;
    uint64_t data; /* LMDB's file grows to this, and for a moment by a sixteenth more */
    uint64_t replace;   /* a larger file is replaced by a smaller one */
    uint64_t entries;   /* evict until what it holds is about this */
    uint64_t journal;   /* segments that are kept */
    uint64_t spool;     /* hosts stop recording here */
    uint64_t merge;     /* a merge is wanted when the spool reaches this */
    uint64_t recording; /* no entry may be larger */
};

void limit_share(uint64_t max_size, struct limit_shares *out);

struct limit_sizes {
    uint64_t data, spool, journal; /* blocks in use on disk, as bytes */
};

/* What is missing or cannot be read counts as nothing. */
void limit_measure(const struct layout *layout, struct limit_sizes *out);

/* A host's view; starts as all zeroes: no limit. */
struct limit {
    _Atomic uint64_t max_size;
    _Atomic int64_t
        allowance; /* bytes that may be recorded before the disk is looked at again */
    _Atomic int64_t until_ms; /* and until when */
    _Atomic bool pressing;    /* the spool has grown enough for a merge */
    _Atomic int64_t asked_ms; /* when one was last asked for because of that */
};

/* May |size| bytes be recorded? Looks at the disk unless it did so a moment ago. Several
 * processes that record at once may together go past the limit by a few hundredths. */
MUST_USE bool limit_admits(struct limit *limit, const struct layout *layout,
                           uint64_t size);

#endif
