/* SPDX-License-Identifier: MIT */
/* Keeping what a real handshake showed of a host: see host_record.h. */
#ifndef CORE_LEARN_H
#define CORE_LEARN_H

#include "connection.h"

/* An answer of this connection's upstream has been recorded: so is the host, if its name
 * led to the address (no proxy stands between), and nothing newer is known. At most once
 * per connection. */
void learn_host(struct connection *connection);

#endif
