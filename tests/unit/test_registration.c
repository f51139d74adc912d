/* SPDX-License-Identifier: MIT */
/* epoll registrations: the text of fdinfo, and moving real ones. */
#include "unit.h"

#include "registration.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static void test_parse(void)
{
    struct epoll_event event = {0};
    struct span text =
        span_text("pos:\t0\nflags:\t02\nmnt_id:\t15\nino:\t1057\n"
                  "tfd:       15 events:       1d data: deadbeefcafe0001  pos:0 "
                  "ino:1 sdev:9\n"
                  "tfd:        5 events: 80000019 data:                5  pos:0 "
                  "ino:2 sdev:9\n");
    CHECK_INT(registration_parse(text, 5, &event), 1);
    CHECK_INT(event.events, 0x80000019u);
    CHECK_INT(event.data.u64, 5);
    CHECK_INT(registration_parse(text, 15, &event), 1);
    CHECK(event.data.u64 == 0xdeadbeefcafe0001u);
    CHECK_INT(registration_parse(text, 1, &event), 0);
    CHECK_INT(registration_parse(span_text("tfd: x events: 1 data: 1\n"), 1, &event), 0);
    CHECK_INT(registration_parse(span_text("tfd: 1 events:"), 1, &event), 0);
    CHECK_INT(registration_parse(span_text(""), 1, &event), 0);
}

static int add(int set, int fd, uint32_t events, uint64_t data)
{
    struct epoll_event event = {.events = events, .data.u64 = data};
    return epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
}

static void expect_event(int set, uint64_t data)
{
    struct epoll_event event;
    CHECK_INT(epoll_wait(set, &event, 1, 0), 1);
    CHECK(event.data.u64 == data);
}

static void test_move(void)
{
    int quiet[2], loud[2];
    int first = epoll_create1(0), second = epoll_create1(0);
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, quiet), 0);
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, loud), 0);
    CHECK_INT(write(loud[1], "x", 1), 1);
    CHECK_INT(add(first, quiet[0], EPOLLIN | EPOLLET, 111), 0);
    CHECK_INT(add(second, quiet[0], EPOLLIN | EPOLLONESHOT, 222), 0);
    int kept = dup(quiet[0]);
    struct registrations registrations;
    CHECK(registrations_remove(&registrations, quiet[0]));
    CHECK_INT(registrations.count, 2);
    CHECK_INT(dup2(loud[0], quiet[0]), quiet[0]);
    CHECK(registrations_restore(&registrations, quiet[0]));
    expect_event(first, 111);
    expect_event(second, 222);
    /* A one-shot registration that has fired stays disarmed on the way back. */
    CHECK(registrations_remove(&registrations, quiet[0]));
    CHECK_INT(dup2(kept, quiet[0]), quiet[0]);
    CHECK(registrations_restore(&registrations, quiet[0]));
    struct epoll_event event;
    CHECK_INT(write(quiet[1], "y", 1), 1);
    expect_event(first, 111);
    CHECK_INT(epoll_wait(second, &event, 1, 0), 0);
    close(first);
    close(second);
}

static void test_same_set_twice(void)
{
    int pair[2], set = epoll_create1(0);
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    CHECK_INT(add(set, pair[0], EPOLLIN, 7), 0);
    int twin = dup(set);
    struct registrations registrations;
    CHECK(registrations_remove(&registrations, pair[0]));
    CHECK_INT(registrations.count, 1);
    CHECK(registrations_restore(&registrations, pair[0]));
    CHECK_INT(epoll_ctl(set, EPOLL_CTL_DEL, pair[0], NULL), 0);
    close(twin);
    close(set);
}

/* The cached list of sets follows the stub's count. */
static void test_count(void)
{
    static _Atomic unsigned created;
    int pair[2];
    struct registrations registrations;
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    registrations_start(&created);
    CHECK(registrations_remove(&registrations, pair[0]));
    CHECK_INT(registrations.count, 0);
    int set = epoll_create1(0);
    created++;
    CHECK_INT(add(set, pair[0], EPOLLIN, 9), 0);
    CHECK(registrations_remove(&registrations, pair[0]));
    CHECK_INT(registrations.count, 1);
    close(set);
    CHECK(registrations_remove(&registrations, pair[0]));
    CHECK_INT(registrations.count, 0);
    registrations_start(NULL);
}

int main(void)
{
    RUN(test_parse);
    RUN(test_move);
    RUN(test_same_set_twice);
    RUN(test_count);
    return unit_end();
}
