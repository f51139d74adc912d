/* SPDX-License-Identifier: MIT */
/* One table of real functions per copy of libssl in the process. A process can hold
 * several (two versions, one bundled in a plugin), so the table belongs to the SSL object
 * it was found for. Works with OpenSSL 1.1.1 and 3.x. */
#ifndef CORE_LIBSSL_H
#define CORE_LIBSSL_H

#include "preload/core_api.h"

#include <openssl/err.h>
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

/* What virtual connections need beyond that; a copy that lacks one of these has none. */
#define LIBSSL_VIRTUAL_FUNCTIONS                                                         \
    LIBSSL(long, SSL_ctrl, (SSL *, int, long, void *))                                   \
    LIBSSL(int, SSL_in_before, (const SSL *))                                            \
    LIBSSL(int, SSL_version, (const SSL *))                                              \
    LIBSSL(const SSL_CIPHER *, SSL_get_current_cipher, (const SSL *))                    \
    LIBSSL(uint16_t, SSL_CIPHER_get_protocol_id, (const SSL_CIPHER *))                   \
    LIBSSL(const SSL_CIPHER *, SSL_CIPHER_find, (SSL *, const unsigned char *))          \
    LIBSSL(STACK_OF(X509) *, SSL_get_peer_cert_chain, (const SSL *))                     \
    LIBSSL(int, SSL_get_verify_mode, (const SSL *))                                      \
    LIBSSL(SSL_verify_cb, SSL_get_verify_callback, (const SSL *))                        \
    LIBSSL(void, SSL_set_verify_result, (SSL *, long))                                   \
    LIBSSL(int, SSL_get_security_level, (const SSL *))                                   \
    LIBSSL(X509_VERIFY_PARAM *, SSL_get0_param, (SSL *))                                 \
    LIBSSL(int, SSL_get_ex_data_X509_STORE_CTX_idx, (void))                              \
    LIBSSL(X509_STORE *, SSL_CTX_get_cert_store, (const SSL_CTX *))                      \
    LIBSSL(client_cert_callback *, SSL_CTX_get_client_cert_cb, (SSL_CTX *))              \
    LIBSSL(info_callback *, SSL_get_info_callback, (const SSL *))                        \
    LIBSSL(info_callback *, SSL_CTX_get_info_callback, (SSL_CTX *))                      \
    LIBSSL(void, SSL_set_info_callback, (SSL *, info_callback *))                        \
    LIBSSL(X509 *, d2i_X509, (X509 **, const unsigned char **, long))                    \
    LIBSSL(int, i2d_X509, (X509 *, unsigned char **))                                    \
    LIBSSL(int, X509_up_ref, (X509 *))                                                   \
    LIBSSL(int, X509_check_host, (X509 *, const char *, size_t, unsigned, char **))      \
    LIBSSL(int, X509_check_ip_asc, (X509 *, const char *, unsigned))                     \
    LIBSSL(int, X509_verify_cert, (X509_STORE_CTX *))                                    \
    LIBSSL(X509_STORE_CTX *, X509_STORE_CTX_new, (void))                                 \
    LIBSSL(int, X509_STORE_CTX_init,                                                     \
           (X509_STORE_CTX *, X509_STORE *, X509 *, STACK_OF(X509) *))                   \
    LIBSSL(void, X509_STORE_CTX_free, (X509_STORE_CTX *))                                \
    LIBSSL(int, X509_STORE_CTX_set_ex_data, (X509_STORE_CTX *, int, void *))             \
    LIBSSL(int, X509_STORE_CTX_set_default, (X509_STORE_CTX *, const char *))            \
    LIBSSL(void, X509_STORE_CTX_set_verify_cb, (X509_STORE_CTX *, SSL_verify_cb))        \
    LIBSSL(X509_VERIFY_PARAM *, X509_STORE_CTX_get0_param, (const X509_STORE_CTX *))     \
    LIBSSL(int, X509_STORE_CTX_get_error, (const X509_STORE_CTX *))                      \
    LIBSSL(STACK_OF(X509) *, X509_STORE_CTX_get1_chain, (const X509_STORE_CTX *))        \
    LIBSSL(int, X509_VERIFY_PARAM_set1,                                                  \
           (X509_VERIFY_PARAM *, const X509_VERIFY_PARAM *))                             \
    LIBSSL(void, X509_VERIFY_PARAM_set_auth_level, (X509_VERIFY_PARAM *, int))           \
    LIBSSL(OPENSSL_STACK *, OPENSSL_sk_new_null, (void))                                 \
    LIBSSL(int, OPENSSL_sk_push, (OPENSSL_STACK *, const void *))                        \
    LIBSSL(int, OPENSSL_sk_num, (const OPENSSL_STACK *))                                 \
    LIBSSL(void *, OPENSSL_sk_value, (const OPENSSL_STACK *, int))                       \
    LIBSSL(void, OPENSSL_sk_pop_free, (OPENSSL_STACK *, OPENSSL_sk_freefunc))

typedef int client_cert_callback(SSL *, X509 **, EVP_PKEY **);
typedef void info_callback(const SSL *, int, int);

struct libssl {
    const void *base;     /* where this copy is mapped */
    bool virtual_capable; /* LIBSSL_VIRTUAL_FUNCTIONS are all there */
#define LIBSSL(result, name, parameters) result(*name) parameters;
    LIBSSL_FUNCTIONS
    LIBSSL_VIRTUAL_FUNCTIONS
#undef LIBSSL
    /* SSL_get_peer_certificate() in OpenSSL 1.1.1 */
    X509 *(*SSL_get1_peer_certificate)(const SSL *);
    /* OpenSSL 3.0; NULL before */
    void (*ERR_new)(void);
    void (*ERR_set_error)(int library, int reason, const char *format, ...);
    int (*ERR_get_next_error_library)(void);
    int (*ERR_load_strings_const)(const ERR_STRING_DATA *strings);
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
