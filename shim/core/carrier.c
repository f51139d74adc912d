/* SPDX-License-Identifier: MIT */
/* Loopback pairs and their pool. Descriptors are checked by device and inode before each
 * use: a host may close everything it sees and reuse the numbers. */
#include "carrier.h"

#include "same_file.h"
#include "store/memory.h"
#include "store/uncancelled.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* Guards the pool's list only; a leaf lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct carrier *pool;

/* Where high numbers begin: half of what the process may have, so that the host's own,
 * which the kernel hands out from below, stay as they would be. */
static int high_base(void)
{
    struct rlimit limit = {1024, 1024};
    getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur / 2 > 4096 ? 4096 : (int)(limit.rlim_cur / 2);
}

int carrier_high(int fd)
{
    static _Atomic int base;
    int from = base;
    int high = from ? fcntl(fd, F_DUPFD_CLOEXEC, from) : -1;
    if (high >= 0)
        return high;
    base = from = high_base(); /* at first, and when the limit has been lowered since */
    return fcntl(fd, F_DUPFD_CLOEXEC, from);
}

/* Moves |fd| to a high number. -1 (and |fd| closed) on failure. */
static int raise_number(int fd)
{
    if (fd < 0)
        return -1;
    int high = carrier_high(fd);
    close(fd);
    return high;
}

/* Either family's address, as much of it as is in use. */
struct address {
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } is;
    socklen_t size;
};

static struct address loopback(int family)
{
    struct address address = {.size = sizeof(address.is.in)};
    address.is.any.sa_family = (sa_family_t)family;
    if (family == AF_INET) {
        address.is.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return address;
    }
    address.is.in6.sin6_addr = in6addr_loopback;
    address.size = sizeof(address.is.in6);
    return address;
}

static int listen_on_loopback(struct address *address)
{
    int family = address->is.any.sa_family;
    int fd = raise_number(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (fd < 0)
        return -1;
    if (bind(fd, &address->is.any, address->size) == 0 && listen(fd, 1) == 0 &&
        getsockname(fd, &address->is.any, &address->size) == 0)
        return fd;
    close(fd);
    return -1;
}

/* Accepts the peer whose own address is |expected|; strangers on the port are turned
 * away. */
static int accept_peer(int listener, const struct address *expected)
{
    for (int attempt = 0; attempt < 16; attempt++) {
        struct address peer = {.size = sizeof(peer.is)};
        int fd = raise_number(accept4(listener, &peer.is.any, &peer.size, SOCK_CLOEXEC));
        if (fd < 0)
            return -1;
        if (peer.size == expected->size &&
            memcmp(&peer.is, &expected->is, peer.size) == 0)
            return fd;
        close(fd);
    }
    return -1;
}

static bool tcp_pair(int family, int pair[2])
{
    struct address address = loopback(family), own = loopback(family);
    int listener = listen_on_loopback(&address);
    if (listener < 0)
        return false;
    pair[0] = raise_number(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    pair[1] = -1;
    if (pair[0] >= 0 && connect(pair[0], &address.is.any, address.size) == 0 &&
        getsockname(pair[0], &own.is.any, &own.size) == 0)
        pair[1] = accept_peer(listener, &own);
    close(listener);
    if (pair[1] >= 0)
        return true;
    if (pair[0] >= 0)
        close(pair[0]);
    return false;
}

/* Where loopback is down. */
static bool unix_pair(int pair[2])
{
    int low[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, low) != 0)
        return false;
    pair[0] = raise_number(low[0]);
    pair[1] = raise_number(low[1]);
    if (pair[0] >= 0 && pair[1] >= 0)
        return true;
    if (pair[0] >= 0)
        close(pair[0]);
    if (pair[1] >= 0)
        close(pair[1]);
    return false;
}

bool carrier_pair(int family, int pair[2])
{
    int one = 1;
    if (!tcp_pair(family, pair))
        return unix_pair(pair);
    setsockopt(pair[1], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return true;
}

static bool alive(const struct carrier *carrier)
{
    return same_file(carrier->near, carrier->near_device, carrier->near_inode) &&
           same_file(carrier->far, carrier->far_device, carrier->far_inode);
}

static struct carrier *carrier_new(void)
{
    int pair[2];
    struct stat near, far;
    struct carrier *carrier = memory_new(sizeof(*carrier));
    if (!carrier || !carrier_pair(AF_INET, pair)) {
        memory_free(carrier);
        return NULL;
    }
    if (fstat(pair[0], &near) != 0 || fstat(pair[1], &far) != 0) {
        close(pair[0]);
        close(pair[1]);
        memory_free(carrier);
        return NULL;
    }
    *carrier = (struct carrier){.near = pair[0],
                                .far = pair[1],
                                .near_device = near.st_dev,
                                .near_inode = near.st_ino,
                                .far_device = far.st_dev,
                                .far_inode = far.st_ino};
    return carrier;
}

static struct carrier *from_pool(void)
{
    pthread_mutex_lock(&lock);
    struct carrier *carrier = pool;
    if (carrier)
        pool = carrier->next;
    pthread_mutex_unlock(&lock);
    return carrier;
}

bool carrier_waiting(const struct carrier *carrier)
{
    char byte;
    return recv(carrier->near, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

void carrier_wake(struct carrier *carrier)
{
    carrier->filled = true;
    if (same_file(carrier->far, carrier->far_device, carrier->far_inode))
        (void)!send(carrier->far, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Readable or empty, as asked. A byte that was sent but has not arrived yet cannot be
 * told from none; loopback delivers within the send, so there is no such moment. */
static void prepare(struct carrier *carrier, bool readable)
{
    char scratch[64];
    bool waiting = carrier_waiting(carrier);
    if (readable && !waiting)
        carrier_wake(carrier);
    while (!readable && waiting)
        waiting = recv(carrier->near, scratch, sizeof(scratch), MSG_DONTWAIT) > 0;
}

struct carrier *carrier_take(bool readable)
{
    struct carrier *carrier;
    while ((carrier = from_pool()) && !alive(carrier))
        memory_free(
            carrier); /* the numbers are somebody else's by now: do not close them */
    if (!carrier)
        carrier = carrier_new();
    if (carrier)
        prepare(carrier, readable);
    return carrier;
}

void carrier_end(struct carrier *carrier)
{
    char scratch[64];
    if (!alive(carrier))
        return;
    while (recv(carrier->near, scratch, sizeof(scratch), MSG_DONTWAIT) > 0)
        continue;
    shutdown(carrier->far, SHUT_WR);
}

void carrier_give(struct carrier *carrier, bool spent)
{
    if (spent) {
        if (alive(carrier)) {
            close(carrier->near);
            close(carrier->far);
        }
        memory_free(carrier);
        return;
    }
    pthread_mutex_lock(&lock);
    carrier->next = pool;
    pool = carrier;
    pthread_mutex_unlock(&lock);
}

void carrier_close_pool(void)
{
    UNCANCELLED;
    struct carrier *carrier;
    while ((carrier = from_pool()))
        carrier_give(carrier, true);
}

void carrier_after_fork(void)
{
    pthread_mutex_init(&lock, NULL);
    pool = NULL;
}
