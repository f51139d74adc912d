/* SPDX-License-Identifier: MIT */
/* The OpenSSL level, before the first byte: the ALPN offer and what came of it, and
 * handshakes that are only claimed. */
#include "alpn.h"
#include "core.h"
#include "dial.h"
#include "hello.h"
#include "ssl_level.h"
#include "wake.h"

#include <openssl/ssl.h>

static struct span server_name(const struct connection *connection)
{
    return span_text(
        connection->lib->SSL_get_servername(connection->ssl, TLSEXT_NAMETYPE_host_name));
}

void ssl_start(struct connection *connection)
{
    const struct libssl *lib = connection->lib;
    struct buffer offer = {0};
    connection->started = true;
    struct span name = server_name(connection);
    if (connection->state != CONNECTION_LIVE || name.size == 0 ||
        !config_known_host(core_config(), name, 0))
        return;
    if (alpn_without_h2(connection->ssl, &offer) ||
        alpn_without_h2(lib->SSL_get_SSL_CTX(connection->ssl), &offer))
        lib->SSL_set_alpn_protos(connection->ssl, offer.at, (unsigned)offer.size);
    buffer_free(&offer);
}

/* -- virtual connections --------------------------------------------------------------------- */

/* Is what the program has connected a virtual socket? */
static void find_virtual(struct connection *connection)
{
    bool memory_bio;
    if (connection->checked || connection->lib->SSL_is_init_finished(connection->ssl))
        return;
    struct virtual_socket *socket = virtual_find(wake_number(connection, &memory_bio));
    if (!socket || !virtual_bind(socket))
        return;
    descriptor_adopt(&connection->descriptor, socket);
    connection->memory_bio = memory_bio;
    connection->link = LINK_VIRTUAL;
    wake_restore(connection);
}

/* The name is the one that goes into the ClientHello; a literal address does not. */
static struct claim *make_claim(const struct connection *connection)
{
    const struct virtual_socket *socket = connection->descriptor.stand_in;
    struct host_address address;
    char text[46];
    uint16_t port;
    struct span name = server_name(connection);
    if (!host_address_of((const struct sockaddr *)&socket->peer, socket->peer_size,
                         &address, &port))
        return NULL;
    host_address_text(&address, text);
    return claim_new(connection->ssl, connection->lib, name.size ? name : span_text(text),
                     port);
}

/* Programs that watch their handshakes (Node.js) see this one, too. The last thing that is
 * done: they may go on with the connection from there. */
static void tell(const struct connection *connection)
{
    const struct libssl *lib = connection->lib;
    SSL *ssl = connection->ssl;
    bool begun = connection->memory_bio;
    info_callback *watcher = lib->SSL_get_info_callback(ssl);
    if (!watcher)
        watcher = lib->SSL_CTX_get_info_callback(lib->SSL_get_SSL_CTX(ssl));
    if (!watcher)
        return;
    if (!begun)
        watcher(ssl, SSL_CB_HANDSHAKE_START, 1);
    watcher(ssl, SSL_CB_HANDSHAKE_DONE, 1);
}

/* 1: the program believes that it has shaken hands. Else the connection is made. */
static int shake_virtual_hands(struct connection *connection)
{
    connection->claim = make_claim(connection);
    if (!connection->claim)
        return dial_begin(connection) ? dial_step(connection) : -1;
    connection->checked = true;
    connection->answer = (struct answer){true, SSL_ERROR_NONE, SSL_NOTHING};
    tell(connection);
    return 1;
}

/* Its ClientHello is known by sight when it comes by: others are not libssl's. */
static void announce(const struct connection *connection)
{
    uint8_t random[HELLO_RANDOM_SIZE];
    if (connection->lib->SSL_get_client_random(connection->ssl, random, sizeof(random)) ==
        sizeof(random))
        hello_announce(random);
}

int ssl_handshake(struct connection *connection)
{
    const struct libssl *lib = connection->lib;
    if (virtual_any() && connection->link == LINK_REAL)
        find_virtual(connection);
    if (connection->claim && connection->link != LINK_REAL)
        return 1;
    if (connection->link == LINK_VIRTUAL)
        return shake_virtual_hands(connection);
    if (connection->link != LINK_REAL)
        return dial_step(connection);
    int done = REAL(connection, lib->SSL_do_handshake(connection->ssl));
    if (done <= 0 && virtual_any())
        announce(connection);
    return done;
}

/* -- what came of it -------------------------------------------------------------------------- */

static void count_h2(const struct connection *connection)
{
    struct request head = {.method = span_text("PRI"),
                           .tls = true,
                           .host = server_name(connection),
                           .port = 443,
                           .target = span_text("*")};
    if (config_known_host(core_config(), head.host, 0))
        exchange_bypass(&head, REASON_H2, LEVEL_OPENSSL);
}

int ssl_ready(struct connection *connection)
{
    const struct libssl *lib = connection->lib;
    const unsigned char *protocol = NULL;
    unsigned size = 0;
    if (connection->checked)
        return 1;
    if (!lib->SSL_is_init_finished(connection->ssl)) {
        int done = ssl_handshake(connection);
        if (done <= 0 || connection->checked)
            return done;
    }
    connection->checked = true;
    lib->SSL_get0_alpn_selected(connection->ssl, &protocol, &size);
    if (span_is(span_of(protocol, size), "h2")) {
        count_h2(connection);
        connection_pass(connection);
    }
    return 1;
}
