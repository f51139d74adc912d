/* SPDX-License-Identifier: MIT */
/* What the C clients of the test suite share: their command line, the HTTP/1.1 requests
 * they send and a parser for the responses (RFC 9112). They know nothing of preecho; each
 * stands for a program that nobody has changed. Knows no TLS. */
#ifndef TESTS_CLIENTS_CLIENT_H
#define TESTS_CLIENTS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

/* A growing byte string; all zeroes is empty. Free with text_free(). Ends the program
 * when memory is short. */
struct text {
    char *at;
    size_t size;
};
void text_add(struct text *text, const void *bytes, size_t size);
void text_free(struct text *text);

struct url {
    bool tls;
    char host[128];
    char port[8];
    char path[256];
};

/* URL KEY BODY [COUNT [STEP]]: POST BODY to URL with `Authorization: Bearer KEY`, COUNT
 * times (default 1). `@N@` in BODY stands for 1, 1 + STEP, 1 + 2 STEP … */
struct job {
    const char *address;
    struct url url;
    const char *host; /* the Host field, NULL = the URL's host and port */
    const char *key;
    const char *body;
    int count;
    int step;
};

/* Reads the command line from |argv|[0] on; prints the usage and ends the program (64)
 * when it makes no sense. */
void job_parse(struct job *job, char **argv);
/* Body of request |index| (from 0), to be freed with free(). */
char *job_body(const struct job *job, int index);
/* Head and body of request |index|. |fields| are further header lines, each ended by CR
 * LF. */
struct text job_request(const struct job *job, int index, const char *fields);

/* A connected stream socket, blocking. Ends the program when nobody answers. */
int tcp_connect(const struct url *url);

enum response_state {
    RESPONSE_HEAD,
    RESPONSE_FIXED,
    RESPONSE_CHUNK_SIZE,
    RESPONSE_CHUNK,
    RESPONSE_CHUNK_END,
    RESPONSE_TRAILER,
    RESPONSE_TO_CLOSE,
    RESPONSE_DONE,
    RESPONSE_BAD
};

/* One response while it arrives; all zeroes is the start. Free with response_free(). */
struct response {
    enum response_state state;
    int status;
    bool close; /* the connection ends behind it */
    size_t left;
    struct text line; /* the unfinished head or line */
    struct text raw;  /* everything as it came */
    struct text body; /* decoded from its framing */
};

/* Takes bytes; returns how many belong to this response: fewer than |size| only when it
 * is complete or broken. */
size_t response_feed(struct response *response, const char *bytes, size_t size);
/* The connection has ended: a body that reaches to the end is complete now. */
void response_end(struct response *response);
void response_free(struct response *response);

/* Writes the body and a line feed to stdout. */
void response_print(const struct response *response);

/* `format` and its arguments to stderr, then the end of the program with |status|. */
__attribute__((noreturn, format(printf, 2, 3))) void fail(int status, const char *format,
                                                          ...);

/* Exit statuses of all clients. */
enum {
    EXIT_USAGE_ERROR = 64,
    EXIT_HTTP_ERROR = 22,
    EXIT_TRANSPORT = 7,
    EXIT_TIMEOUT = 28
};

#endif
