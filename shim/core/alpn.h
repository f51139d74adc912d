/* SPDX-License-Identifier: MIT */
/* ALPN (RFC 7301). Below libssl only HTTP/1.1 can be answered from the store, so on known
 * hosts `h2` is taken out of an offer that has `http/1.1` too. libssl cannot be asked
 * what a program has offered: the offers are noted as they are made, per SSL and per
 * SSL_CTX. Any thread. */
#ifndef CORE_ALPN_H
#define CORE_ALPN_H

#include "store/bytes.h"

/* |object|, an SSL or SSL_CTX, offers |protocols| (the wire form: length, name, ...). */
void alpn_note(const void *object, struct span protocols);
void alpn_forget(const void *object);
/* Appends |object|'s offer without h2 to |out|. False when nothing has been offered, or
 * h2 and http/1.1 are not both in it. */
MUST_USE bool alpn_without_h2(const void *object, struct buffer *out);
/* What |object| offers with regard to |protocol|. */
enum alpn_offer { ALPN_NOTHING, ALPN_OFFERED, ALPN_OTHERS };
enum alpn_offer alpn_offers(const void *object, const char *protocol);
/* In a forked child. */
void alpn_after_fork(void);

#endif
