/* SPDX-License-Identifier: MIT */
/* Cache-Control (RFC 9111, 5.2; RFC 5861; RFC 8246) and Pragma (5.4), of requests and of responses.
 * What only a shared cache has to do (s-maxage, proxy-revalidate) is passed over like everything
 * that is not known. Pure; any thread. */
#ifndef CORE_EDGE_CONTROL_H
#define CORE_EDGE_CONTROL_H

#include "message.h"

/* A number of seconds that may be said. */
struct edge_seconds {
    bool said;
    bool invalid;     /* said, but no number, or twice with different ones */
    uint64_t seconds; /* at most EDGE_SECONDS_MOST */
};

/* RFC 9111, 1.2.2: what is greater counts as this. */
#define EDGE_SECONDS_MOST ((uint64_t)2147483648)

struct edge_control {
    bool no_store;
    bool no_cache; /* without names: all of the response */
    bool must_revalidate;
    bool only_if_cached;
    bool no_transform;
    bool public;
    bool private;
    bool immutable;
    bool any_stale; /* max-stale without a number */
    struct edge_seconds max_age;
    struct edge_seconds max_stale;
    struct edge_seconds min_fresh;
    struct edge_seconds stale_while_revalidate;
    struct edge_seconds stale_if_error;
};

void edge_control_read(const struct headers *headers, struct edge_control *out);
/* True when the no-cache of a response's |headers| names the field |name| (RFC 9111, 5.2.2.4). */
bool edge_control_withholds(const struct headers *headers, struct span name);

#endif
