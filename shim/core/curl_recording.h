/* SPDX-License-Identifier: MIT */
/* A miss: libcurl does the transfer, callbacks of ours stand between it and the
 * program's, hand everything on unchanged and keep a copy. */
#ifndef CORE_CURL_RECORDING_H
#define CORE_CURL_RECORDING_H

#include "exchange.h"

#include <curl/curl.h>

struct curl_handle;
struct curl_recording;

/* Starts recording |exchange| on |handle| (handle->recording); takes the exchange over.
 * 0, or -1 when memory is short: the exchange is still the caller's. */
MUST_USE int curl_recording_start(struct curl_handle *handle, struct exchange *exchange);
/* The exchange that is being recorded, NULL when there is none. */
struct exchange *curl_recording_exchange(const struct curl_handle *handle);
/* The exchange is somebody else's now: nothing is recorded any more, and nothing said about it. */
void curl_recording_give_up(struct curl_handle *handle);
/* libcurl has ended the transfer of a partial miss well: true when its exchange is a hit now. */
MUST_USE bool curl_recording_complete(struct curl_handle *handle);
/* Upstream is asked once more: what it has answered is forgotten. */
void curl_recording_again(struct curl_handle *handle);
/* Puts our callbacks in place of the program's in libcurl, and back. */
void curl_recording_arm(struct curl_handle *handle);
void curl_recording_disarm(struct curl_handle *handle);
/* libcurl has ended the transfer with |result|: commits or drops, and frees the
 * recording. */
void curl_recording_finish(struct curl_handle *handle, CURLcode result);
/* The program has given the transfer up. */
void curl_recording_abandon(struct curl_handle *handle);
void curl_recording_free(struct curl_recording *recording);

#endif
