/* SPDX-License-Identifier: MIT */
/* Conditional requests from a server's side (RFC 9110, 13). Pure; any thread. */
#ifndef TOOLS_CONDITION_H
#define TOOLS_CONDITION_H

#include "shim/core/api/message.h"

/* Of the representation that would be sent. */
struct validators {
    struct span etag; /* strong, with its quotes */
    bool dated;
    struct span modified; /* Last-Modified as it is sent, if |dated| */
    int64_t modified_s;   /* since 1970 */
    int64_t created_s;    /* when it was recorded */
};

enum condition {
    CONDITION_SEND,         /* it, or the part of it that is wanted */
    CONDITION_NOT_MODIFIED, /* 304 */
    CONDITION_FAILED        /* 412 */
};

/* What the fields of a GET or HEAD ask for. |now_s|: since 1970. */
enum condition condition_of(const struct headers *headers,
                            const struct validators *validators, int64_t now_s);
/* False when If-Range says that the Range field does not count. */
bool condition_allows_range(const struct headers *headers,
                            const struct validators *validators, int64_t now_s);

#endif
