/* SPDX-License-Identifier: MIT */
/* A hit: the recorded transfer as libcurl would hand it over, callback by callback
 * (CURLOPT_WRITEFUNCTION(3), CURLOPT_HEADERFUNCTION(3), CURLOPT_XFERINFOFUNCTION(3)).
 * Kept afterwards for curl_easy_getinfo() and curl_easy_header(). */
#ifndef CORE_CURL_DELIVERY_H
#define CORE_CURL_DELIVERY_H

#include "curl_level.h"
#include "exchange.h"

struct curl_handle;
struct curl_request;
struct curl_fields;

struct curl_delivery {
    struct exchange *exchange; /* NULL once it is over */
    struct curl_level level;
    struct curl_lines lines; /* what the program sees of level.lines, or a substitute */
    struct curl_certinfo *certinfo;
    char *url;
    char method[16];
    char *content_type; /* NULL: none */
    unsigned status;
    uint16_t port;
    uint64_t request_bytes; /* size of the request's body */
    int64_t length;         /* what Content-Length says, -1 = nothing */
    int64_t wire_bytes;     /* what CURLINFO_SIZE_DOWNLOAD_T ends up as */
    bool by_pieces;         /* the body is handed over in the recorded pieces */

    size_t line;  /* the next one */
    size_t piece; /* the next one of the body */
    size_t sent;  /* how much of the body the program has */
    size_t block; /* the end of what is being delivered, when over `sent` */
    size_t header_bytes;
    bool started;
    bool line_written; /* with CURLOPT_HEADER: the write callback has the line already */
    bool paused;
    bool reused; /* it looks as if over a connection that was there already */
    bool done;
    bool reported; /* a multi handle has its message */
    CURLcode result;
    uint64_t start_us;
    uint64_t waited_us; /* what the program had waited before that */
    uint64_t first_us;  /* from the start; 0 = nothing yet */
    uint64_t last_us;
    int64_t meter_second;       /* when the progress meter was last shown */
    struct curl_fields *fields; /* see curl_fields.h */
};

/* Prepares handle->delivery for |exchange|, a hit, and takes it over. 0, or -1: memory is
 * short, or the recording lacks what the program asks for; the exchange is still the
 * caller's. */
MUST_USE int curl_delivery_start(struct curl_handle *handle, struct exchange *exchange,
                                 struct curl_request *request, uint64_t request_bytes);
/* Before there is an answer: handle->delivery says that the transfer has begun and nothing has
 * come. |exchange| waits; it and request->url are taken over. 0, or -1: memory is short. */
MUST_USE int curl_delivery_expect(struct curl_handle *handle, struct exchange *exchange,
                                  struct curl_request *request);
/* Nothing is due: progress is told, and the time looked at. False: that has ended the transfer:
 * ->result. */
bool curl_delivery_idle(struct curl_handle *handle);
/* Calls the program back as far as things are due. True when the transfer is over:
 * ->result. */
bool curl_delivery_run(struct curl_handle *handle);
/* Microseconds until the next thing is due: 0 = now, UINT64_MAX = paused by the program.
 */
uint64_t curl_delivery_wait(const struct curl_handle *handle);
/* As curl_easy_pause() for receiving: the next callback is due at once when a pause ends.
 * The result is what curl_easy_pause() is to return. */
CURLcode curl_delivery_pause(struct curl_handle *handle, bool pause);
/* The program takes no more. */
void curl_delivery_abandon(struct curl_handle *handle);
void curl_delivery_free(struct curl_delivery *delivery);

#endif
