/* SPDX-License-Identifier: MIT */
/* One table of real functions per copy of libssl in the process. A process can hold
 * several (two versions, one bundled in a plugin), so the table belongs to the SSL object
 * it was found for. Works with OpenSSL 1.1.1 and 3.x. */
#ifndef CORE_LIBSSL_H
#define CORE_LIBSSL_H

#include "preload/core_api.h"

#include <stdbool.h>

/* LIBSSL(result, name, parameters): found by name in libssl or its own dependencies. */
#define LIBSSL_FUNCTIONS                                                                 \
    LIBSSL(int, SSL_do_handshake, (SSL *))                                               \
    LIBSSL(int, SSL_is_init_finished, (const SSL *))                                     \
    LIBSSL(int, SSL_is_server, (const SSL *))                                            \
    LIBSSL(int, SSL_read, (SSL *, void *, int))                                          \
    LIBSSL(int, SSL_peek, (SSL *, void *, int))                                          \
    LIBSSL(int, SSL_write, (SSL *, const void *, int))                                   \
    LIBSSL(int, SSL_get_error, (const SSL *, int))                                       \
    LIBSSL(int, SSL_get_fd, (const SSL *))                                               \
    LIBSSL(BIO *, SSL_get_rbio, (const SSL *))                                           \
    LIBSSL(size_t, SSL_get_client_random, (const SSL *, unsigned char *, size_t))        \
    LIBSSL(const char *, SSL_get_servername, (const SSL *, int))                         \
    LIBSSL(void, SSL_get0_alpn_selected,                                                 \
           (const SSL *, const unsigned char **, unsigned *))                            \
    LIBSSL(int, SSL_set_alpn_protos, (SSL *, const unsigned char *, unsigned))           \
    LIBSSL(long, SSL_get_verify_result, (const SSL *))                                   \
    LIBSSL(X509 *, SSL_get_certificate, (const SSL *))                                   \
    LIBSSL(int, SSL_clear, (SSL *))                                                      \
    LIBSSL(void, SSL_set_connect_state, (SSL *))                                         \
    LIBSSL(void, SSL_set_quiet_shutdown, (SSL *, int))                                   \
    LIBSSL(int, X509_cmp, (const X509 *, const X509 *))                                  \
    LIBSSL(void, X509_free, (X509 *))                                                    \
    LIBSSL(SSL_CTX *, SSL_get_SSL_CTX, (const SSL *))                                    \
    LIBSSL(int, BIO_read, (BIO *, void *, int))                                          \
    LIBSSL(size_t, BIO_ctrl_pending, (BIO *))                                            \
    LIBSSL(int, ERR_set_mark, (void))                                                    \
    LIBSSL(int, ERR_pop_to_mark, (void))                                                 \
    LIBSSL(int, ERR_clear_last_mark, (void))

struct libssl {
    const void *base; /* where this copy is mapped */
#define LIBSSL(result, name, parameters) result(*name) parameters;
    LIBSSL_FUNCTIONS
#undef LIBSSL
    /* SSL_get_peer_certificate() in OpenSSL 1.1.1 */
    X509 *(*SSL_get1_peer_certificate)(const SSL *);
};

/* Called once, before any other function here. */
void libssl_start(const struct stub_api *stub);
/* The table of the copy that |real| (one of its functions) lies in; NULL when it lacks a
 * function or too many copies are known already. Tables live for ever. Any thread; not
 * for signals. */
const struct libssl *libssl_of(const void *real);
/* In a forked child. */
void libssl_after_fork(void);

/* Tests only: |real| belongs to |copy|. */
void libssl_adopt(const void *real, const struct libssl *copy);

#endif
