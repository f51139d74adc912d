/* SPDX-License-Identifier: MIT */
/* HTTP/1.x framing (RFC 9112) by llhttp: bytes in, messages out, no I/O. A parser stops
 * at every border the caller has to decide at: behind the head, behind the message. */
#ifndef CORE_HTTP_H
#define CORE_HTTP_H

#include "api/message.h"

enum http_state {
    HTTP_HEAD,     /* within start line and fields (or nothing fed yet) */
    HTTP_BODY,     /* the head is complete, body bytes are expected */
    HTTP_COMPLETE, /* the message is complete */
    HTTP_UPGRADE,  /* what follows is not HTTP */
    HTTP_ERROR,    /* not HTTP/1.x, or no memory, or a head over 64 KiB */
};

struct http_parser;

/* NULL when memory is short. */
MUST_USE struct http_parser *http_request_parser_new(void);
MUST_USE struct http_parser *http_response_parser_new(void);
void http_parser_free(struct http_parser *parser);

/* Feeds |size| bytes and returns how many belong to the part that was being parsed: it
 * never goes beyond the end of the head in one call, nor beyond the end of the message. A
 * message without body is HTTP_COMPLETE (or HTTP_UPGRADE) together with its head. Feeding
 * again after HTTP_COMPLETE starts the next message (as http_parser_next()); in
 * HTTP_ERROR and HTTP_UPGRADE nothing is taken. |at_us| is when the bytes arrived, on the
 * caller's clock; it ends up in the pieces. */
size_t http_parser_feed(struct http_parser *parser, const uint8_t *data, size_t size,
                        uint64_t at_us);
enum http_state http_parser_state(const struct http_parser *parser);
/* The bytes stop here (end of stream). A close-delimited response becomes HTTP_COMPLETE
 * when |clean|; anything else unfinished becomes HTTP_ERROR. Between messages nothing
 * changes. */
void http_parser_end(struct http_parser *parser, bool clean);
/* Forgets the message, ready for the next one on the same connection. */
void http_parser_next(struct http_parser *parser);

/* Called after the head: whether body bytes are collected (default: no). A body over
 * |limit| bytes stops the collection and sets http_parser_overflow(); so do short memory
 * and a transfer coding besides chunked. Framing goes on. */
void http_parser_keep_body(struct http_parser *parser, size_t limit);
bool http_parser_overflow(const struct http_parser *parser);
/* Before a response: it answers a HEAD (or CONNECT), so no body follows whatever it says.
 */
void http_parser_no_body(struct http_parser *parser);
/* Whether the connection may carry another message after this one (RFC 9112, 9.3). */
bool http_parser_keep_alive(const struct http_parser *parser);
/* 10 or 11 from the end of the head on, 0 before. */
unsigned http_parser_version(const struct http_parser *parser);
/* A 1xx response: complete, and another response to the same request follows. */
bool http_parser_interim(const struct http_parser *parser);

/* From the end of the head on, until the next message begins or the parser is freed.
 * `host` and `port` come from the Host field, or from a target in absolute form, whose
 * path and query become `target`. An IPv6 literal keeps its brackets; `port` is 0 when
 * none was named: the caller knows the scheme's. `tls` is the caller's. */
const struct request *http_request(const struct http_parser *parser);
/* Likewise; `body` and `pieces` grow with every feed. Times are absolute, on the caller's
 * clock: make them relative before use. */
const struct response *http_response(const struct http_parser *parser);

#endif
