/* SPDX-License-Identifier: MIT */
/* See packed_request.h: a version, flags, the port, then framed texts. */
#include "packed_request.h"

#define VERSION 1

enum { FLAG_TLS = 1, FLAG_UNVERIFIED = 2 };

void packed_request_write(const struct request *request, struct buffer *out)
{
    buffer_append_byte(out, VERSION);
    buffer_append_byte(out, (uint8_t)((request->tls ? FLAG_TLS : 0) |
                                      (request->unverified ? FLAG_UNVERIFIED : 0)));
    buffer_append_u16(out, request->port);
    buffer_append_framed(out, request->method);
    buffer_append_framed(out, request->host);
    buffer_append_framed(out, request->target);
    buffer_append_framed(out, request->body);
    buffer_append_u32(out, (uint32_t)request->headers.count);
    for (size_t i = 0; i < request->headers.count; i++) {
        buffer_append_framed(out, request->headers.at[i].name);
        buffer_append_framed(out, request->headers.at[i].value);
    }
}

static int read_headers(struct cursor *cursor, struct headers *headers)
{
    for (uint32_t count = cursor_u32(cursor); count && cursor_ok(cursor); count--) {
        struct span name = cursor_framed(cursor);
        if (headers_add(headers, name, cursor_framed(cursor)) != 0)
            return -1;
    }
    return cursor_ok(cursor) && cursor->left == 0 ? 0 : -1;
}

int packed_request_read(struct span packed, struct request *out)
{
    struct cursor cursor = cursor_of(packed);
    *out = (struct request){0};
    if (cursor_u8(&cursor) != VERSION)
        return -1;
    unsigned flags = cursor_u8(&cursor);
    out->tls = flags & FLAG_TLS;
    out->unverified = flags & FLAG_UNVERIFIED;
    out->port = cursor_u16(&cursor);
    out->method = cursor_framed(&cursor);
    out->host = cursor_framed(&cursor);
    out->target = cursor_framed(&cursor);
    out->body = cursor_framed(&cursor);
    return read_headers(&cursor, &out->headers);
}
