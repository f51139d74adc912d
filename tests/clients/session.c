/* SPDX-License-Identifier: MIT */
/* TLS over libssl in every style of I/O; see session.h. */
#define _GNU_SOURCE
#include "session.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WAIT_MS 8000

enum style style_parse(const char *name)
{
    static const char *const names[] = {"blocking",   "select",        "poll",  "epoll",
                                        "epoll-edge", "epoll-oneshot", "memory"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) {
            return (enum style)i;
        }
    }
    fail(EXIT_USAGE_ERROR, "no such style: %s", name);
}

SSL_CTX *session_context(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (context == NULL || SSL_CTX_set_default_verify_paths(context) != 1) {
        fail(EXIT_TRANSPORT, "no TLS context");
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_mode(context,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return context;
}

static int wait_select(int fd, short events, int ms)
{
    fd_set set;
    FD_ZERO(&set);
    FD_SET(fd, &set);
    struct timeval limit = {ms / 1000, (ms % 1000) * 1000};
    bool write = events & POLLOUT;
    return select(fd + 1, write ? NULL : &set, write ? &set : NULL, NULL, &limit);
}

static int wait_epoll(struct session *session, short events, int ms)
{
    struct epoll_event event = {.events = events & POLLOUT ? EPOLLOUT : EPOLLIN};
    if (session->style == STYLE_EPOLL_ONESHOT) {
        event.events |= EPOLLONESHOT;
    }
    if (session->style != STYLE_EPOLL_EDGE &&
        epoll_ctl(session->epoll, EPOLL_CTL_MOD, session->fd, &event) != 0) {
        fail(EXIT_TRANSPORT, "epoll_ctl: %s", strerror(errno));
    }
    return epoll_wait(session->epoll, &event, 1, ms);
}

/* 1 when the descriptor is ready, 0 after |ms| milliseconds. */
static int wait_ready(struct session *session, short events, int ms)
{
    struct pollfd one = {.fd = session->fd, .events = events};
    switch (session->style) {
    case STYLE_SELECT:
        return wait_select(session->fd, events, ms);
    case STYLE_BLOCKING:
    case STYLE_POLL:
        return poll(&one, 1, ms);
    default:
        return wait_epoll(session, events, ms);
    }
}

static void wait_long(struct session *session, short events)
{
    if (wait_ready(session, events, WAIT_MS) == 0) {
        fail(EXIT_TIMEOUT, "no answer within %d ms", WAIT_MS);
    }
}

/* Memory BIOs: what libssl has written goes to the socket. */
static bool memory_flush(struct session *session)
{
    char *bytes = session->scratch;
    int size;
    while ((size = BIO_read(SSL_get_wbio(session->ssl), bytes, SCRATCH_SIZE)) > 0) {
        for (int done = 0; done < size;) {
            ssize_t sent =
                send(session->fd, bytes + done, (size_t)(size - done), MSG_NOSIGNAL);
            if (sent < 0 && errno == EAGAIN) {
                wait_long(session, POLLOUT);
            } else if (sent < 0) {
                return false;
            } else {
                done += (int)sent;
            }
        }
    }
    return true;
}

/* Memory BIOs: one receive from the socket into libssl. False when nothing was there. */
static bool memory_fill(struct session *session)
{
    ssize_t size = recv(session->fd, session->scratch, SCRATCH_SIZE, 0);
    if (size > 0) {
        BIO_write(SSL_get_rbio(session->ssl), session->scratch, (int)size);
    } else if (size == 0 || errno != EAGAIN) {
        BIO_set_mem_eof_return(SSL_get_rbio(session->ssl), 0);
    }
    return size > 0;
}

/* After a libssl call that wants to wait. False when the call failed for good. */
static bool wait_wanted(struct session *session, int result)
{
    int error = SSL_get_error(session->ssl, result);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
        return false;
    }
    if (session->style != STYLE_MEMORY) {
        wait_long(session, error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT);
        return true;
    }
    if (!memory_flush(session)) {
        return false;
    }
    if (error == SSL_ERROR_WANT_READ) {
        wait_long(session, POLLIN);
        memory_fill(session);
    }
    return true;
}

static void session_attach(struct session *session)
{
    if (session->style != STYLE_BLOCKING) {
        fcntl(session->fd, F_SETFL, fcntl(session->fd, F_GETFL) | O_NONBLOCK);
    }
    if (session->style == STYLE_MEMORY) {
        BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
        BIO_set_mem_eof_return(in, -1);
        SSL_set_bio(session->ssl, in, out);
    } else {
        SSL_set_fd(session->ssl, session->fd);
    }
    if (session->style >= STYLE_EPOLL) {
        struct epoll_event event = {.events = EPOLLIN};
        if (session->style == STYLE_EPOLL_EDGE) {
            event.events = EPOLLIN | EPOLLOUT | EPOLLET;
        }
        session->epoll = epoll_create1(EPOLL_CLOEXEC);
        epoll_ctl(session->epoll, EPOLL_CTL_ADD, session->fd, &event);
    }
}

void session_open(struct session *session, SSL_CTX *context, const struct url *url)
{
    session->fd = tcp_connect(url);
    session->epoll = -1;
    session->scratch = malloc(SCRATCH_SIZE);
    session->peeked = malloc(SCRATCH_SIZE);
    session->ssl = SSL_new(context);
    session_attach(session);
    const char *host = session->host ? session->host : url->host;
    SSL_set_tlsext_host_name(session->ssl, host);
    SSL_set1_host(session->ssl, host);
    int result;
    while ((result = SSL_connect(session->ssl)) != 1) {
        if (!wait_wanted(session, result)) {
            long verified = SSL_get_verify_result(session->ssl);
            fail(EXIT_TRANSPORT, "TLS handshake failed: %s",
                 X509_verify_cert_error_string(verified));
        }
    }
    if (session->style == STYLE_MEMORY) {
        memory_flush(session);
    }
}

void session_close(struct session *session)
{
    SSL_shutdown(session->ssl);
    if (session->style == STYLE_MEMORY) {
        memory_flush(session);
    }
    SSL_free(session->ssl);
    free(session->scratch);
    free(session->peeked);
    close(session->fd);
    if (session->epoll >= 0) {
        close(session->epoll);
    }
    session->ssl = NULL;
}

static long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool session_idle(struct session *session, int ms)
{
    char byte;
    for (long end = now_ms() + ms, left; (left = end - now_ms()) > 0;) {
        if (session->style == STYLE_BLOCKING) {
            usleep((useconds_t)left * 1000);
        } else if (wait_ready(session, POLLIN, (int)left) == 1) {
            while (session->style == STYLE_MEMORY && memory_fill(session)) {
            }
            int result = SSL_read(session->ssl, &byte, 1);
            if (result > 0) {
                fail(EXIT_TRANSPORT, "bytes that nobody asked for");
            }
            if (SSL_get_error(session->ssl, result) != SSL_ERROR_WANT_READ) {
                return false;
            }
        }
    }
    return true;
}

static int write_some(struct session *session, const char *at, size_t size)
{
    if (session->write_size > 0 && size > session->write_size) {
        size = session->write_size;
    }
    if (session->use_ex) {
        size_t written = 0;
        int result = SSL_write_ex(session->ssl, at, size, &written);
        return result == 1 ? (int)written : result;
    }
    return SSL_write(session->ssl, at, (int)size);
}

bool session_write(struct session *session, const struct text *bytes)
{
    for (size_t done = 0; done < bytes->size;) {
        int result = write_some(session, bytes->at + done, bytes->size - done);
        if (result > 0) {
            done += (size_t)result;
        } else if (!wait_wanted(session, result)) {
            return false;
        }
    }
    session->fresh = true;
    return session->style != STYLE_MEMORY || memory_flush(session);
}

static int read_some(struct session *session, char *bytes, size_t size)
{
    int seen = session->peek ? SSL_peek(session->ssl, session->peeked, (int)size) : 0;
    int result;
    if (session->use_ex) {
        size_t read = 0;
        result = SSL_read_ex(session->ssl, bytes, size, &read);
        result = result == 1 ? (int)read : result;
    } else {
        result = SSL_read(session->ssl, bytes, (int)size);
    }
    if (seen > 0 &&
        (result < seen || memcmp(session->peeked, bytes, (size_t)seen) != 0)) {
        fail(EXIT_TRANSPORT, "SSL_peek promised %d bytes, SSL_read gave %d", seen,
             result);
    }
    return result;
}

/* An event loop reads only when its descriptor is readable: wait first. */
static void wait_for_answer(struct session *session)
{
    if (session->fresh && session->style != STYLE_BLOCKING &&
        !SSL_pending(session->ssl)) {
        wait_long(session, POLLIN);
        if (session->style == STYLE_MEMORY) {
            memory_fill(session);
        }
    }
    session->fresh = false;
}

bool session_read(struct session *session, struct response *response, struct text *rest)
{
    char *bytes = session->scratch;
    size_t used = response_feed(response, rest->at, rest->size);
    struct text behind = {0};
    text_add(&behind, rest->at + used, rest->size - used);
    text_free(rest);
    *rest = behind;
    while (response->state != RESPONSE_DONE && response->state != RESPONSE_BAD) {
        wait_for_answer(session);
        int result = read_some(session, bytes, session->read_size);
        if (result > 0) {
            used = response_feed(response, bytes, (size_t)result);
            text_add(rest, bytes + used, (size_t)result - used);
        } else if (!wait_wanted(session, result)) {
            response_end(response);
        }
    }
    return response->state == RESPONSE_DONE;
}

int session_ask(struct session *session, const struct job *job, int from, int to)
{
    int status = 0;
    struct text rest = {0};
    for (int i = from; i < to; i++) {
        struct text request = job_request(job, i, "");
        struct response response = {0};
        if (!session_write(session, &request) ||
            !session_read(session, &response, &rest)) {
            fail(EXIT_TRANSPORT, "request %d failed", i);
        }
        response_print(&response);
        status = response.status >= 300 ? EXIT_HTTP_ERROR : status;
        response_free(&response);
        text_free(&request);
    }
    text_free(&rest);
    fflush(stdout);
    return status;
}
