/* SPDX-License-Identifier: MIT */
/* The header lines of a transfer as header callbacks see them
 * (CURLOPT_HEADERFUNCTION(3)): one call per line, line end included, status lines and the
 * empty line too; for every response on the way (proxy's CONNECT, 1xx), and trailers
 * behind the body. */
#ifndef CORE_CURL_LINES_H
#define CORE_CURL_LINES_H

#include "api/message.h"

#include <curl/curl.h>

/* A line's origin is one of CURLH_HEADER, CURLH_TRAILER, CURLH_CONNECT, CURLH_1XX. */
struct curl_lines_entry {
    size_t start; /* in the text */
    size_t size;
    uint64_t offset; /* how much of the body came before it */
    uint8_t origin;
    bool status; /* a status line */
};

struct curl_lines {
    struct buffer text;
    struct curl_lines_entry *at;
    size_t count;
    size_t capacity;
};

/* 0, or -1 when memory is short. */
MUST_USE int curl_lines_add(struct curl_lines *lines, struct span text, uint64_t offset,
                            uint8_t origin);
void curl_lines_free(struct curl_lines *lines);
struct span curl_lines_text(const struct curl_lines *lines, size_t index);
/* Splits "Name: value" CR LF. False for status lines, empty lines and folded ones. */
bool curl_lines_field(const struct curl_lines *lines, size_t index, struct span *name,
                      struct span *value);

/* Finds out each line's origin. The status of the final response, or 0 when there is none
 * or it took several requests to get there (redirects, authentication). */
unsigned curl_lines_sort(struct curl_lines *lines);
/* Fills in status, phrase, version and headers of |response| from sorted lines, as views.
 * 0, or -1 when memory is short. */
MUST_USE int curl_lines_response(const struct curl_lines *lines,
                                 struct response *response);

/* True when the final response ends the connection (RFC 9112, 9.3). */
bool curl_lines_close(const struct curl_lines *lines);

/* Appends the lines to |out|, without those that belong to one caller only (cookies, rate
 * limits). */
void curl_lines_pack(const struct curl_lines *lines, struct buffer *out);
/* What curl_lines_pack() wrote. 0, or -1 (cursor failed or no memory; free in both
 * cases). */
MUST_USE int curl_lines_unpack(struct cursor *cursor, struct curl_lines *lines);

#endif
