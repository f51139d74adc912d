/* SPDX-License-Identifier: MIT */
/* Which recorded resource a request to `preecho serve` asks for:
 *
 *     /HOST/PATH?QUERY or /HOST:PORT/PATH?QUERY   whatever the Host field says
 *     /PATH?QUERY with a Host field of the list   that host's, at the port that the list has
 *
 * Nothing is decoded or made shorter: what was recorded is found by the same bytes or not at all.
 * Pure functions; any thread. */
#ifndef TOOLS_RESOURCE_H
#define TOOLS_RESOURCE_H

#include "shim/core/api/message.h"

#define RESOURCE_DIGEST 16

struct resource {
    struct span host; /* without brackets */
    uint16_t port;
    struct span target; /* begins with a slash */
};

/* |request|: as it came, with the Host field among its |headers|; |hosts|: a list as host_list.h
 * has it. False when it asks for nothing that could have been recorded. The spans point into both. */
MUST_USE bool resource_asked(const struct request *request, struct span hosts,
                             struct resource *out);
/* What a recorded request has asked for. False when that is not plain: two servers might take its
 * path for different things (dots, empty segments, encoded slashes), and so might a rule. */
MUST_USE bool resource_recorded(const struct request *request, struct resource *out);

void resource_digest(const struct resource *resource, uint8_t out[RESOURCE_DIGEST]);
bool resource_equal(const struct resource *a, const struct resource *b);

#endif
