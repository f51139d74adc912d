/* SPDX-License-Identifier: MIT */
/* Errors of connections that were made late, in OpenSSL's own queue: for callers that look
 * nowhere else. */
#ifndef CORE_CONNECT_ERROR_H
#define CORE_CONNECT_ERROR_H

#include "libssl.h"

/* Connecting has failed with |error| (an errno value). Without effect before OpenSSL 3.0.
 * Any thread. */
void connect_error_put(const struct libssl *lib, int error);
/* The server's certificate did not pass. False before OpenSSL 3.0: nothing was put. */
bool connect_error_put_unverified(const struct libssl *lib);

#endif
