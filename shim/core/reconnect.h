/* SPDX-License-Identifier: MIT */
/* A connection that upstream has closed while hits were served on it. To the program it was in
 * use all the time; to the server it was idle. So the next request that has to go upstream gets a
 * fresh connection: the same peer, the same SSL object, the same certificate or none at all.
 *
 * Only for socket BIOs. An event loop with memory BIOs reads its socket itself and has seen the
 * end. Same thread class as the connection. */
#ifndef CORE_RECONNECT_H
#define CORE_RECONNECT_H

#include "connection.h"

/* True when hits have been served since upstream was last used, and upstream has hung up. */
MUST_USE bool reconnect_needed(const struct connection *connection);
/* Begins it, dial_step() goes on. False when it cannot be done: the program then sees the closed connection. */
MUST_USE bool reconnect_begin(struct connection *connection);

#endif
