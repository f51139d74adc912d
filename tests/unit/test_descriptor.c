/* SPDX-License-Identifier: MIT */
/* The descriptor swap: readiness while swapped, and nothing left behind. */
#include "unit.h"

#include "core.h"
#include "descriptor.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int readable(int fd)
{
    struct pollfd entry = {fd, POLLIN, 0};
    return poll(&entry, 1, 0) == 1 && (entry.revents & POLLIN);
}

static ino_t inode_of(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

static void test_swap(void)
{
    int pair[2];
    struct descriptor descriptor = DESCRIPTOR_NONE;
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    ino_t real = inode_of(pair[0]);
    CHECK_INT(fcntl(pair[0], F_SETFL, O_NONBLOCK), 0);
    CHECK_INT(fcntl(pair[0], F_SETFD, FD_CLOEXEC), 0);
    CHECK(descriptor_set(&descriptor, pair[0]));
    CHECK(!readable(pair[0]));
    CHECK(descriptor_swap_in(&descriptor, true));
    CHECK(readable(pair[0]));
    CHECK(inode_of(pair[0]) != real);
    CHECK(fcntl(pair[0], F_GETFL) & O_NONBLOCK);
    CHECK_INT(fcntl(pair[0], F_GETFD), FD_CLOEXEC);
    CHECK(descriptor.kept >= 256);
    CHECK_INT(fcntl(descriptor.kept, F_GETFD), FD_CLOEXEC);
    CHECK_INT(fcntl(pair[0], F_SETFL, 0), 0); /* the program changes its mind meanwhile */
    descriptor_swap_out(&descriptor);
    CHECK(inode_of(pair[0]) == real);
    CHECK(!(fcntl(pair[0], F_GETFL) & O_NONBLOCK));
    CHECK(!readable(pair[0]));
    CHECK_INT(write(pair[1], "x", 1), 1);
    CHECK(readable(pair[0]));
}

static void test_closed_meanwhile(void)
{
    int pair[2], other[2];
    struct descriptor descriptor = DESCRIPTOR_NONE;
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    CHECK(descriptor_set(&descriptor, pair[0]));
    CHECK(descriptor_swap_in(&descriptor, true));
    close(pair[0]);
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, other), 0);
    CHECK_INT(other[0], pair[0]); /* the number is somebody else's now */
    ino_t reused = inode_of(other[0]);
    int kept = descriptor.kept;
    descriptor_swap_out(&descriptor);
    CHECK(inode_of(other[0]) == reused);
    CHECK_INT(fcntl(kept, F_GETFD), -1);
    CHECK(!descriptor_valid(&descriptor));
    CHECK(!descriptor_swap_in(&descriptor, true));
}

static void test_pool_lost(void)
{
    int pair[2];
    struct descriptor descriptor = DESCRIPTOR_NONE;
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    CHECK(descriptor_set(&descriptor, pair[0]));
    CHECK(descriptor_swap_in(&descriptor, true));
    int near = descriptor.carrier->near;
    descriptor_swap_out(&descriptor);
    close_range(100, 4095, 0); /* as daemons do */
    int file = open("/dev/null", O_RDONLY);
    CHECK_INT(dup2(file, near), near);
    ino_t null = inode_of(near);
    CHECK(descriptor_swap_in(&descriptor, true));
    CHECK(readable(pair[0]));
    descriptor_swap_out(&descriptor);
    CHECK(inode_of(near) == null);
}

static void test_end(void)
{
    int pair[2];
    char byte;
    struct descriptor descriptor = DESCRIPTOR_NONE;
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    CHECK(descriptor_set(&descriptor, pair[0]));
    CHECK(descriptor_swap_in(&descriptor, true));
    descriptor_end(&descriptor);
    CHECK(readable(pair[0]));
    CHECK_INT(read(pair[0], &byte, 1), 0);
    descriptor_swap_out(&descriptor);
    CHECK(!readable(pair[0]));
}

static void test_not_a_socket(void)
{
    struct descriptor descriptor = DESCRIPTOR_NONE;
    CHECK(!descriptor_set(&descriptor, -1));
    CHECK(!descriptor_set(&descriptor, open("/dev/null", O_RDONLY)));
    CHECK(!descriptor_valid(&descriptor));
    descriptor_swap_out(&descriptor);
}

/* Nothing is left open by a thousand swaps but the pool's one pair. */
static void test_no_leak(void)
{
    int pair[2];
    struct descriptor descriptor = DESCRIPTOR_NONE;
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    CHECK(descriptor_set(&descriptor, pair[0]));
    CHECK(descriptor_swap_in(&descriptor, true));
    int first = descriptor.kept;
    descriptor_swap_out(&descriptor);
    for (int i = 0; i < 1000; i++) {
        CHECK(descriptor_swap_in(&descriptor, i & 1));
        if (descriptor.kept != first)
            break;
        descriptor_swap_out(&descriptor);
    }
    CHECK(!descriptor_swapped(&descriptor));
}

/* epoll sets are shared with children: what a child undoes must stay done for its parent. */
static void test_child(void)
{
    int pair[2], status, set = epoll_create1(0);
    struct descriptor descriptor = DESCRIPTOR_NONE;
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = 77};
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    CHECK_INT(epoll_ctl(set, EPOLL_CTL_ADD, pair[0], &event), 0);
    CHECK(descriptor_set(&descriptor, pair[0]));
    CHECK(descriptor_swap_in(&descriptor, true));
    pid_t child = fork();
    if (child == 0) {
        descriptor_swap_out(&descriptor);
        _exit(descriptor_swapped(&descriptor));
    }
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK_INT(status, 0);
    CHECK_INT(epoll_wait(set, &event, 1, 0), 1); /* the answer still waits */
    descriptor_swap_out(&descriptor);
    CHECK_INT(epoll_wait(set, &event, 1, 0), 0);
    CHECK_INT(write(pair[1], "x", 1), 1);
    CHECK_INT(epoll_wait(set, &event, 1, 0), 1);
    CHECK_INT(event.data.u64, 77);
    close(set);
}

int main(void)
{
    setenv("HOME", "/nonexistent", 1);
    if (core_start() != 0)
        return 1;
    RUN(test_swap);
    RUN(test_closed_meanwhile);
    RUN(test_pool_lost);
    RUN(test_end);
    RUN(test_not_a_socket);
    RUN(test_no_leak);
    RUN(test_child);
    return unit_end();
}
