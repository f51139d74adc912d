/* SPDX-License-Identifier: MIT */
/* Which host an HTTP/1.x request is for. */
#ifndef CORE_HTTP_TARGET_H
#define CORE_HTTP_TARGET_H

#include "api/message.h"

/* Fills in `host` and `port` of |request| from its target, when that is in absolute form
 * (RFC 9112, 3.2.2), which then becomes path and query alone; else from its Host field
 * (RFC 9110, 7.2). The spans point into the same bytes. `port` is 0 when neither names
 * one. Any thread. */
void http_name_host(struct request *request);

#endif
