/* SPDX-License-Identifier: MIT */
/* Virtual sockets, made and ended, on this machine's loopback. */
#include "unit.h"

#include "core.h"
#include "descriptor.h"
#include "hello.h"
#include "virtual.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

static _Atomic int watching;

/* Nobody is there; nothing is to be sent there. */
static struct sockaddr_in nowhere(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(443)};
    inet_pton(AF_INET, "192.0.2.1", &to.sin_addr);
    return to;
}

static int open_one(int flags)
{
    struct sockaddr_in to = nowhere();
    int fd = socket(AF_INET, SOCK_STREAM | flags, 0);
    return virtual_open(fd, (struct sockaddr *)&to, sizeof(to)) ? fd : -1;
}

static int open_descriptors(void)
{
    int count = 0;
    DIR *directory = opendir("/proc/self/fd");
    while (directory && readdir(directory))
        count++;
    closedir(directory);
    return count;
}

static short ready(int fd, short events)
{
    struct pollfd entry = {fd, events, 0};
    return poll(&entry, 1, 0) == 1 ? entry.revents : 0;
}

static void test_looks_connected(void)
{
    int fd = open_one(SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct virtual_socket *socket = virtual_find(fd);
    CHECK(socket != NULL);
    CHECK_INT(ready(fd, POLLIN | POLLOUT), POLLOUT);
    CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK);
    CHECK_INT(fcntl(fd, F_GETFD), FD_CLOEXEC);
    CHECK(virtual_kept(socket) > 255);
    CHECK(virtual_any() && watching == 1);
    carrier_wake(&socket->carrier);
    CHECK_INT(ready(fd, POLLIN), POLLIN);
    CHECK(virtual_bind(socket));
    CHECK(!virtual_bind(socket));
    virtual_end(socket);
    CHECK(virtual_find(fd) == NULL && !virtual_any() && watching == 0);
    close(fd);
}

static void test_only_untouched_ones(void)
{
    struct sockaddr_in to = nowhere();
    int pair[2], datagram = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK(!virtual_open(datagram, (struct sockaddr *)&to, sizeof(to)));
    CHECK(carrier_pair(AF_INET, pair));
    CHECK(!virtual_open(pair[0], (struct sockaddr *)&to, sizeof(to)));
    CHECK(!virtual_open(-1, (struct sockaddr *)&to, sizeof(to)));
    close(datagram);
    close(pair[0]);
    close(pair[1]);
}

/* Closed without ever being used: the next one clears up. */
static void test_nothing_left(void)
{
    int before = open_descriptors();
    for (int i = 0; i < 50; i++)
        close(open_one(0));
    CHECK(open_descriptors() <= before + 3);
    int last = open_one(0);
    virtual_end(virtual_find(last));
    close(last);
    CHECK_INT(open_descriptors(), before);
    CHECK_INT(watching, 0);
}

static void test_stays_in_epoll(void)
{
    int set = epoll_create1(0);
    struct sockaddr_in to = nowhere();
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct epoll_event event = {EPOLLIN, {.u64 = 77}}, found = {0};
    CHECK_INT(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event), 0);
    CHECK(virtual_open(fd, (struct sockaddr *)&to, sizeof(to)));
    CHECK_INT(epoll_wait(set, &found, 1, 0), 0);
    carrier_wake(&virtual_find(fd)->carrier);
    CHECK_INT(epoll_wait(set, &found, 1, 0), 1);
    CHECK_INT(found.data.u64, 77);
    virtual_end(virtual_find(fd));
    close(fd);
    close(set);
}

/* Somebody speaks who is not libssl: the connection is made there and then. */
static void test_realize(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    socklen_t size = sizeof(to);
    int listener = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_INT(bind(listener, (struct sockaddr *)&to, size), 0);
    CHECK_INT(listen(listener, 1), 0);
    CHECK_INT(getsockname(listener, (struct sockaddr *)&to, &size), 0);
    CHECK(virtual_open(fd, (struct sockaddr *)&to, size));
    CHECK_INT(ready(listener, POLLIN), 0);
    CHECK_INT(virtual_realize(virtual_find(fd)), 0);
    CHECK_INT(ready(listener, POLLIN), POLLIN);
    CHECK(virtual_find(fd) == NULL && watching == 0);
    close(fd);
    close(listener);
    /* and nobody is there any more */
    fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(virtual_open(fd, (struct sockaddr *)&to, size));
    CHECK_INT(virtual_realize(virtual_find(fd)), -1);
    CHECK_INT(errno, ECONNREFUSED);
    close(fd);
}

static void test_failure_wakes(void)
{
    int fd = open_one(0);
    struct virtual_socket *socket = virtual_find(fd);
    virtual_fail(socket, ENETUNREACH);
    CHECK_INT(ready(fd, POLLIN), POLLIN);
    CHECK_INT(socket->error, ENETUNREACH);
    virtual_end(socket);
    close(fd);
}

static void test_adopted(void)
{
    int before = open_descriptors(), fd = open_one(0);
    struct descriptor descriptor = DESCRIPTOR_NONE;
    struct virtual_socket *socket = virtual_find(fd);
    CHECK(virtual_bind(socket));
    descriptor_adopt(&descriptor, socket);
    CHECK(descriptor_swapped(&descriptor));
    descriptor_swap_out(&descriptor); /* there is nothing to be swapped in yet */
    CHECK(descriptor_swapped(&descriptor));
    descriptor_drop(&descriptor);
    CHECK_INT(recv(fd, &(char){0}, 1, 0), 0); /* end-of-stream, not a reset */
    close(fd);
    CHECK_INT(open_descriptors(), before);
}

int main(void)
{
    char directory[] = "/tmp/preecho-unit-XXXXXX";
    if (!mkdtemp(directory))
        return 1;
    setenv("XDG_CACHE_HOME", directory, 1);
    setenv("XDG_CONFIG_HOME", directory, 1);
    if (core_start() != 0)
        return 1;
    hello_start(&watching);
    RUN(test_looks_connected);
    RUN(test_only_untouched_ones);
    RUN(test_nothing_left);
    RUN(test_stays_in_epoll);
    RUN(test_realize);
    RUN(test_failure_wakes);
    RUN(test_adopted);
    rmdir(directory);
    return unit_end();
}
