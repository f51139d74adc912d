/* SPDX-License-Identifier: MIT */
/* The Authorization field that libcurl makes from a handle's options
 * (CURLOPT_HTTPAUTH(3), RFC 7617, RFC 6750). */
#ifndef CORE_CURL_CREDENTIAL_H
#define CORE_CURL_CREDENTIAL_H

#include "curl_options.h"

struct curl_login {
    const char *user; /* NULL: none */
    const char *password;
};

/* Appends the field's value to |out| (nothing when there is none). |custom|: the program
 * sends an Authorization line of its own, or suppresses it. For AWS_SIGV4 the value names
 * the access key and the scope but carries no signature. False: the way of authentication
 * needs more than one request, or is not known. */
MUST_USE bool curl_credential(const struct curl_options *options,
                              const struct curl_login *login, const char *host,
                              bool custom, struct buffer *out);

#endif
