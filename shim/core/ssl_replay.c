/* SPDX-License-Identifier: MIT */
/* The OpenSSL level in replay mode: what is done where an answer cannot be given, and
 * nothing may be sent. */
#include "core.h"
#include "ssl_level.h"
#include "wake.h"

#include <openssl/ssl.h>

bool ssl_confined(const struct connection *connection)
{
    if (core_config()->mode != MODE_REPLAY)
        return false;
    const char *name =
        connection->lib->SSL_get_servername(connection->ssl, TLSEXT_NAMETYPE_host_name);
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
    if (connection->memory_bio)
        descriptor_end(&connection->descriptor);
}
