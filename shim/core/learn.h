/* SPDX-License-Identifier: MIT */
/* Keeping what a real handshake showed of a host: see host_record.h. */
#ifndef CORE_LEARN_H
#define CORE_LEARN_H

#include "connection.h"

/* The answer to |exchange|, a miss, is complete: commits it. If it was recorded, so is the
 * host, provided that its name led to the address (no proxy stands between) and nothing newer
 * is known. At most once per connection. */
void learn_answer(struct connection *connection, struct exchange *exchange);

#endif
