/* SPDX-License-Identifier: MIT */
/* The OpenSSL level in replay mode: what is done where an answer cannot be given, and
 * nothing may be sent. */
#include "core.h"
#include "placeholder.h"
#include "ssl_level.h"
#include "wake.h"

#include <openssl/ssl.h>
#include <sys/socket.h>

/* Of a connection that was never made: is the host behind the address, which it may share with
 * others, one of ours? */
static bool is_shut(const struct virtual_socket *socket, const char *name)
{
    const struct sockaddr *peer = (const struct sockaddr *)&socket->peer;
    struct host_address address;
    uint16_t port;
    return !name || placeholder_at(peer, socket->peer_size) ||
           !host_address_of(peer, socket->peer_size, &address, &port) ||
           exchange_confines(span_text(name), port);
}

bool ssl_confined(const struct connection *connection)
{
    const struct virtual_socket *socket = connection->descriptor.stand_in;
    if (core_config()->mode != MODE_REPLAY)
        return false;
    const char *name =
        connection->lib->SSL_get_servername(connection->ssl, TLSEXT_NAMETYPE_host_name);
    if (socket)
        return is_shut(socket, name);
    /* The server's port is not known here: a host that is listed with another one than this
     * is told by its requests alone. */
    return name && exchange_confines(span_text(name), 443);
}

void ssl_cut(struct connection *connection)
{
    buffer_clear(&connection->held);
    buffer_clear(&connection->outgoing);
    connection->outgoing_at = 0;
    connection->ended = true;
    if (connection->first || !wake_possible(connection))
        return;
    (void)!descriptor_swap_in(&connection->descriptor, true);
    if (connection->memory_bio || connection->descriptor.stand_in)
        descriptor_end(&connection->descriptor);
}

int ssl_wait_idle(struct connection *connection)
{
    char byte;
    errno = connection->host_errno;
    ssize_t got = recv(connection->descriptor.number, &byte, 1, MSG_PEEK);
    connection->host_errno = errno;
    connection->ended = got == 0; /* another thread has shut the socket down */
    if (connection->ended)
        connection->answer = (struct answer){true, SSL_ERROR_ZERO_RETURN, SSL_NOTHING};
    else
        connection->answer = (struct answer){true, SSL_ERROR_WANT_READ, SSL_READING};
    return connection->ended ? 0 : -1;
}
