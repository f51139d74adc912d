/* SPDX-License-Identifier: MIT */
/* A transfer that waits, since somebody else is asking the same. For the program it has begun,
 * and nothing has come yet: handle->delivery says so until there is an answer. The handle is not
 * with libcurl meanwhile. */
#ifndef CORE_CURL_FOLLOW_H
#define CORE_CURL_FOLLOW_H

#include "curl_handle.h"

struct curl_request;
struct curl_follow;

/* Begins, for |exchange|, which waits. True: it and the contents of |request| are taken over.
 * False: no change. */
MUST_USE bool curl_follow_start(struct curl_handle *handle, struct curl_request *request,
                                struct exchange *exchange);
/* Looks whether it is over; never blocks. True: |*exchange| is a hit or a miss, and with
 * |*request| the caller's again, who frees handle->follow when done with |*request|;
 * handle->waited_us tells how long that took. */
MUST_USE bool curl_follow_is_over(struct curl_handle *handle,
                                  struct curl_request *request,
                                  struct exchange **exchange);
/* Stands still until there is something to look at, at most for a fifth of a second or as long
 * as the program gives the transfer. */
void curl_follow_stand_still(const struct curl_handle *handle);
void curl_follow_free(struct curl_follow *follow);

#endif
