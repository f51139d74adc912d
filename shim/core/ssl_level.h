/* SPDX-License-Identifier: MIT */
/* The OpenSSL level: what becomes of each SSL_ call of the host. To it every hook looks
 * like a legal OpenSSL (design, section 4, "OpenSSL's contract is the specification").
 * Thread class as the hooked functions: any thread, one at a time per SSL object; not for
 * signals. */
#ifndef CORE_SSL_LEVEL_H
#define CORE_SSL_LEVEL_H

#include "connection.h"

/* Before a handshake, whoever drives it: h2 is taken out of the offer on known hosts. */
void ssl_start(struct connection *connection);
/* The handshake, as SSL_do_handshake(): the real one, or, on a virtual connection, the claim
 * that it is done. */
int ssl_handshake(struct connection *connection);
/* Before bytes: finishes the handshake if need be and looks at what was negotiated. 1, or
 * what the real SSL_do_handshake returned (the program sees it as its own call's result).
 */
int ssl_ready(struct connection *connection);

/* Takes |size| bytes of the program. |size|, or the real SSL_write's refusal. */
int ssl_take(struct connection *connection, const void *data, size_t size);
/* Sends what is released. 1, or the real SSL_write's refusal. */
int ssl_flush(struct connection *connection);
/* Goes on with requests that had to wait for an answer to be read. */
void ssl_resume(struct connection *connection);

/* Stops holding the request in hand back, for |reason|. */
void ssl_release(struct connection *connection, enum reason reason);

/* In replay mode: is the server one that nothing is sent to? */
bool ssl_confined(const struct connection *connection);
/* Drops what the program has written and nobody has sent; it reads the end of the stream. */
void ssl_cut(struct connection *connection);
/* A program that blocks reads from a virtual connection before it has asked for anything: waits
 * as long as it would have waited for a server that says nothing. As SSL_read. */
int ssl_wait_idle(struct connection *connection);

/* Gives up to |size| bytes to the program; |peek| leaves them. As SSL_read. */
int ssl_give(struct connection *connection, void *data, size_t size, bool peek);

/* What a child has to do before it uses anything that its parent has begun. */
void ssl_after_fork(void);

/* Looks at a part of what upstream answers to the first turn. The bytes used, 0 when there is
 * nothing to follow any more. */
size_t ssl_follow(struct connection *connection, const uint8_t *data, size_t size);
/* Behind the head of a miss' answer: its body is recorded. */
void ssl_record_body(struct connection *connection);
/* The first turn's answer is complete. */
void ssl_response_complete(struct connection *connection);

/* |exchange|, of the request in hand, which was complete at |asked_us|, is a hit or a miss: its
 * answer is queued, or the request (`held`) released. Takes it over. */
void ssl_settle(struct connection *connection, struct exchange *exchange,
                uint64_t asked_us);

/* -- ssl_await.c: somebody else is asking the same -------------------------------------- */

/* |exchange|, of the request in hand, is to wait. True: it is taken over, and the program
 * believes that its request has been sent. False: no change. */
MUST_USE bool ssl_await_begin(struct connection *connection, struct exchange *exchange);
/* The program reads while connection_waits(). 1: it does so no longer; else what the call has
 * to return. */
int ssl_await(struct connection *connection);

/* -- ssl_stale.c: answers of upstream's that are held back ----------------------------- */

/* True for a miss whose answer an expired entry stands in for if it is a failure. */
bool ssl_may_be_stale(const struct turn *turn);
/* True for a miss whose answer the program may never see: such a one, or one that is a part of what
 * the program is given. */
bool ssl_withholds(const struct turn *turn);
/* True when something else can be served in place of what upstream answers. */
bool ssl_can_serve(struct connection *connection);
/* True when upstream's bytes have to go through ssl_sift(). */
bool ssl_sifts(const struct connection *connection);
/* Reads once from upstream. What the program may have is in `incoming` then, or the first turn
 * is a hit, or neither yet. Positive, or the real SSL_read's refusal. */
int ssl_sift(struct connection *connection);
/* Upstream has failed and answers no more: the first turn becomes a hit, served stale, behind
 * which the connection ends. False: there is no such answer. */
bool ssl_serve_stale(struct connection *connection);

/* Drops the bytes of upstream's that are held back. */
void ssl_drop_withheld(struct connection *connection);
/* The first turn's exchange has become a hit: so does the turn, behind which the connection ends if
 * |close|. False: memory is short. */
MUST_USE bool ssl_serve_instead(struct connection *connection, bool close);

/* -- ssl_partial.c: answers to a part of what the program has asked ----------------------- */

/* True when what upstream answers must not reach the program: it is to be completed. */
bool ssl_is_partial(const struct turn *turn);
/* That answer is whole: the first turn becomes a hit, or its own request is sent. |close|: upstream
 * ends the connection. */
void ssl_complete_partial(struct connection *connection, bool close);
/* Upstream answers no more. True: its answer was whole (|clean|), and the first turn is a hit. */
bool ssl_end_partial(struct connection *connection, bool clean);

#endif
