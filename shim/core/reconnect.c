/* SPDX-License-Identifier: MIT */
/* A fresh connection under the same descriptor and SSL object. */
#include "reconnect.h"

#include "dial.h"
#include "store/uncancelled.h"

#include <fcntl.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static bool hung_up(int fd)
{
    struct pollfd entry = {fd, POLLRDHUP, 0};
    return poll(&entry, 1, 0) == 1 && (entry.revents & (POLLRDHUP | POLLHUP | POLLERR));
}

/* Lets libssl look at what has come: session tickets, or a close notification from a server that
 * waits for ours before it hangs up. Never blocks. */
static bool said_goodbye(const struct connection *connection, int fd)
{
    const struct libssl *lib = connection->lib;
    char byte;
    int waiting = 0, flags = fcntl(fd, F_GETFL);
    if (flags < 0 || ioctl(fd, FIONREAD, &waiting) != 0 || waiting == 0)
        return false;
    if (!(flags & O_NONBLOCK) && fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
        return false;
    int got = lib->SSL_peek(connection->ssl, &byte, 1);
    bool goodbye =
        got <= 0 && lib->SSL_get_error(connection->ssl, got) == SSL_ERROR_ZERO_RETURN;
    if (!(flags & O_NONBLOCK))
        (void)fcntl(fd, F_SETFL, flags);
    return goodbye;
}

bool reconnect_needed(const struct connection *connection)
{
    int fd = connection->descriptor.number;
    return connection->idle_upstream && !connection->memory_bio &&
           descriptor_valid(&connection->descriptor) &&
           (hung_up(fd) || said_goodbye(connection, fd));
}

/* A socket on its way to |number|'s peer, or -1 with errno. */
static int connect_again(int number)
{
    struct sockaddr_storage peer = {0};
    socklen_t size = sizeof(peer);
    if (getpeername(number, (struct sockaddr *)&peer, &size) != 0)
        return -1;
    int low = socket(peer.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (low < 0)
        return -1;
    int fd = carrier_high(low);
    close(low);
    if (fd < 0)
        return -1;
    dial_copy_options(number, fd);
    if (connect(fd, (struct sockaddr *)&peer, size) == 0 || errno == EINPROGRESS)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

bool reconnect_begin(struct connection *connection)
{
    UNCANCELLED;
    const struct libssl *lib = connection->lib;
    X509 *certificate = lib->SSL_get1_peer_certificate(connection->ssl);
    if (!certificate)
        return false;
    int fd = connect_again(connection->descriptor.number);
    bool placed = fd >= 0 && descriptor_replace(&connection->descriptor, fd);
    if (fd >= 0)
        close(fd);
    if (!placed || !lib->SSL_clear(connection->ssl)) {
        lib->X509_free(certificate);
        return false;
    }
    lib->SSL_set_connect_state(connection->ssl);
    connection->settled = false;
    connection->low_water = 0;
    if (dial_again(connection, certificate))
        return true;
    lib->X509_free(certificate);
    return false;
}
