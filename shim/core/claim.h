/* SPDX-License-Identifier: MIT */
/* What a program is told of a TLS handshake that has not taken place: what the host's
 * record has kept of an earlier one. The recorded certificates are verified anew, by the
 * program's own SSL_CTX, its settings, its callback and today's date; what does not pass
 * there is not claimed, and the program meets the server itself (in replay mode nobody).
 * Replay mode also claims handshakes with hosts that it knows by name alone (placeholder.h). */
#ifndef CORE_CLAIM_H
#define CORE_CLAIM_H

#include "known_hosts.h"
#include "libssl.h"

struct claim {
    const struct libssl *lib;
    char name[HOST_NAME_SIZE]; /* the host's */
    int version;               /* of TLS */
    const SSL_CIPHER *cipher;
    char alpn[16];             /* "" = none */
    X509 *certificate;         /* owned: Node.js takes the first one out of `chain` */
    STACK_OF(X509) * chain;    /* as SSL_get_peer_cert_chain(): the server's own first */
    STACK_OF(X509) * verified; /* as SSL_get0_verified_chain(); may be NULL */
    long verify_result;
};

/* A claim for |ssl|, which was to shake hands with |name| on |port|; SSL_get_verify_result()
 * is right afterwards. NULL: there is nothing to be claimed. May call the program's verify
 * callback, as the handshake would. Errors of OpenSSL's queue are as before. */
MUST_USE struct claim *claim_new(SSL *ssl, const struct libssl *lib, struct span name,
                                 uint16_t port);
void claim_free(struct claim *claim);

/* True when what the program believes of |claim| holds for the real handshake that |ssl|
 * has made now: the same certificate; or another one, if the program leaves all checks to
 * OpenSSL and they have passed, also for the host's name. */
MUST_USE bool claim_holds(const struct claim *claim, const SSL *ssl);

/* |ctx| has a verify callback of its own kind, which cannot be asked for afterwards:
 * nothing is claimed for its connections. Any thread. */
void claim_exclude(const SSL_CTX *ctx);
/* In a forked child. */
void claim_after_fork(void);

#endif
