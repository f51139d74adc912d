/* SPDX-License-Identifier: MIT */
/* A fresh connection under the same descriptor and SSL object. */
#include "reconnect.h"

#include "uncancelled.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
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

static void copy_option(int from, int to, int level, int name)
{
    char value[sizeof(struct timeval)];
    socklen_t size = sizeof(value);
    if (getsockopt(from, level, name, value, &size) == 0)
        setsockopt(to, level, name, value, size);
}

/* What programs set on their sockets; what they did not set is the default there, too. */
static void copy_options(int from, int to)
{
    static const struct {
        int level, name;
    } options[] = {
        {SOL_SOCKET, SO_KEEPALIVE},  {SOL_SOCKET, SO_RCVTIMEO},
        {SOL_SOCKET, SO_SNDTIMEO},   {IPPROTO_TCP, TCP_NODELAY},
        {IPPROTO_TCP, TCP_KEEPIDLE}, {IPPROTO_TCP, TCP_KEEPINTVL},
        {IPPROTO_TCP, TCP_KEEPCNT},  {IPPROTO_TCP, TCP_USER_TIMEOUT},
    };
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        copy_option(from, to, options[i].level, options[i].name);
    int flags = fcntl(from, F_GETFL);
    if (flags >= 0)
        (void)fcntl(to, F_SETFL, flags);
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
    copy_options(number, fd);
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
    connection->certificate = certificate;
    connection->connecting = true;
    connection->settled = false;
    connection->low_water = 0;
    return true;
}

static int refuse(struct connection *connection, int error)
{
    connection->answer = (struct answer){true, SSL_ERROR_SYSCALL, SSL_NOTHING};
    connection->host_errno = error;
    return -1;
}

/* 1 once TCP is connected. */
static int step_tcp(struct connection *connection)
{
    int fd = connection->descriptor.number, error = 0;
    socklen_t size = sizeof(error);
    struct pollfd entry = {fd, POLLOUT, 0};
    if (poll(&entry, 1, 0) == 0) {
        connection->answer = (struct answer){true, SSL_ERROR_WANT_WRITE, SSL_WRITING};
        return -1;
    }
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        error = errno;
    if (error)
        return refuse(connection, error);
    connection->connecting = false;
    return 1;
}

/* The program may have checked the certificate itself, after its own handshake: only the very same
 * one will do. */
static int step_tls(struct connection *connection)
{
    const struct libssl *lib = connection->lib;
    int done = REAL(connection, lib->SSL_do_handshake(connection->ssl));
    if (done <= 0)
        return done;
    X509 *certificate = lib->SSL_get1_peer_certificate(connection->ssl);
    bool same = certificate && lib->X509_cmp(certificate, connection->certificate) == 0;
    lib->X509_free(certificate);
    reconnect_forget(connection);
    return same ? 1 : refuse(connection, ECONNRESET);
}

int reconnect_step(struct connection *connection)
{
    if (!connection->certificate)
        return 1;
    int done = connection->connecting ? step_tcp(connection) : 1;
    return done == 1 ? step_tls(connection) : done;
}

void reconnect_forget(struct connection *connection)
{
    if (connection->certificate)
        connection->lib->X509_free(connection->certificate);
    connection->certificate = NULL;
}
