/* SPDX-License-Identifier: MIT */
/* What a program asks after a handshake. Where that was only claimed, the claim answers;
 * everywhere else the real function. */
#include "hooks.h"
#include "ssl_level.h"

#include <openssl/ssl.h>

/* NULL: the real function is right. */
static const struct claim *claimed(const SSL *ssl)
{
    int saved = errno;
    ssl_after_fork();
    const struct connection *connection = connection_find(ssl);
    errno = saved;
    return connection && connection->link != LINK_REAL ? connection->claim : NULL;
}

/* -- the state ------------------------------------------------------------------------------ */

int core_SSL_is_init_finished(SSL_is_init_finished_function *real, const SSL *ssl)
{
    return claimed(ssl) ? 1 : real(ssl);
}

int core_SSL_in_init(SSL_in_init_function *real, const SSL *ssl)
{
    return claimed(ssl) ? 0 : real(ssl);
}

int core_SSL_in_before(SSL_in_before_function *real, const SSL *ssl)
{
    return claimed(ssl) ? 0 : real(ssl);
}

OSSL_HANDSHAKE_STATE core_SSL_get_state(SSL_get_state_function *real, const SSL *ssl)
{
    return claimed(ssl) ? TLS_ST_OK : real(ssl);
}

const char *core_SSL_state_string(SSL_state_string_function *real, const SSL *ssl)
{
    return claimed(ssl) ? "SSLOK " : real(ssl);
}

const char *core_SSL_state_string_long(SSL_state_string_long_function *real,
                                       const SSL *ssl)
{
    return claimed(ssl) ? "SSL negotiation finished successfully" : real(ssl);
}

/* -- what was negotiated ---------------------------------------------------------------------- */

const char *core_SSL_get_version(SSL_get_version_function *real, const SSL *ssl)
{
    static const char *const names[] = {"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"};
    const struct claim *claim = claimed(ssl);
    if (!claim || claim->version < TLS1_VERSION || claim->version > TLS1_3_VERSION)
        return real(ssl);
    return names[claim->version - TLS1_VERSION];
}

int core_SSL_version(SSL_version_function *real, const SSL *ssl)
{
    const struct claim *claim = claimed(ssl);
    return claim ? claim->version : real(ssl);
}

const SSL_CIPHER *core_SSL_get_current_cipher(SSL_get_current_cipher_function *real,
                                              const SSL *ssl)
{
    const struct claim *claim = claimed(ssl);
    return claim ? claim->cipher : real(ssl);
}

void core_SSL_get0_alpn_selected(SSL_get0_alpn_selected_function *real, const SSL *ssl,
                                 const unsigned char **protocol, unsigned *size)
{
    const struct claim *claim = claimed(ssl);
    if (!claim) {
        real(ssl, protocol, size);
        return;
    }
    *size = (unsigned)strlen(claim->alpn);
    *protocol = *size ? (const unsigned char *)claim->alpn : NULL;
}

/* -- the server's certificates ------------------------------------------------------------------ */

static X509 *certificate_ref(const struct claim *claim)
{
    return claim->lib->X509_up_ref(claim->certificate) ? claim->certificate : NULL;
}

X509 *core_SSL_get_peer_certificate(SSL_get_peer_certificate_function *real,
                                    const SSL *ssl)
{
    const struct claim *claim = claimed(ssl);
    return claim ? certificate_ref(claim) : real(ssl);
}

X509 *core_SSL_get1_peer_certificate(SSL_get1_peer_certificate_function *real,
                                     const SSL *ssl)
{
    const struct claim *claim = claimed(ssl);
    return claim ? certificate_ref(claim) : real(ssl);
}

X509 *core_SSL_get0_peer_certificate(SSL_get0_peer_certificate_function *real,
                                     const SSL *ssl)
{
    const struct claim *claim = claimed(ssl);
    return claim ? claim->certificate : real(ssl);
}

STACK_OF(X509) *
    core_SSL_get_peer_cert_chain(SSL_get_peer_cert_chain_function *real, const SSL *ssl)
{
    const struct claim *claim = claimed(ssl);
    return claim ? claim->chain : real(ssl);
}

STACK_OF(X509) *
    core_SSL_get0_verified_chain(SSL_get0_verified_chain_function *real, const SSL *ssl)
{
    const struct claim *claim = claimed(ssl);
    return claim ? claim->verified : real(ssl);
}
