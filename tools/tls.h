/* SPDX-License-Identifier: MIT */
/* Which TLS library a program brings that is no shared libssl. Told from files: the libraries
 * that it names, symbols, and texts that a library leaves in whatever it is linked into. */
#ifndef TOOLS_TLS_H
#define TOOLS_TLS_H

#include "images.h"

enum tls_kind {
    TLS_NONE,   /* none was seen */
    TLS_LIBSSL, /* OpenSSL's or BoringSSL's as a shared library */
    TLS_OPENSSL_INSIDE,
    TLS_BORINGSSL_INSIDE,
    TLS_GNUTLS,
    TLS_NSS,
    TLS_MBEDTLS,
    TLS_WOLFSSL,
    TLS_RUSTLS,
    TLS_GO,
    TLS_JAVA,
    TLS_OWN /* something that speaks TLS 1.3 and has none of the names above */
};

/* "GnuTLS"; "none". Static. */
const char *tls_name(enum tls_kind kind);
/* Why that kind is out of reach: "it uses GnuTLS without libcurl"; NULL for none and for those
 * whose reason names a file. Static. */
const char *tls_reason(enum tls_kind kind);

/* A TLS library other than OpenSSL's that |program| itself is linked with, or TLS_NONE. */
enum tls_kind tls_linked(const struct image *program);
/* What is built into |image| itself, or TLS_NONE. */
enum tls_kind tls_inside(const struct image *image);
/* The first of |images| that has OpenSSL or BoringSSL inside; |*kind| says which. NULL: none. */
const struct image *tls_bundling(const struct images *images, enum tls_kind *kind);

#endif
