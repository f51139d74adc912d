/* SPDX-License-Identifier: MIT */
/* The OpenSSL level's entry points: one function per hook of hooks.def, called by the
 * stub with the real function in front. Here errno is kept, a forked child is told apart,
 * and the two spellings of read and write are brought together. */
#include "alpn.h"
#include "carrier.h"
#include "connect_error.h"
#include "core.h"
#include "curl.h"
#include "hooks.h"
#include "registration.h"
#include "ssl_level.h"
#include "wake.h"

#include <openssl/ssl.h>

void ssl_after_fork(void)
{
    static unsigned seen;
    if (!core_forked(&seen))
        return;
    connection_after_fork();
    carrier_after_fork();
    registrations_after_fork();
    alpn_after_fork();
    claim_after_fork();
    known_hosts_after_fork();
    virtual_after_fork();
    libssl_after_fork();
}

static struct connection *find(const SSL *ssl)
{
    ssl_after_fork();
    return connection_find(ssl);
}

/* The connection of |ssl| at the beginning of a call that sends or receives; NULL when
 * the call goes straight to the real function. */
static struct connection *enter(SSL *ssl, const void *real, bool client)
{
    int entry_errno = errno;
    ssl_after_fork();
    /* What libcurl does for a transfer that the libcurl level looks after is handled
     * there. */
    struct connection *connection =
        curl_level_busy() ? connection_find(ssl) : connection_get(ssl, real, client);
    if (connection) {
        connection->host_errno = entry_errno;
        connection->answer.ours = false;
        if (connection_idle_pass(connection))
            connection = NULL;
        else if (!connection->started)
            ssl_start(connection);
        if (connection)
            wake_loud(connection);
        /* Whatever comes in through a descriptor of ours was a wake-up. */
        if (connection && connection->descriptor.stand_in)
            wake_drain(connection);
    }
    errno = entry_errno;
    return connection;
}

static int leave(const struct connection *connection, int result)
{
    errno = connection->host_errno;
    return result;
}

/* Without virtual sockets in the process a handshake is the real function's business. */
static bool handshakes_here(const struct connection *connection)
{
    return connection && (virtual_any() || connection->link != LINK_REAL) &&
           connection->lib->virtual_capable;
}

/* -- the handshake ------------------------------------------------------------------- */

void core_SSL_set_connect_state(SSL_set_connect_state_function *real, SSL *ssl)
{
    int entry_errno = errno;
    real(ssl);
    ssl_after_fork();
    if (!curl_level_busy())
        (void)connection_get(ssl, (const void *)real, true);
    errno = entry_errno;
}

/* SSL_connect() also says which side the program is. */
int core_SSL_connect(SSL_connect_function *real, SSL *ssl)
{
    struct connection *connection = enter(ssl, (const void *)real, true);
    if (!handshakes_here(connection))
        return real(ssl);
    if (connection->link == LINK_REAL && connection->lib->SSL_in_before(ssl))
        connection->lib->SSL_set_connect_state(ssl);
    return leave(connection, ssl_handshake(connection));
}

int core_SSL_do_handshake(SSL_do_handshake_function *real, SSL *ssl)
{
    struct connection *connection = enter(ssl, (const void *)real, false);
    return handshakes_here(connection) ? leave(connection, ssl_handshake(connection))
                                       : real(ssl);
}

/* A callback of its own kind has the last word on certificates. */
void core_SSL_CTX_set_cert_verify_callback(
    SSL_CTX_set_cert_verify_callback_function *real, SSL_CTX *ctx,
    verify_callback *callback, void *argument)
{
    int entry_errno = errno;
    if (callback)
        claim_exclude(ctx);
    errno = entry_errno;
    real(ctx, callback, argument);
}

int core_SSL_set_alpn_protos(SSL_set_alpn_protos_function *real, SSL *ssl,
                             const unsigned char *protocols, unsigned size)
{
    int entry_errno = errno;
    alpn_note(ssl, span_of(protocols, size));
    errno = entry_errno;
    return real(ssl, protocols, size);
}

int core_SSL_CTX_set_alpn_protos(SSL_CTX_set_alpn_protos_function *real, SSL_CTX *ctx,
                                 const unsigned char *protocols, unsigned size)
{
    int entry_errno = errno;
    alpn_note(ctx, span_of(protocols, size));
    errno = entry_errno;
    return real(ctx, protocols, size);
}

/* A context outlives this call while connections use it; they have had their look at it
 * by then, or offer what the program asked for. */
void core_SSL_CTX_free(SSL_CTX_free_function *real, SSL_CTX *ctx)
{
    int entry_errno = errno;
    alpn_forget(ctx);
    errno = entry_errno;
    real(ctx);
}

/* -- bytes --------------------------------------------------------------------------- */

/* Who calls the _ex twins is told 0 for every failure, and Python takes that for the end of
 * the stream whatever errno says. An error in OpenSSL's queue is read. Returns 0. */
static int explain(const struct connection *connection)
{
    if (connection->answer.ours && connection->answer.error == SSL_ERROR_SYSCALL)
        connect_error_put(connection->lib, connection->host_errno);
    errno = connection->host_errno;
    return 0;
}

static int write_bytes(struct connection *connection, const void *data, size_t size,
                       bool patient)
{
    int sent = ssl_ready(connection);
    connection->patient = patient;
    if (sent > 0)
        sent = ssl_take(connection, data, size > INT32_MAX ? INT32_MAX : size);
    if (sent > 0)
        connection->answer = (struct answer){true, SSL_ERROR_NONE, SSL_NOTHING};
    return leave(connection, sent);
}

/* It drives the handshake all the same (openssl s_client); behind it libssl returns 0 and
 * gives no reason. */
static int write_nothing(struct connection *connection)
{
    int ready = ssl_ready(connection);
    if (ready > 0) {
        connection->answer = (struct answer){true, SSL_ERROR_SYSCALL, SSL_NOTHING};
        ready = 0;
    }
    return leave(connection, ready);
}

int core_SSL_write(SSL_write_function *real, SSL *ssl, const void *data, int size)
{
    struct connection *connection = enter(ssl, (const void *)real, false);
    if (connection && size == 0 && handshakes_here(connection))
        return write_nothing(connection);
    return connection && size > 0 ? write_bytes(connection, data, (size_t)size, false)
                                  : real(ssl, data, size);
}

int core_SSL_write_ex(SSL_write_ex_function *real, SSL *ssl, const void *data,
                      size_t size, size_t *written)
{
    struct connection *connection = enter(ssl, (const void *)real, false);
    if (!connection || size == 0)
        return real(ssl, data, size, written);
    int sent = write_bytes(connection, data, size, true);
    *written = sent > 0 ? (size_t)sent : 0;
    return sent > 0 ? 1 : explain(connection);
}

/* 0-RTT data leaves before the handshake; it is not for us. */
int core_SSL_write_early_data(SSL_write_early_data_function *real, SSL *ssl,
                              const void *data, size_t size, size_t *written)
{
    struct connection *connection = enter(ssl, (const void *)real, true);
    if (connection)
        connection_pass(connection);
    return real(ssl, data, size, written);
}

/* A read may drive the handshake, too. */
static int read_bytes(struct connection *connection, void *data, size_t size, bool peek)
{
    int ready =
        connection->checked || !handshakes_here(connection) ? 1 : ssl_ready(connection);
    if (ready <= 0)
        return leave(connection, ready);
    return leave(connection, ssl_give(connection, data, size, peek));
}

int core_SSL_read(SSL_read_function *real, SSL *ssl, void *data, int size)
{
    struct connection *connection = enter(ssl, (const void *)real, false);
    return connection && size > 0 ? read_bytes(connection, data, (size_t)size, false)
                                  : real(ssl, data, size);
}

int core_SSL_peek(SSL_peek_function *real, SSL *ssl, void *data, int size)
{
    struct connection *connection = enter(ssl, (const void *)real, false);
    return connection && size > 0 ? read_bytes(connection, data, (size_t)size, true)
                                  : real(ssl, data, size);
}

static int read_ex(struct connection *connection, void *data, size_t size, size_t *got,
                   bool peek)
{
    int result = read_bytes(connection, data, size, peek);
    *got = result > 0 ? (size_t)result : 0;
    return result > 0 ? 1 : explain(connection);
}

int core_SSL_read_ex(SSL_read_ex_function *real, SSL *ssl, void *data, size_t size,
                     size_t *got)
{
    struct connection *connection = enter(ssl, (const void *)real, false);
    return connection && size > 0 ? read_ex(connection, data, size, got, false)
                                  : real(ssl, data, size, got);
}

int core_SSL_peek_ex(SSL_peek_ex_function *real, SSL *ssl, void *data, size_t size,
                     size_t *got)
{
    struct connection *connection = enter(ssl, (const void *)real, false);
    return connection && size > 0 ? read_ex(connection, data, size, got, true)
                                  : real(ssl, data, size, got);
}

/* -- what the program asks afterwards ------------------------------------------------ */

int core_SSL_pending(SSL_pending_function *real, const SSL *ssl)
{
    struct connection *connection = find(ssl);
    size_t available = connection ? connection_available(connection) : 0;
    if (available == 0)
        return real(ssl);
    return available > INT32_MAX ? INT32_MAX : (int)available;
}

int core_SSL_has_pending(SSL_has_pending_function *real, const SSL *ssl)
{
    struct connection *connection = find(ssl);
    return connection && connection_available(connection) ? 1 : real(ssl);
}

int core_SSL_get_error(SSL_get_error_function *real, const SSL *ssl, int result)
{
    struct connection *connection = find(ssl);
    if (!connection || !connection->answer.ours)
        return real(ssl, result);
    return result > 0 ? SSL_ERROR_NONE : connection->answer.error;
}

int core_SSL_want(SSL_want_function *real, const SSL *ssl)
{
    struct connection *connection = find(ssl);
    return connection && connection->answer.ours ? connection->answer.want : real(ssl);
}

int core_SSL_get_shutdown(SSL_get_shutdown_function *real, const SSL *ssl)
{
    struct connection *connection = find(ssl);
    bool ended = connection && connection->ended && !connection->first;
    bool closed = connection && connection->closed;
    return real(ssl) | (ended ? SSL_RECEIVED_SHUTDOWN : 0) |
           (closed ? SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN : 0);
}

/* -- the end ------------------------------------------------------------------------- */

/* A request that has been held back until now is not worth an answer that nobody reads. */
static void forget_waiting(struct connection *connection)
{
    if (!connection_waits(connection))
        return;
    exchange_drop(connection->first->exchange, REASON_ABORTED, 0);
    connection_pop(connection);
    buffer_clear(&connection->deferred);
}

/* Sends what the program believes to have sent. On a connection that was never made that
 * can only be a part of a request, which it has given up. */
static void let_go(struct connection *connection)
{
    forget_waiting(connection);
    if (connection->link != LINK_REAL)
        return;
    if (connection->held.size || connection->deferred.size)
        connection_pass(connection);
    if (connection->checked)
        ssl_flush(connection);
    wake_restore(connection);
}

/* Nothing of it has ever been real: both sides have closed at once. */
static bool shut_down_virtual(struct connection *connection)
{
    if (!connection || !connection->claim || connection->link == LINK_REAL)
        return false;
    forget_waiting(connection);
    connection->closed = true;
    connection->answer = (struct answer){true, SSL_ERROR_NONE, SSL_NOTHING};
    int entry_errno = errno;
    if (connection->descriptor.stand_in)
        descriptor_end(&connection->descriptor);
    errno = entry_errno;
    return true;
}

int core_SSL_shutdown(SSL_shutdown_function *real, SSL *ssl)
{
    struct connection *connection = find(ssl);
    if (shut_down_virtual(connection))
        return 1;
    if (connection) {
        connection->host_errno = errno;
        connection->answer.ours = false;
        wake_loud(connection);
        let_go(connection);
        errno = connection->host_errno;
    }
    return real(ssl);
}

int core_SSL_up_ref(SSL_up_ref_function *real, SSL *ssl)
{
    struct connection *connection = find(ssl);
    if (connection)
        connection->references++;
    return real(ssl);
}

static void end(const SSL *ssl)
{
    int entry_errno = errno;
    struct connection *connection = find(ssl);
    if (connection && connection->references > 0) {
        connection->references--;
    } else if (connection) {
        connection->host_errno = entry_errno;
        let_go(connection);
        connection_drop(connection);
    }
    errno = entry_errno;
}

int core_SSL_clear(SSL_clear_function *real, SSL *ssl)
{
    struct connection *connection = find(ssl);
    if (connection)
        connection->references = 0;
    end(ssl);
    return real(ssl);
}

void core_SSL_free(SSL_free_function *real, SSL *ssl)
{
    if (ssl) {
        end(ssl);
        alpn_forget(ssl);
    }
    real(ssl);
}
