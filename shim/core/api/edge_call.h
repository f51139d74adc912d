/* SPDX-License-Identifier: MIT */
/* A GET or HEAD as a call that is looked up, and its keys. Pure; any thread. */
#ifndef CORE_EDGE_CALL_H
#define CORE_EDGE_CALL_H

#include "api.h"

/* An address' epoch: random, begun anew whenever it is written to (RFC 9111, 4.4). It stands in the
 * records as their request's body. */
#define EDGE_EPOCH_SIZE 8
/* The status of a record that says no more than that, and its operation. */
#define EDGE_WRITTEN           0
#define EDGE_WRITTEN_OPERATION "edge, written to"

/* True for the two methods that a cache may answer. */
bool edge_call_method(struct span method);
/* Fills |call| in: the host's dialect, or "http", and the operation "edge". Nothing to be freed. */
void edge_call_of(const struct request *request, struct call *call);

/* What all variants of an answer have in common: where the request goes, and the fields that look
 * like a credential, cookies among them, but for the identity's own. The method is none of it. */
void edge_call_key(const struct request *request, struct key_hash *hash);
/* True when the field |name| looks like a credential that is none of the identity's. */
bool edge_call_is_secret(struct span name);
/* Which variant |request| asks for: by the fields that change an answer whatever Vary says, and by
 * the Vary of |response| (RFC 9111, 4.1). */
void edge_call_variant(const struct request *request, const struct headers *response,
                       struct key_hash *hash);

/* True when an entry of |operation| is one of this layer's. */
bool edge_call_is(struct span operation);
/* True for those that change nothing (RFC 9110, 9.2.1). */
bool edge_call_safe(struct span method);

#endif
