/* SPDX-License-Identifier: MIT */
/* HTTP messages as data, whatever carried them (HTTP/1.1 below libssl, any version in
 * libcurl). All spans are views: whoever fills a message in says how long they live. */
#ifndef CORE_API_MESSAGE_H
#define CORE_API_MESSAGE_H

#include "store/bytes.h"

struct header {
    struct span name; /* as on the wire; compare with span_is_nocase() */
    struct span value;
};

/* A list, not a map: Set-Cookie and Vary repeat. `at` is owned by the list. */
struct headers {
    struct header *at;
    size_t count;
    size_t capacity;
};

/* 0, or -1 when memory is short. The spans are not copied. */
MUST_USE int headers_add(struct headers *headers, struct span name, struct span value);
/* The first header of that |name|, or NULL. */
const struct header *headers_find(const struct headers *headers, const char *name);
/* Its value, empty when there is none. */
struct span headers_value(const struct headers *headers, const char *name);
/* How many there are. */
size_t headers_count(const struct headers *headers, const char *name);
void headers_free(struct headers *headers);

struct request {
    struct span method; /* "POST" */
    bool tls;           /* https */
    bool
        unverified; /* https, and nobody has checked the server's certificate: such answers
                           are kept apart from those that were checked */
    struct span host; /* without port; lower case is not guaranteed */
    uint16_t port;
    struct span target; /* path and query, as sent: "/v1/chat/completions?x=y" */
    struct headers headers;
    struct span body; /* without transfer coding */
};

/* One piece of a body as it arrived: an HTTP chunk, or one write callback. */
struct piece {
    uint64_t size;  /* bytes of the decoded body */
    uint64_t at_us; /* since the request was complete */
};

struct response {
    unsigned status;
    unsigned version;   /* 10, 11, 20 or 30 */
    struct span phrase; /* reason phrase, may be empty */
    struct headers headers;
    struct span body; /* without transfer coding; content coding says the header */
    bool chunked;     /* it came with Transfer-Encoding: chunked, or as an HTTP/2 stream
                         without Content-Length */
    bool close_delimited; /* the body ended with the connection */
    const struct piece *pieces;
    size_t piece_count;
    uint64_t first_byte_us; /* request complete to the first byte */
    uint64_t last_byte_us;
};

#endif
