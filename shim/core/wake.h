/* SPDX-License-Identifier: MIT */
/* Waking a program up for an answer that came from the store: finding the connection's
 * descriptor, swapping it, and taking our wake-up bytes out of a memory BIO again. Same
 * thread class as the connection. */
#ifndef CORE_WAKE_H
#define CORE_WAKE_H

#include "connection.h"

/* True when the program can be woken up: its descriptor is known and still its own. */
MUST_USE bool wake_possible(struct connection *connection);
/* An answer from the store is next: makes the descriptor readable. */
void wake_up(struct connection *connection);
/* Takes our bytes out of a memory BIO, if the program has put some there. */
void wake_drain(struct connection *connection);
/* Puts the real descriptor back; the program waits for upstream again. */
void wake_restore(struct connection *connection);
/* True when the program's socket blocks. */
bool wake_blocking(const struct connection *connection);

#endif
