/* SPDX-License-Identifier: MIT */
/* libcurl's multi interface driven by events: curl_multi_socket_action with epoll, the
 * socket callback and the timer callback. All requests at once.
 *
 * usage: curl_multi_socket_client URL KEY BODY [COUNT [STEP]] */
#define _GNU_SOURCE
#include "curl_transfer.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

struct loop {
    CURLM *multi;
    int epoll;
    long deadline; /* milliseconds, -1 = no timer */
};

static long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *argument, void *known)
{
    struct loop *loop = argument;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    struct epoll_event event = {.data.fd = fd};
    event.events =
        (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
    int action = known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl(loop->epoll, action, fd, &event) != 0) {
        fail(EXIT_TRANSPORT, "epoll_ctl on %d: %s", fd, strerror(errno));
    }
    curl_multi_assign(loop->multi, fd, loop);
    return 0;
}

static int on_timer(CURLM *multi, long ms, void *argument)
{
    struct loop *loop = argument;
    (void)multi;
    loop->deadline = ms < 0 ? -1 : now_ms() + ms;
    return 0;
}

/* Waits once and tells libcurl what happened. */
static void turn(struct loop *loop, int *running)
{
    struct epoll_event events[16];
    long left = loop->deadline < 0 ? 1000 : loop->deadline - now_ms();
    int ready = epoll_wait(loop->epoll, events, 16, left > 0 ? (int)left : 0);
    for (int i = 0; i < ready; i++) {
        int mask = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                   (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                   (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
        curl_multi_socket_action(loop->multi, events[i].data.fd, mask, running);
    }
    if (loop->deadline >= 0 && now_ms() >= loop->deadline) {
        loop->deadline = -1;
        curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, running);
    }
}

int main(int argc, char **argv)
{
    struct job job = {0};
    job_parse(&job, argv + (argc > 1));
    curl_global_init(CURL_GLOBAL_DEFAULT);
    struct loop loop = {curl_multi_init(), epoll_create1(EPOLL_CLOEXEC), -1};
    curl_multi_setopt(loop.multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(loop.multi, CURLMOPT_SOCKETDATA, &loop);
    curl_multi_setopt(loop.multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(loop.multi, CURLMOPT_TIMERDATA, &loop);
    struct transfer *transfers = transfers_open(&job, loop.multi);
    int running = job.count, finished = 0;
    long end = now_ms() + 20000;
    while (finished < job.count && now_ms() < end) {
        turn(&loop, &running);
        finished += transfers_collect(loop.multi);
    }
    if (finished < job.count) {
        fail(EXIT_TIMEOUT, "%d of %d transfers finished", finished, job.count);
    }
    int status = transfers_close(transfers, &job, loop.multi);
    close(loop.epoll);
    return status;
}
