/* SPDX-License-Identifier: MIT */
/* Which of several recordings of one resource answers a request: Vary (RFC 9110, 12.5.5). Pure; any
 * thread. */
#ifndef TOOLS_VARIANT_H
#define TOOLS_VARIANT_H

#include "shim/core/api/record.h"

/* True when |record| answers a request with these |fields|: whatever its Vary and |also|, a rule's
 * list of names, name has to be the same as in the request that was recorded. What varies by who
 * asks never does. */
bool variant_answers(const struct record *record, struct span also,
                     const struct headers *fields);
/* Appends all these names: the Vary of the answer. Nothing when there are none. */
void variant_names(const struct record *record, struct span also, struct buffer *out);

#endif
