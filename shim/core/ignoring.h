/* SPDX-License-Identifier: MIT */
/* What the rules leave out of a request's key: JSON pointers and expressions, made ready for the
 * canonical form. One belongs to one thread at a time. */
#ifndef CORE_IGNORING_H
#define CORE_IGNORING_H

#include "api/json.h"
#include "policy.h"

/* Ready-made rules; |json| points into the rest. */
struct ignoring;

/* What is wrong with |pointer|, static, as in "names no member"; NULL: nothing. */
MUST_USE const char *ignoring_pointer_problem(struct span pointer);

/* The rules that |policy| says apply. NULL: there are none (|*failed| false), or memory is short. */
MUST_USE struct ignoring *ignoring_new(const struct config *config,
                                       const struct policy *policy, bool *failed);
void ignoring_free(struct ignoring *ignoring);
/* What json_canonical_without() and api_canonicalise() take; valid as long as |ignoring|. */
struct json_ignoring *ignoring_json(struct ignoring *ignoring);
/* Appends the texts of those that have had an effect, framed. */
void ignoring_used(const struct ignoring *ignoring, struct buffer *out);

#endif
