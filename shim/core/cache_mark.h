/* SPDX-License-Identifier: MIT */
/* What a cache says of an answer that it serves: Age (RFC 9111, 5.1) and Cache-Status
 * (RFC 9211). */
#ifndef CORE_CACHE_MARK_H
#define CORE_CACHE_MARK_H

#include "store/bytes.h"

struct cache_mark {
    bool edge;        /* of the edge layer: it is named, and Date stays as it was */
    bool denied;      /* replay mode has made the answer up (denial.h): nothing is said */
    uint64_t age_s;   /* since the answer was recorded */
    bool stale;       /* it has expired, and is served since upstream has failed */
    bool partial;     /* upstream was asked for a part of it */
    bool validated;   /* it had expired, and upstream has said that it holds */
    bool revalidated; /* it has expired, and a new answer is being fetched */
    uint64_t expired_s; /* since when */
    unsigned failure;   /* upstream's status, 0 = none came */
};

/* Appends the value of Cache-Status: `preecho; hit`, or what happened instead of one. */
void cache_mark_append(const struct cache_mark *mark, struct buffer *out);

#endif
