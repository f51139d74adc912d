/* SPDX-License-Identifier: MIT */
/* A socket that waits for connections. One thread. */
#ifndef TOOLS_LISTEN_H
#define TOOLS_LISTEN_H

#include "store/bytes.h"

#define LISTEN_TEXT 64

/* Listens on |where|, ADDRESS:PORT or [ADDRESS]:PORT; port 0: a free one. |*descriptor| is the
 * caller's to close; |text| becomes the address that it has got, as it stands in a URL.
 * |*loopback|: only this machine reaches it. 0; EX_USAGE, EX_UNAVAILABLE, EX_OSERR after a
 * message. */
MUST_USE int listen_open(const char *where, int *descriptor, char text[LISTEN_TEXT],
                         bool *loopback);

#endif
