/* SPDX-License-Identifier: MIT */
/* A transfer from its start to its end, for the easy and the multi interface alike. */
#ifndef CORE_CURL_TRANSFER_H
#define CORE_CURL_TRANSFER_H

#include "curl_handle.h"

/* Decides about the transfer that |handle| is about to make, and brings it into that
 * state: CURL_IDLE: libcurl's alone. CURL_LIVE: libcurl's, with callbacks of ours in
 * place. CURL_SERVED: the answer is in the store; curl_delivery_run() hands it over.
 * CURL_LOST: the call fails for want of memory.
 * CURL_FOLLOWING: somebody else is asking the same; curl_transfer_again() decides.
 * CURL_WAITING: only unless |may_call|: the request's body has to be read from the
 * program first, and this is no time to call it. */
enum curl_state curl_transfer_start(struct curl_handle *handle, bool may_call);
/* Decides about a CURL_FOLLOWING transfer, if it is time for that. */
enum curl_state curl_transfer_again(struct curl_handle *handle);
/* The program's own limits have ended a CURL_FOLLOWING transfer: CURL_SERVED, and done. */
void curl_transfer_leave(struct curl_handle *handle);
/* libcurl has ended a transfer of its own with |result|: if it has written to an address, what was
 * recorded of that holds no more. */
void curl_transfer_written(struct curl_handle *handle, CURLcode result);
/* libcurl has ended a CURL_LIVE transfer: the program's options are put back, the answer
 * is recorded. CURL_SERVED afterwards: upstream has failed, or given a part of the answer, and the
 * program gets one by curl_delivery_run(). CURL_LIVE: libcurl is to make another transfer. Else the
 * result is the program's. */
CURLcode curl_transfer_finish(struct curl_handle *handle, CURLcode result);
/* The program has given up a transfer in any state. |gone|: libcurl's handle is not there
 * any more, nothing can be put back. */
void curl_transfer_abandon(struct curl_handle *handle, bool gone);

/* -- libcurl at work in this thread -- */

/* Between the two the OpenSSL level stands aside (curl_level_busy()). */
void curl_level_enter(void);
void curl_level_leave(void);

#endif
