/* SPDX-License-Identifier: MIT */
/* A TLS session of the C clients over libssl in every style of I/O that programs use.
 * Each style follows OpenSSL's manual: after WANT_READ or WANT_WRITE wait for the
 * descriptor, then repeat the same call. */
#ifndef TESTS_CLIENTS_SESSION_H
#define TESTS_CLIENTS_SESSION_H

#include "client.h"

#include <openssl/ssl.h>

enum style {
    STYLE_BLOCKING, /* socket BIO, blocking descriptor */
    STYLE_SELECT,   /* socket BIO, non-blocking, select() */
    STYLE_POLL,
    STYLE_EPOLL,         /* level-triggered, interest changed at every wait */
    STYLE_EPOLL_EDGE,    /* edge-triggered, registered once */
    STYLE_EPOLL_ONESHOT, /* armed anew at every wait */
    STYLE_MEMORY         /* two memory BIOs, the program moves the bytes, epoll */
};

#define SCRATCH_SIZE 16384

struct session {
    enum style style;
    SSL *ssl;
    const char *host; /* the name the server has to prove, NULL = the URL's */
    int fd;
    int epoll;
    char *scratch;     /* SCRATCH_SIZE bytes on the way in */
    char *peeked;      /* as many that SSL_peek showed */
    bool use_ex;       /* SSL_read_ex and SSL_write_ex */
    bool peek;         /* SSL_peek before every SSL_read, and compare */
    bool fresh;        /* no read has been tried since the last write */
    size_t read_size;  /* largest read, at most SCRATCH_SIZE */
    size_t write_size; /* largest write, 0 = all at once */
};

/* The style of that name, or an end of the program. */
enum style style_parse(const char *name);

/* A context that verifies the server against the default locations (SSL_CERT_FILE). */
SSL_CTX *session_context(void);
/* Connects and shakes hands; ends the program when that fails. */
void session_open(struct session *session, SSL_CTX *context, const struct url *url);
/* Sends close_notify and closes. */
void session_close(struct session *session);

/* Lets |ms| milliseconds pass, as an event loop does: reads what arrives meanwhile. False
 * when the server has closed. */
bool session_idle(struct session *session, int ms);
/* False when the connection broke. */
bool session_write(struct session *session, const struct text *bytes);
/* Reads until |response| is complete; bytes behind it go to |rest| (and are taken from
 * there first). False when the connection ended before it was. */
bool session_read(struct session *session, struct response *response, struct text *rest);
/* Makes requests |from| to |to| one after the other and prints the answers; the exit
 * status. Ends the program when the connection breaks. */
int session_ask(struct session *session, const struct job *job, int from, int to);

#endif
