/* SPDX-License-Identifier: MIT */
/* A program that sets options on its socket before and after connect, and reads them
 * again behind every answer.
 *
 * usage: options_client URL KEY BODY [COUNT [STEP]]
 * The answers go to stdout, the options to stderr, a line for each answer. */
#define _GNU_SOURCE
#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define WAIT_MS 8000

static void set_option(int fd, int level, int name, int value)
{
    if (setsockopt(fd, level, name, &value, sizeof value) != 0) {
        fail(EXIT_TRANSPORT, "setsockopt: %s", strerror(errno));
    }
}

static int get_option(int fd, int level, int name)
{
    int value = -1;
    socklen_t size = sizeof value;
    getsockopt(fd, level, name, &value, &size);
    return value;
}

/* A socket of its own address, 127.0.0.2, with options that are not the usual ones. */
static int new_socket(void)
{
    struct sockaddr_in own = {.sin_family = AF_INET};
    struct timeval limit = {7, 0};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    inet_pton(AF_INET, "127.0.0.2", &own.sin_addr);
    if (bind(fd, (struct sockaddr *)&own, sizeof own) != 0) {
        fail(EXIT_TRANSPORT, "bind: %s", strerror(errno));
    }
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 77);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

static int open_socket(const struct url *url)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *list;
    int fd = new_socket(), result = getaddrinfo(url->host, url->port, &hints, &list);
    if (result != 0) {
        fail(EXIT_TRANSPORT, "%s: %s", url->host, gai_strerror(result));
    }
    if (connect(fd, list->ai_addr, list->ai_addrlen) != 0) {
        fail(EXIT_TRANSPORT, "connect: %s", strerror(errno));
    }
    freeaddrinfo(list);
    set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 5);
    set_option(fd, SOL_SOCKET, SO_PRIORITY, 3);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    return fd;
}

static void print_options(int fd)
{
    struct timeval limit = {0};
    struct sockaddr_in own = {0}, peer = {0};
    socklen_t size = sizeof limit;
    getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, &size);
    size = sizeof own;
    getsockname(fd, (struct sockaddr *)&own, &size);
    size = sizeof peer;
    getpeername(fd, (struct sockaddr *)&peer, &size);
    fprintf(stderr, "nodelay %d keepalive %d idle %d count %d priority %d limit %ld",
            get_option(fd, IPPROTO_TCP, TCP_NODELAY),
            get_option(fd, SOL_SOCKET, SO_KEEPALIVE),
            get_option(fd, IPPROTO_TCP, TCP_KEEPIDLE),
            get_option(fd, IPPROTO_TCP, TCP_KEEPCNT),
            get_option(fd, SOL_SOCKET, SO_PRIORITY), (long)limit.tv_sec);
    fprintf(stderr, " nonblocking %d cloexec %d type %d error %d",
            (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0, fcntl(fd, F_GETFD) & FD_CLOEXEC,
            get_option(fd, SOL_SOCKET, SO_TYPE), get_option(fd, SOL_SOCKET, SO_ERROR));
    fprintf(stderr, " own %s", inet_ntoa(own.sin_addr));
    fprintf(stderr, " peer %s:%d\n", inet_ntoa(peer.sin_addr), ntohs(peer.sin_port));
}

/* After a libssl call that wants to wait. */
static void wait_wanted(SSL *ssl, int result)
{
    int error = SSL_get_error(ssl, result);
    short events = error == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN;
    struct pollfd one = {.fd = SSL_get_fd(ssl), .events = events};
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
        fail(EXIT_TRANSPORT, "TLS failed: %d", error);
    }
    if (poll(&one, 1, WAIT_MS) == 0) {
        fail(EXIT_TIMEOUT, "no answer within %d ms", WAIT_MS);
    }
}

static void ask(SSL *ssl, const struct job *job, int index)
{
    struct text request = job_request(job, index, "");
    struct response response = {0};
    char bytes[1024];
    int result;
    while ((result = SSL_write(ssl, request.at, (int)request.size)) <= 0) {
        wait_wanted(ssl, result);
    }
    while (response.state != RESPONSE_DONE) {
        result = SSL_read(ssl, bytes, sizeof bytes);
        if (result <= 0) {
            wait_wanted(ssl, result);
        } else {
            response_feed(&response, bytes, (size_t)result);
        }
    }
    response_print(&response);
    response_free(&response);
    text_free(&request);
}

int main(int argc, char **argv)
{
    struct job job = {0};
    job_parse(&job, argv + (argc > 1));
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_default_verify_paths(context);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    int fd = open_socket(&job.url), result;
    SSL *ssl = SSL_new(context);
    SSL_set_fd(ssl, fd);
    SSL_set_tlsext_host_name(ssl, job.url.host);
    SSL_set1_host(ssl, job.url.host);
    while ((result = SSL_connect(ssl)) != 1) {
        wait_wanted(ssl, result);
    }
    print_options(fd);
    for (int i = 0; i < job.count; i++) {
        ask(ssl, &job, i);
        print_options(fd);
    }
    SSL_shutdown(ssl);
    SSL_free(ssl);
    SSL_CTX_free(context);
    close(fd);
    return 0;
}
