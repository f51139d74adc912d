/* SPDX-License-Identifier: MIT */
/* The types in hooks.def's prototypes, and each hook's function type. OpenSSL's and
 * libcurl's objects are opaque on purpose: no layout of any version is relied on. */
#ifndef PRELOAD_HOOK_TYPES_H
#define PRELOAD_HOOK_TYPES_H

#include <curl/curl.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

/* The headers also define macros of these names: type checks, and two that replace a
 * call. */
#undef SSL_get_peer_certificate
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt
#undef curl_multi_socket

/* Of SSL_CTX_set_cert_verify_callback(). */
typedef int verify_callback(X509_STORE_CTX *store, void *argument);

#define HOOK(result, name, parameters, arguments, failure, library, load)                \
    typedef result name##_function parameters;
#include "hooks.def"
#undef HOOK

/* As the real ones are to be called: variadic. */
typedef CURLcode curl_easy_setopt_variadic(CURL *, CURLoption, ...);
typedef CURLcode curl_easy_getinfo_variadic(CURL *, CURLINFO, ...);
typedef CURLMcode curl_multi_setopt_variadic(CURLM *, CURLMoption, ...);

#endif
