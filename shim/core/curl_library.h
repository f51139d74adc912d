/* SPDX-License-Identifier: MIT */
/* One table of real functions per copy of libcurl in the process. A process can hold
 * several (the OpenSSL and the GnuTLS flavour, one bundled in a plugin), so a table
 * belongs to the handles that this copy has made. Works with libcurl 7.64 to 8.x. */
#ifndef CORE_CURL_LIBRARY_H
#define CORE_CURL_LIBRARY_H

#include "preload/core_api.h"
#include "store/bytes.h"

/* LIBCURL(result, name, parameters): found by name in the copy itself. */
#define LIBCURL_FUNCTIONS                                                                \
    LIBCURL(CURLcode, curl_easy_setopt, (CURL *, CURLoption, ...))                       \
    LIBCURL(CURLcode, curl_easy_getinfo, (CURL *, CURLINFO, ...))                        \
    LIBCURL(CURLMcode, curl_multi_setopt, (CURLM *, CURLMoption, ...))                   \
    LIBCURL(CURLMcode, curl_multi_add_handle, (CURLM *, CURL *))                         \
    LIBCURL(CURLMcode, curl_multi_remove_handle, (CURLM *, CURL *))                      \
    LIBCURL(CURLMcode, curl_multi_timeout, (CURLM *, long *))                            \
    LIBCURL(CURLMsg *, curl_multi_info_read, (CURLM *, int *))                           \
    LIBCURL(CURLU *, curl_url, (void))                                                   \
    LIBCURL(CURLU *, curl_url_dup, (const CURLU *))                                      \
    LIBCURL(void, curl_url_cleanup, (CURLU *))                                           \
    LIBCURL(CURLUcode, curl_url_get, (const CURLU *, CURLUPart, char **, unsigned))      \
    LIBCURL(CURLUcode, curl_url_set, (CURLU *, CURLUPart, const char *, unsigned))       \
    LIBCURL(void, curl_slist_free_all, (struct curl_slist *))                            \
    LIBCURL(void, curl_free, (void *))                                                   \
    LIBCURL(curl_version_info_data *, curl_version_info, (CURLversion))

struct curl_library {
    const void *base; /* where this copy is mapped */
    unsigned version; /* 0x075801 is 7.88.1 */
#define LIBCURL(result, name, parameters) result(*name) parameters;
    LIBCURL_FUNCTIONS
#undef LIBCURL
};

/* Called once, before any other function here. */
void curl_library_start(const struct stub_api *stub);
/* The table of the copy that |real| (one of its functions) lies in; NULL when it lacks a
 * function or too many copies are known already. Tables live for ever. Any thread; not
 * for signals. */
const struct curl_library *curl_library_of(const void *real);
/* In a forked child: the lock may be held by a thread that is not here any more. */
void curl_library_after_fork(void);

#endif
