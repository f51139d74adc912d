/* SPDX-License-Identifier: MIT */
/* 50 non-blocking TLS connections in one epoll set, with 4 requests on each, in rounds;
 * see load.py for what is asked and how it is checked.
 *
 * usage: load_epoll level|edge|oneshot URL KEY TAG ROUNDS */
#define _GNU_SOURCE
#include "client.h"
#include "session.h"

#include <openssl/sha.h>

#include <dirent.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS 50
#define SHARE       4
#define WAIT_MS     15000

struct connection {
    SSL *ssl;
    int fd, index, end; /* the request that is asked, and the one behind the last */
    bool connected, shaken;
    size_t written;
    struct text body, request;
    struct response response;
};

static struct {
    struct job job;
    const char *tag;
    uint32_t mode; /* EPOLLET, EPOLLONESHOT or 0 */
    SSL_CTX *context;
    int epoll, round, open;
    int right, wrong;
    struct connection connections[CONNECTIONS];
} load;

static int descriptors(void)
{
    int count = 0;
    DIR *dir = opendir("/proc/self/fd");
    while (dir != NULL && readdir(dir) != NULL) {
        count++;
    }
    closedir(dir);
    return count;
}

static void next_request(struct connection *one)
{
    char body[256];
    int size = snprintf(body, sizeof body,
                        "{\"model\":\"gpt-4o-mini\",\"messages\":["
                        "{\"role\":\"user\",\"content\":\"");
    if (one->index % 2 == 0) {
        size +=
            snprintf(body + size, sizeof body - (size_t)size, "Kept %d\"}]}", one->index);
    } else {
        size += snprintf(body + size, sizeof body - (size_t)size, "New %d %d %s\"}]}",
                         one->index, load.round, load.tag);
    }
    text_free(&one->body);
    text_add(&one->body, body, (size_t)size);
    load.job.body = one->body.at;
    text_free(&one->request);
    one->request = job_request(&load.job, 0, "");
    one->written = 0;
    response_free(&one->response);
}

static void check_answer(struct connection *one)
{
    unsigned char sum[SHA256_DIGEST_LENGTH];
    char wanted[32];
    SHA256((const unsigned char *)one->body.at, one->body.size, sum);
    snprintf(wanted, sizeof wanted, "\"Re %02x%02x%02x%02x%02x%02x:", sum[0], sum[1],
             sum[2], sum[3], sum[4], sum[5]);
    const char *answer = one->response.body.at ? one->response.body.at : "";
    if (strstr(answer, wanted) != NULL) {
        load.right++;
    } else {
        load.wrong++;
        fprintf(stderr, "wrong: %s got %.300s\n", one->body.at, answer);
    }
}

static int start_connect(void)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_INET}, *list;
    int result = getaddrinfo(load.job.url.host, load.job.url.port, &hints, &list);
    if (result != 0) {
        fail(EXIT_TRANSPORT, "%s: %s", load.job.url.host, gai_strerror(result));
    }
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (connect(fd, list->ai_addr, list->ai_addrlen) != 0 && errno != EINPROGRESS) {
        fail(EXIT_TRANSPORT, "connect: %s", strerror(errno));
    }
    freeaddrinfo(list);
    return fd;
}

static void open_connection(struct connection *one, int first)
{
    *one =
        (struct connection){.index = first, .end = first + SHARE, .fd = start_connect()};
    one->ssl = SSL_new(load.context);
    SSL_set_fd(one->ssl, one->fd);
    SSL_set_tlsext_host_name(one->ssl, load.job.url.host);
    SSL_set1_host(one->ssl, load.job.url.host);
    struct epoll_event event = {.events = EPOLLOUT | load.mode, .data.ptr = one};
    if (load.mode == EPOLLET) {
        event.events |= EPOLLIN;
    }
    epoll_ctl(load.epoll, EPOLL_CTL_ADD, one->fd, &event);
    next_request(one);
    load.open++;
}

static void close_connection(struct connection *one)
{
    SSL_shutdown(one->ssl);
    SSL_free(one->ssl);
    close(one->fd);
    text_free(&one->body);
    text_free(&one->request);
    response_free(&one->response);
    load.open--;
}

static void wait_for(struct connection *one, uint32_t events)
{
    struct epoll_event event = {.events = events | load.mode, .data.ptr = one};
    if (load.mode != EPOLLET &&
        epoll_ctl(load.epoll, EPOLL_CTL_MOD, one->fd, &event) != 0) {
        fail(EXIT_TRANSPORT, "epoll_ctl: %s", strerror(errno));
    }
}

/* Asks for what libssl wants; ends the program when the call failed. */
static void wait_wanted(struct connection *one, int result, const char *what)
{
    int error = SSL_get_error(one->ssl, result);
    if (error == SSL_ERROR_WANT_READ) {
        wait_for(one, EPOLLIN);
    } else if (error == SSL_ERROR_WANT_WRITE) {
        wait_for(one, EPOLLOUT);
    } else {
        fail(EXIT_TRANSPORT, "%s failed: %d (%s)", what, error, strerror(errno));
    }
}

static bool is_connected(struct connection *one)
{
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(one->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
        fail(EXIT_TRANSPORT, "connect: %s", strerror(error));
    }
    return true;
}

static bool write_request(struct connection *one)
{
    while (one->written < one->request.size) {
        int result = SSL_write(one->ssl, one->request.at + one->written,
                               (int)(one->request.size - one->written));
        if (result <= 0) {
            wait_wanted(one, result, "SSL_write");
            return false;
        }
        one->written += (size_t)result;
    }
    return true;
}

static bool read_answer(struct connection *one)
{
    char bytes[4096];
    while (one->response.state != RESPONSE_DONE) {
        int result = SSL_read(one->ssl, bytes, sizeof bytes);
        if (result <= 0) {
            wait_wanted(one, result, "SSL_read");
            return false;
        }
        response_feed(&one->response, bytes, (size_t)result);
        if (one->response.state == RESPONSE_BAD) {
            fail(EXIT_TRANSPORT, "no HTTP");
        }
    }
    return true;
}

/* As far as it goes without waiting. */
static void advance(struct connection *one)
{
    one->connected = one->connected || is_connected(one);
    if (!one->shaken) {
        int result = SSL_connect(one->ssl);
        if (result != 1) {
            wait_wanted(one, result, "SSL_connect");
            return;
        }
        one->shaken = true;
    }
    while (write_request(one) && read_answer(one)) {
        check_answer(one);
        if (++one->index == one->end) {
            close_connection(one);
            return;
        }
        next_request(one);
    }
}

static void run_round(void)
{
    struct epoll_event events[CONNECTIONS];
    for (int i = 0; i < CONNECTIONS; i++) {
        open_connection(&load.connections[i], i * SHARE);
    }
    while (load.open > 0) {
        int count = epoll_wait(load.epoll, events, CONNECTIONS, WAIT_MS);
        if (count == 0) {
            fail(EXIT_TIMEOUT, "%d connections hang", load.open);
        }
        for (int i = 0; i < count; i++) {
            advance(events[i].data.ptr);
        }
    }
}

static uint32_t mode_parse(const char *name)
{
    if (strcmp(name, "edge") == 0) {
        return EPOLLET;
    }
    return strcmp(name, "oneshot") == 0 ? EPOLLONESHOT : 0;
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fail(EXIT_USAGE_ERROR, "usage: load_epoll level|edge|oneshot URL KEY TAG ROUNDS");
    }
    char *words[] = {argv[2], argv[3], "", NULL};
    job_parse(&load.job, words);
    load.mode = mode_parse(argv[1]);
    load.tag = argv[4];
    load.context = session_context();
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    int before = descriptors(), rounds = atoi(argv[5]);
    for (load.round = 0; load.round < rounds; load.round++) {
        run_round();
    }
    int leaked = descriptors() - before;
    printf("right %d wrong %d leaked %d\n", load.right, load.wrong, leaked);
    SSL_CTX_free(load.context);
    return load.wrong > 0 || leaked > 0;
}
