/* SPDX-License-Identifier: MIT */
/* Virtual sockets: their table, their life. */
#include "virtual.h"

#include "core.h"
#include "descriptor.h"
#include "hello.h"
#include "same_file.h"
#include "store/lock.h"
#include "store/memory.h"
#include "store/uncancelled.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <unistd.h>

#define NUMBERS 4096 /* higher descriptors are connected in earnest */

/* By number; lock-free for readers. */
static _Atomic(struct virtual_socket *) table[NUMBERS];
static _Atomic int count;

/* Guards `unused` and the table's writers; a leaf lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct virtual_socket *unused;

bool virtual_any(void)
{
    return atomic_load_explicit(&count, memory_order_acquire) > 0;
}

static struct virtual_socket *at(int fd)
{
    if (fd < 0 || fd >= NUMBERS || !virtual_any())
        return NULL;
    return atomic_load_explicit(&table[fd], memory_order_acquire);
}

struct virtual_socket *virtual_find(int fd)
{
    struct virtual_socket *found = at(fd);
    if (!found)
        return NULL;
    int saved = errno;
    bool same = same_file(fd, found->carrier.near_device, found->carrier.near_inode);
    errno = saved;
    return same ? found : NULL;
}

/* -- the table ------------------------------------------------------------------------- */

static struct virtual_socket *take_unused(void)
{
    pthread_mutex_lock(&lock);
    struct virtual_socket *taken = unused;
    if (taken)
        unused = taken->next;
    pthread_mutex_unlock(&lock);
    return taken ? taken : memory_new(sizeof(*taken));
}

static void give_unused(struct virtual_socket *socket)
{
    pthread_mutex_lock(&lock);
    socket->next = unused;
    unused = socket;
    pthread_mutex_unlock(&lock);
}

int virtual_kept(const struct virtual_socket *socket)
{
    int saved = errno;
    bool open = same_file(socket->kept, socket->kept_device, socket->kept_inode);
    errno = saved;
    return open ? socket->kept : -1;
}

/* Bytes that nobody read would turn the close into a reset; a parent's are not its child's
 * to read. */
static void close_far(const struct virtual_socket *socket)
{
    const struct carrier *carrier = &socket->carrier;
    bool ours = socket->generation == core_generation();
    char scratch[512];
    if (!same_file(carrier->far, carrier->far_device, carrier->far_inode))
        return;
    while (ours && recv(carrier->far, scratch, sizeof(scratch), MSG_DONTWAIT) > 0)
        continue;
    close(carrier->far);
}

/* The phase says NONE already: nobody else releases it. */
static void release(struct virtual_socket *socket)
{
    struct virtual_socket *expected = socket;
    (void)atomic_compare_exchange_strong(&table[socket->number], &expected, NULL);
    close_far(socket);
    if (virtual_kept(socket) >= 0)
        close(socket->kept);
    atomic_fetch_sub(&count, 1);
    hello_forget();
    give_unused(socket);
}

void virtual_end(struct virtual_socket *socket)
{
    UNCANCELLED;
    if (atomic_exchange(&socket->phase, VIRTUAL_NONE) != VIRTUAL_NONE)
        release(socket);
}

bool virtual_bind(struct virtual_socket *socket)
{
    int phase = atomic_load(&socket->phase);
    return (phase == VIRTUAL_FRESH || phase == VIRTUAL_HELLO) &&
           atomic_compare_exchange_strong(&socket->phase, &phase, VIRTUAL_BOUND);
}

/* Ends one that no TLS connection has taken; others belong to theirs. */
static void end_unbound(struct virtual_socket *socket)
{
    int phase = atomic_load(&socket->phase);
    if ((phase == VIRTUAL_FRESH || phase == VIRTUAL_HELLO) &&
        atomic_compare_exchange_strong(&socket->phase, &phase, VIRTUAL_NONE))
        release(socket);
}

void virtual_collect(void)
{
    for (int fd = 0; fd < NUMBERS && virtual_any(); fd++) {
        struct virtual_socket *socket = at(fd);
        if (socket && !virtual_find(fd))
            end_unbound(socket);
    }
}

/* -- the beginning ---------------------------------------------------------------------- */

/* A TCP socket that has not begun to connect. */
static bool is_untouched(int fd)
{
    struct tcp_info info = {0};
    int kind = 0, protocol = 0;
    socklen_t size = sizeof(kind), protocol_size = sizeof(protocol),
              info_size = sizeof(info);
    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &kind, &size) == 0 &&
           kind == SOCK_STREAM &&
           getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &protocol_size) == 0 &&
           protocol == IPPROTO_TCP &&
           getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &info_size) == 0 &&
           info.tcpi_state == TCP_CLOSE;
}

/* What is felt at the near end itself; all other options stay with the kept socket. */
static void copy_waits(int from, int to)
{
    static const int names[] = {SO_RCVTIMEO, SO_SNDTIMEO};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct timeval value;
        socklen_t size = sizeof(value);
        if (getsockopt(from, SOL_SOCKET, names[i], &value, &size) == 0)
            setsockopt(to, SOL_SOCKET, names[i], &value, size);
    }
}

static bool fill(struct virtual_socket *socket, int fd, int near, int far)
{
    struct stat near_status, far_status, kept_status;
    int kept = carrier_high(fd);
    if (kept < 0 || fstat(near, &near_status) != 0 || fstat(far, &far_status) != 0 ||
        fstat(kept, &kept_status) != 0) {
        if (kept >= 0)
            close(kept);
        return false;
    }
    socket->number = fd;
    socket->kept = kept;
    socket->kept_device = kept_status.st_dev;
    socket->kept_inode = kept_status.st_ino;
    socket->error = 0;
    atomic_store(&socket->told, false);
    socket->generation = core_generation();
    socket->carrier = (struct carrier){.near = fd,
                                       .far = far,
                                       .near_device = near_status.st_dev,
                                       .near_inode = near_status.st_ino,
                                       .far_device = far_status.st_dev,
                                       .far_inode = far_status.st_ino};
    copy_waits(fd, near);
    return true;
}

static void enter_table(struct virtual_socket *socket)
{
    struct virtual_socket *old = at(socket->number);
    if (old)
        end_unbound(old); /* the number was another one's, since closed */
    atomic_store(&socket->phase, VIRTUAL_FRESH);
    hello_expect();
    atomic_fetch_add(&count, 1);
    atomic_store(&table[socket->number], socket);
}

/* |pair| is used up when this succeeds: the program's number is its near end then. */
static bool open_on(int fd, const int pair[2], const struct sockaddr *to, socklen_t size)
{
    struct virtual_socket *socket = take_unused();
    if (!socket)
        return false;
    if (!fill(socket, fd, pair[0], pair[1])) {
        give_unused(socket);
        return false;
    }
    memcpy(&socket->peer, to, size);
    socket->peer_size = size;
    if (!descriptor_put(fd, pair[0])) {
        close(socket->kept);
        give_unused(socket);
        return false;
    }
    close(pair[0]);
    enter_table(socket);
    return true;
}

bool virtual_open(int fd, const struct sockaddr *to, socklen_t size)
{
    UNCANCELLED;
    int pair[2];
    virtual_collect();
    if (fd < 0 || fd >= NUMBERS || size > sizeof(struct sockaddr_storage) ||
        !is_untouched(fd) || !carrier_pair(to->sa_family, pair))
        return false;
    if (open_on(fd, pair, to, size))
        return true;
    close(pair[0]);
    close(pair[1]);
    return false;
}

/* -- the end ----------------------------------------------------------------------------- */

int virtual_realize(struct virtual_socket *socket)
{
    const struct sockaddr_storage peer = socket->peer;
    socklen_t size = socket->peer_size;
    int fd = socket->number;
    if (core_config()->mode == MODE_REPLAY) {
        errno = ECONNREFUSED;
        return -1;
    }
    int kept = virtual_kept(socket);
    if (kept < 0 || !descriptor_put(fd, kept)) {
        errno = EBADF;
        return -1;
    }
    virtual_end(socket);
    if (connect(fd, (const struct sockaddr *)&peer, size) == 0)
        return 0;
    if (errno == EINPROGRESS)
        errno = EAGAIN;
    return -1;
}

void virtual_fail(struct virtual_socket *socket, int error)
{
    socket->error = error;
    atomic_store(&socket->phase, VIRTUAL_FAILED);
    carrier_wake(&socket->carrier);
}

void virtual_after_fork(void)
{
    if (!lock_after_fork(&lock))
        unused = NULL;
}
