/* SPDX-License-Identifier: MIT */
/* Conditional requests (RFC 9110, 13; RFC 9111, 4.3). Pure; any thread. */
#ifndef CORE_EDGE_CONDITION_H
#define CORE_EDGE_CONDITION_H

#include "message.h"

/* True when |request| has conditions that only its server can judge, or asks for a part. */
bool edge_condition_is_foreign(const struct headers *request);
/* True when |request| has a condition that a cache can judge. */
bool edge_condition_asked(const struct headers *request);
/* True when a stored answer with |stored| is to be answered by 304 (RFC 9111, 4.3.2). */
bool edge_condition_unmodified(const struct headers *request,
                               const struct headers *stored, int64_t now_s);

/* True when |stored| has a validator to ask with. */
bool edge_condition_possible(const struct headers *stored);
/* Appends the lines that ask whether |stored| still holds, each with its line end (4.3.1). */
void edge_condition_make(const struct headers *stored, struct buffer *out);
/* True when the 304 with |fields| speaks of |stored| (4.3.4). */
bool edge_condition_confirms(const struct headers *fields, const struct headers *stored,
                             int64_t now_s);

/* The fields of |stored| as a 304 with |fields| updates them (3.2), added to |out|. 0, or -1 when
 * memory is short. */
MUST_USE int edge_condition_update(const struct headers *stored,
                                   const struct headers *fields, struct headers *out);

#endif
