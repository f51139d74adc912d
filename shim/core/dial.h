/* SPDX-License-Identifier: MIT */
/* Making a connection under the program's SSL object and descriptor: for a virtual one
 * whose request has to go upstream, and for one that upstream has closed meanwhile
 * (reconnect.h). No byte of a request leaves before the program's own SSL_CTX has verified
 * the server and what the program already believes of it holds. A failure is the
 * program's to see, as its own call's.
 *
 * A blocking socket blocks, as in connect(2). A socket BIO's descriptor gets the
 * connecting socket at once, so that waiting for it works as ever. With a memory BIO
 * nobody would come back to us when it is connected; so it is kept aside until then, and
 * a helper process wakes the program. Same thread class as the connection. */
#ifndef CORE_DIAL_H
#define CORE_DIAL_H

#include "connection.h"

/* Begins, for a connection that is virtual. A host that replay mode shuts off is not dialled:
 * dial_step() says that the connection was refused. False: memory is short. */
MUST_USE bool dial_begin(struct connection *connection);
/* Begins with |fd|, which is connecting to |connection|'s peer and has its number already;
 * only |certificate| will do (owned from now on). False: memory is short. */
MUST_USE bool dial_again(struct connection *connection, X509 *certificate);
/* Goes on with it. 1: there is a connection (also when none was being made), or an expired
 * answer stands in for the one that it was needed for; otherwise what the program's call has to return, with `answer` or the real SSL_get_error telling
 * why: WANT_READ, WANT_WRITE, or the error that connecting met. */
int dial_step(struct connection *connection);
/* Frees what a connection keeps for it. */
void dial_forget(struct connection *connection);

/* The options that programs set on their sockets, from one to another; what they did not
 * set is the default there, too. */
void dial_copy_options(int from, int to);

#endif
