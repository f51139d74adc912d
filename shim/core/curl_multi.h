/* SPDX-License-Identifier: MIT */
/* One multi handle of the host (libcurl-multi(3)). Transfers that libcurl does are in
 * libcurl's own multi handle; those answered from the store are not, and this object
 * makes both look like one.
 *
 * Ownership: dies with its CURLM handle (curl_multi_cleanup). Its fields are touched by
 * the thread that uses the handle only; the table of all has a lock of its own. */
#ifndef CORE_CURL_MULTI_H
#define CORE_CURL_MULTI_H

#include "curl_handle.h"

/* A CURLMsg as the program gets it: valid until its easy handle is removed. */
struct curl_message {
    CURLMsg message;
    bool read;
    struct curl_message *previous;
    struct curl_message *next;
};

struct curl_multi {
    CURLM *multi;
    const struct curl_library *library;
    struct curl_handle *handles; /* the followed ones among those added, in order */
    unsigned live;               /* how many of them are CURL_LIVE */
    unsigned active;    /* how many are CURL_WAITING, or CURL_SERVED and not over */
    bool managed;       /* messages and the timer go through here */
    bool in_callback;   /* the program is being called: only few functions may be used */
    bool dead;          /* the timer callback has returned -1 */
    bool timer_wrapped; /* libcurl calls our timer callback instead of the program's */
    struct curl_message *messages;
    curl_multi_timer_callback timer_function;
    void *timer_data;
    UT_hash_handle hh;
};

/* The object of |multi|, NULL when its birth was not seen. */
struct curl_multi *curl_multi_find(CURLM *multi);
/* Makes one, see curl_handle_new(). */
struct curl_multi *curl_multi_new(CURLM *multi, const void *real);
/* Takes it out of the table, frees it and lets its handles go. */
void curl_multi_forget(struct curl_multi *multi);

/* Adds |handle| in the state it is in, and takes it out. */
void curl_multi_link(struct curl_multi *multi, struct curl_handle *handle);
void curl_multi_unlink(struct curl_multi *multi, struct curl_handle *handle);

/* Serves what is due. CURLM_OK, or what a deferred curl_multi_add_handle() has returned.
 */
CURLMcode curl_multi_serve(struct curl_multi *multi);
/* Milliseconds until something is due here, -1 = nothing is. */
long curl_multi_due(const struct curl_multi *multi);

/* -- messages (curl_multi_info_read(3)) -- */

/* Moves libcurl's messages over and ends the transfers that they speak of. */
void curl_messages_collect(struct curl_multi *multi);
/* Memory for the message about |handle|, so that it cannot fail in the end. 0, or -1:
 * there is none. curl_messages_add() uses it: a transfer of ours is over. */
MUST_USE int curl_messages_reserve(struct curl_handle *handle);
void curl_messages_add(struct curl_multi *multi, struct curl_handle *handle,
                       CURLcode result);
/* The next unread one, NULL when there is none; |*left|: how many follow. */
CURLMsg *curl_messages_read(struct curl_multi *multi, int *left);
/* Drops those of |easy|, or all when it is NULL. */
void curl_messages_drop(struct curl_multi *multi, const CURL *easy);

/* -- the timer (CURLMOPT_TIMERFUNCTION(3)) -- */

/* From now on the program's timer callback is called from here only. */
void curl_timer_manage(struct curl_multi *multi);
/* Tells the program when to call next. CURLM_OK or CURLM_ABORTED_BY_CALLBACK. */
CURLMcode curl_timer_update(struct curl_multi *multi);

#endif
