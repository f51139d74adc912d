/* SPDX-License-Identifier: MIT */
/* Waking a program up for an answer that came from the store: finding the connection's
 * descriptor, swapping it, and taking our wake-up bytes out of a memory BIO again. Same
 * thread class as the connection. */
#ifndef CORE_WAKE_H
#define CORE_WAKE_H

#include "connection.h"

/* The number that libssl has for its socket; a memory BIO has none: then the one that its
 * ClientHello went through. -1: not known. */
int wake_number(const struct connection *connection, bool *memory_bio);
/* True when the program's descriptor is known and still its own: `descriptor`. */
MUST_USE bool wake_descriptor(struct connection *connection);
/* True when the program can be woken up: its descriptor is known and still its own. */
MUST_USE bool wake_possible(struct connection *connection);
/* An answer from the store is next: makes the descriptor readable. */
void wake_up(struct connection *connection);
/* The descriptor is to become readable by a helper's byte at its far end, which only
 * `descriptor` knows. False: no change. */
MUST_USE bool wake_later(struct connection *connection);
/* Has that byte come? It is taken. */
enum wake_call {
    WAKE_NOT_YET,
    WAKE_CALLED,
    WAKE_LOST, /* it will not: the program has closed or shut down its descriptor */
};
enum wake_call wake_called(struct connection *connection);
/* The same for a program that blocks, which stands still until then, as it would in front of a
 * server that says nothing: WAKE_NOT_YET when its own limit of time, or a signal, has ended the
 * call; host_errno tells. */
enum wake_call wake_stand_still(struct connection *connection);
/* Takes our bytes out of a memory BIO, if the program has put some there. */
void wake_drain(struct connection *connection);
/* Puts the real descriptor back; the program waits for upstream again. */
void wake_restore(struct connection *connection);
/* After a hit on a fresh TLS 1.3 connection: the session tickets that the server sends
 * behind the handshake (RFC 8446, 4.6.1) are still to come or unread, where without us
 * the first answer would have brought them along. They must not make an idle socket
 * readable (Ruby's net/http then waits for an answer that nobody owes), the end of the
 * stream must: that is what SO_RCVLOWAT does. Lasts until wake_loud(), at the program's
 * next call that moves bytes. */
void wake_quiet(struct connection *connection);
void wake_loud(struct connection *connection);
/* True when the program's socket blocks. */
bool wake_blocking(const struct connection *connection);

#endif
