/* SPDX-License-Identifier: MIT */
/* One easy handle of the host as the libcurl level sees it: its options, and the transfer
 * it is in.
 *
 * Ownership: an object belongs to its CURL handle and dies with it (curl_easy_cleanup).
 * Its fields are touched by the thread that uses the handle only, as libcurl demands of
 * its users; the table of all handles has a lock of its own, held around look-ups only.
 */
#ifndef CORE_CURL_HANDLE_H
#define CORE_CURL_HANDLE_H

#include "curl_library.h"
#include "curl_options.h"
#include "exchange.h"

#include <uthash.h>

enum curl_state {
    CURL_IDLE,      /* in no transfer, or in one that only libcurl knows */
    CURL_WAITING,   /* in a multi handle; its request body has still to be read and judged
                   */
    CURL_FOLLOWING, /* somebody else is asking the same: libcurl's or the store's, later */
    CURL_LIVE,      /* libcurl is at work with callbacks of ours */
    CURL_SERVED,    /* answered from the store, or being answered */
    CURL_LOST, /* replay mode, and no memory for an answer: to fail, not to be made */
};

struct curl_multi;
struct curl_message;

struct curl_handle {
    CURL *easy;
    const struct curl_library *library;
    struct curl_options options;
    enum curl_state state;
    struct curl_reader *reader;         /* a request body that was read ahead */
    struct curl_recording *recording;   /* a miss on its way */
    struct curl_substitute *substitute; /* its body, where that is not the program's */
    struct curl_stale *stale;       /* and what is served should it fail, NULL: nothing */
    struct exchange *write;         /* libcurl's own request writes to an address */
    struct curl_follow *follow;     /* what waits for somebody else's answer */
    uint64_t waited_us;             /* how long this transfer has, before it went on */
    struct curl_delivery *delivery; /* the latest hit, kept until the next transfer */
    bool connected;    /* there has been a transfer, so a connection may be there */
    bool meter_titled; /* the progress meter's head has been printed */

    struct curl_multi *multi;     /* the one it has been added to */
    struct curl_message *message; /* memory for that transfer's end, when it is ours */
    struct curl_handle *previous;
    struct curl_handle *next;
    UT_hash_handle hh;
};

/* The object of |easy|, NULL when its birth was not seen. */
struct curl_handle *curl_handle_find(CURL *easy);
/* Makes one. NULL when memory is short or its libcurl is not understood. |real| is any
 * function of the copy that has made |easy|. */
struct curl_handle *curl_handle_new(CURL *easy, const void *real);
/* Takes it out of the table; curl_handle_free() follows, once libcurl has let go of the
 * handle. */
void curl_handle_remove(struct curl_handle *handle);
void curl_handle_free(struct curl_handle *handle);

/* Calls libcurl's curl_easy_setopt() with |argument|. */
void curl_handle_set(const struct curl_handle *handle, CURLoption option, void *argument);

/* -- what libcurl does besides calling back -- */

/* As libcurl's failf(): into CURLOPT_ERRORBUFFER and, with CURLOPT_VERBOSE, the debug
 * output. */
void curl_handle_fail(const struct curl_handle *handle, const char *text);
void curl_handle_debug(const struct curl_handle *handle, curl_infotype type,
                       struct span data);
/* A response's bytes to the program's callbacks, as libcurl calls them: the result is
 * what the callback has returned. |bytes| must not be empty. */
size_t curl_handle_write(const struct curl_handle *handle, struct span bytes);
size_t curl_handle_header(const struct curl_handle *handle, struct span line);

#endif
