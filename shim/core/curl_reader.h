/* SPDX-License-Identifier: MIT */
/* A request body that comes from the program's read callback (CURLOPT_READFUNCTION(3)):
 * read ahead to its end, so that the request can be judged, then handed to libcurl from
 * memory. When it cannot be read to its end the rest comes from the program as libcurl
 * asks for it. */
#ifndef CORE_CURL_READER_H
#define CORE_CURL_READER_H

#include "curl_options.h"

struct curl_handle;

enum curl_reader_result {
    CURL_READER_WHOLE = 0,
    CURL_READER_TOO_LARGE = -1,
    CURL_READER_STOPPED = -2, /* the program paused, gave up, or memory was short */
};

struct curl_reader;

/* Reads |handle|'s body into handle->reader by calling the program. With any result
 * libcurl has to be fed through the reader now, if there is one. CURL_READER_WHOLE,
 * CURL_READER_TOO_LARGE, CURL_READER_STOPPED. */
MUST_USE int curl_reader_fill(struct curl_handle *handle);
struct span curl_reader_bytes(const struct curl_reader *reader);
/* After CURL_READER_WHOLE: libcurl is given |body| instead. 0, or -1 when memory is short: nothing
 * has changed. */
MUST_USE int curl_reader_replace(struct curl_reader *reader, struct span body);
/* Puts our callbacks in place of the program's in libcurl, and back. */
void curl_reader_arm(struct curl_handle *handle);
void curl_reader_disarm(struct curl_handle *handle);
/* The transfer has failed. When libcurl never asked for the body the program finds its
 * stream where it was, as far as that can be done. */
void curl_reader_give_back(struct curl_handle *handle);
void curl_reader_free(struct curl_reader *reader);

#endif
