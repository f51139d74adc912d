/* SPDX-License-Identifier: MIT */
/* libc's functions on sockets: connections that are only believed in (virtual.h), and the
 * ClientHellos that pass (hello.h).
 *
 * All but connect() are called only while a connection lacks its descriptor or a virtual
 * socket exists. Async-signal-safe, as the hooked functions are: no lock, no allocation;
 * except where a virtual socket is made or becomes real. */
#include "core.h"
#include "curl.h"
#include "hello.h"
#include "hooks.h"
#include "known_hosts.h"
#include "placeholder.h"
#include "ssl_level.h"
#include "virtual.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

/* -- connections ------------------------------------------------------------------------- */

/* As the kernel says it of a connection that takes its time. */
static int connected(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || !(flags & O_NONBLOCK))
        return 0;
    errno = EINPROGRESS;
    return -1;
}

int core_connect(connect_function *real, int fd, const struct sockaddr *to,
                 socklen_t size)
{
    if (virtual_find(fd)) {
        errno = EISCONN;
        return -1;
    }
    int entry_errno = errno;
    ssl_after_fork();
    bool known = to && size >= sizeof(struct sockaddr_in) && !curl_level_busy() &&
                 (to->sa_family == AF_INET || to->sa_family == AF_INET6) &&
                 known_hosts_at(to, size) && virtual_open(fd, to, size);
    errno = entry_errno;
    if (known)
        return connected(fd);
    if (!to || !placeholder_at(to, size))
        return real(fd, to, size);
    errno = ECONNREFUSED;
    return -1;
}

int core_getpeername(getpeername_function *real, int fd, struct sockaddr *peer,
                     socklen_t *size)
{
    const struct virtual_socket *socket = virtual_find(fd);
    if (!socket || !peer || !size)
        return real(fd, peer, size);
    memcpy(peer, &socket->peer, *size < socket->peer_size ? *size : socket->peer_size);
    *size = socket->peer_size;
    return 0;
}

/* Where the program has bound its socket, that is its address; else it has none yet. */
int core_getsockname(getsockname_function *real, int fd, struct sockaddr *own,
                     socklen_t *size)
{
    const struct virtual_socket *socket = virtual_find(fd);
    struct sockaddr_in6 bound = {0};
    socklen_t bound_size = sizeof(bound);
    bool is_bound =
        socket &&
        real(virtual_kept(socket), (struct sockaddr *)&bound, &bound_size) == 0 &&
        bound.sin6_port != 0; /* as sin_port: they lie in the same place */
    return real(is_bound ? virtual_kept(socket) : fd, own, size);
}

/* Options belong to the socket that will be connected; the near end feels waits. */
int core_setsockopt(setsockopt_function *real, int fd, int level, int name,
                    const void *value, socklen_t size)
{
    const struct virtual_socket *socket = virtual_find(fd);
    if (!socket)
        return real(fd, level, name, value, size);
    if (level == SOL_SOCKET && (name == SO_RCVTIMEO || name == SO_SNDTIMEO))
        (void)real(fd, level, name, value, size);
    return real(virtual_kept(socket), level, name, value, size);
}

int core_getsockopt(getsockopt_function *real, int fd, int level, int name, void *value,
                    socklen_t *size)
{
    const struct virtual_socket *socket = virtual_find(fd);
    bool of_connection = (level == SOL_SOCKET && name == SO_ERROR) ||
                         (level == IPPROTO_TCP && name == TCP_INFO);
    int asked = socket && !of_connection ? virtual_kept(socket) : fd;
    int result = real(asked, level, name, value, size);
    if (socket && result == 0 && level == SOL_SOCKET && name == SO_ERROR &&
        *size >= (socklen_t)sizeof(socket->error))
        memcpy(value, &socket->error, sizeof(socket->error));
    return result;
}

static int tell_failure(struct virtual_socket *socket)
{
    atomic_store(&socket->told, true);
    errno = socket->error;
    return -1;
}

/* -- bytes going out ---------------------------------------------------------------------- */

/* 0: they go on their way; -1 and errno: they do not. */
static int outgoing(int fd, const void *data, size_t size)
{
    hello_watch(fd, data, size);
    struct virtual_socket *socket = virtual_find(fd);
    int phase = socket ? atomic_load(&socket->phase) : VIRTUAL_NONE;
    if (phase == VIRTUAL_FAILED)
        return tell_failure(socket);
    if (phase != VIRTUAL_FRESH || !data || size == 0)
        return 0;
    if (!hello_announced(data, size))
        return virtual_realize(socket);
    atomic_store(&socket->phase, VIRTUAL_HELLO);
    return 0;
}

static int outgoing_parts(int fd, const struct iovec *parts, size_t count)
{
    for (size_t i = 0; parts && i < count; i++)
        if (parts[i].iov_len)
            return outgoing(fd, parts[i].iov_base, parts[i].iov_len);
    return 0;
}

/* The program waits for an answer to its ClientHello now: it shall come back. */
static ssize_t gone(int fd, ssize_t result)
{
    int saved = errno;
    struct virtual_socket *socket = virtual_find(fd);
    if (result > 0 && socket && atomic_load(&socket->phase) == VIRTUAL_HELLO &&
        !socket->carrier.filled)
        carrier_wake(&socket->carrier);
    errno = saved;
    return result;
}

ssize_t core_send(send_function *real, int fd, const void *data, size_t size, int flags)
{
    return outgoing(fd, data, size) ? -1 : gone(fd, real(fd, data, size, flags));
}

ssize_t core_sendto(sendto_function *real, int fd, const void *data, size_t size,
                    int flags, const struct sockaddr *to, socklen_t to_size)
{
    return outgoing(fd, data, size) ? -1
                                    : gone(fd, real(fd, data, size, flags, to, to_size));
}

ssize_t core_sendmsg(sendmsg_function *real, int fd, const struct msghdr *message,
                     int flags)
{
    if (message && outgoing_parts(fd, message->msg_iov, message->msg_iovlen))
        return -1;
    return gone(fd, real(fd, message, flags));
}

ssize_t core_write(write_function *real, int fd, const void *data, size_t size)
{
    return outgoing(fd, data, size) ? -1 : gone(fd, real(fd, data, size));
}

ssize_t core_writev(writev_function *real, int fd, const struct iovec *parts, int count)
{
    return outgoing_parts(fd, parts, count > 0 ? (size_t)count : 0)
               ? -1
               : gone(fd, real(fd, parts, count));
}

/* -- bytes coming in ---------------------------------------------------------------------- */

/* A program that reads before it has written waits for a server that speaks first, which
 * is none of TLS. 0: go on; -1 and errno. */
static int incoming(int fd, int flags)
{
    struct virtual_socket *socket = virtual_find(fd);
    int phase = socket ? atomic_load(&socket->phase) : VIRTUAL_NONE;
    if (phase == VIRTUAL_FRESH && !(flags & MSG_PEEK))
        return virtual_realize(socket);
    return phase == VIRTUAL_FAILED ? tell_failure(socket) : 0;
}

ssize_t core_recv(recv_function *real, int fd, void *data, size_t size, int flags)
{
    return incoming(fd, flags) ? -1 : real(fd, data, size, flags);
}

ssize_t core_recvfrom(recvfrom_function *real, int fd, void *data, size_t size, int flags,
                      struct sockaddr *from, socklen_t *from_size)
{
    return incoming(fd, flags) ? -1 : real(fd, data, size, flags, from, from_size);
}

ssize_t core_recvmsg(recvmsg_function *real, int fd, struct msghdr *message, int flags)
{
    return incoming(fd, flags) ? -1 : real(fd, message, flags);
}

ssize_t core_read(read_function *real, int fd, void *data, size_t size)
{
    return incoming(fd, 0) ? -1 : real(fd, data, size);
}

ssize_t core_readv(readv_function *real, int fd, const struct iovec *parts, int count)
{
    return incoming(fd, 0) ? -1 : real(fd, parts, count);
}
