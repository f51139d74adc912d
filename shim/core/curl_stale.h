/* SPDX-License-Identifier: MIT */
/* A miss that an expired entry stands in for when upstream fails: nothing of a failure reaches
 * the program, and at the end of the transfer the entry is served like a hit. Likewise a partial miss:
 * nothing of a success reaches it. The handle belongs to libcurl until then. */
#ifndef CORE_CURL_STALE_H
#define CORE_CURL_STALE_H

#include "curl_handle.h"

struct curl_request;
struct curl_stale;

/* What happens in place of the transfer's end. */
enum curl_instead {
    CURL_INSTEAD_NOTHING,
    CURL_INSTEAD_SERVED, /* the program gets handle->delivery */
    CURL_INSTEAD_AGAIN, /* upstream is asked again, with what exchange_upstream_body() says */
};

/* |handle| has begun to record such a miss. Takes the contents of |request| over;
 * when memory is short the entry is forgotten, or all asked for. */
void curl_stale_start(struct curl_handle *handle, struct curl_request *request);
/* libcurl hands |bytes| to the program. True: they are not for it. */
bool curl_stale_hides(struct curl_handle *handle, struct span bytes);
/* Of a line that is hidden: false: it was the last one of a 304, and memory is short. Then the
 * transfer has to fail. */
bool curl_stale_takes(struct curl_handle *handle, struct span line);
/* Whether what is hidden is a part of what the program is given. */
bool curl_stale_is_partial(const struct curl_handle *handle);
/* Whether curl_stale_finish() is going to have something to serve. */
bool curl_stale_wanted(const struct curl_handle *handle, CURLcode result);
/* libcurl has ended the transfer with |result|. */
enum curl_instead curl_stale_finish(struct curl_handle *handle, CURLcode result);
/* The program has given the transfer up. */
void curl_stale_abandon(struct curl_handle *handle);
void curl_stale_free(struct curl_stale *stale);

#endif
