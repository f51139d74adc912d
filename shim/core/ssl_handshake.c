/* SPDX-License-Identifier: MIT */
/* The OpenSSL level, before the first byte: the ALPN offer and what came of it. */
#include "alpn.h"
#include "core.h"
#include "ssl_level.h"

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
        int done = REAL(connection, lib->SSL_do_handshake(connection->ssl));
        if (done <= 0)
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
