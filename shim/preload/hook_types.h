/* SPDX-License-Identifier: MIT */
/* The types in hooks.def's prototypes, and each hook's function type. OpenSSL's and
 * libcurl's objects are opaque on purpose: no layout of any version is relied on. */
#ifndef PRELOAD_HOOK_TYPES_H
#define PRELOAD_HOOK_TYPES_H

#include <curl/curl.h>
#include <openssl/types.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

/* curl.h also defines macros of these names: type checks, and one that replaces a call.
 */
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt
#undef curl_multi_socket

#define HOOK(result, name, parameters, arguments, failure, library, load)                \
    typedef result name##_function parameters;
#include "hooks.def"
#undef HOOK

/* As the real ones are to be called: variadic. */
typedef CURLcode curl_easy_setopt_variadic(CURL *, CURLoption, ...);
typedef CURLcode curl_easy_getinfo_variadic(CURL *, CURLINFO, ...);
typedef CURLMcode curl_multi_setopt_variadic(CURLM *, CURLMoption, ...);

#endif
