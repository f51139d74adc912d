/* SPDX-License-Identifier: MIT */
/* A label's encoding: a version, four framed texts, then numbers, all little-endian. */
#include "label.h"

#define LABEL_VERSION 1

static struct span text_of(const char *text, size_t capacity)
{
    return span_of(text, strnlen(text, capacity));
}

void label_encode(const struct entry_label *label, struct buffer *out)
{
    buffer_append_u16(out, LABEL_VERSION);
    buffer_append_framed(out, text_of(label->dialect, sizeof(label->dialect)));
    buffer_append_framed(out, text_of(label->operation, sizeof(label->operation)));
    buffer_append_framed(out, text_of(label->model, sizeof(label->model)));
    buffer_append_framed(out, text_of(label->host, sizeof(label->host)));
    buffer_append_u16(out, label->port);
    buffer_append_u16(out, label->status);
    buffer_append_byte(out, label->stream);
    buffer_append_byte(out, label->usage_known);
    buffer_append_u64(out, (uint64_t)label->created_ms);
    buffer_append_u64(out, label->first_byte_us);
    buffer_append_u64(out, label->last_byte_us);
    buffer_append_u64(out, label->tokens_in);
    buffer_append_u64(out, label->tokens_out);
    buffer_append_u64(out, label->tokens_cached);
    buffer_append_u64(out, label->request_bytes);
    buffer_append_u64(out, label->response_bytes);
}

bool label_decode(struct span bytes, struct entry_label *out)
{
    struct cursor cursor = cursor_of(bytes);
    if (cursor_u16(&cursor) != LABEL_VERSION)
        return false;
    span_copy_text(cursor_framed(&cursor), out->dialect, sizeof(out->dialect));
    span_copy_text(cursor_framed(&cursor), out->operation, sizeof(out->operation));
    span_copy_text(cursor_framed(&cursor), out->model, sizeof(out->model));
    span_copy_text(cursor_framed(&cursor), out->host, sizeof(out->host));
    out->port = cursor_u16(&cursor);
    out->status = cursor_u16(&cursor);
    out->stream = cursor_u8(&cursor) != 0;
    out->usage_known = cursor_u8(&cursor) != 0;
    out->created_ms = (int64_t)cursor_u64(&cursor);
    out->first_byte_us = cursor_u64(&cursor);
    out->last_byte_us = cursor_u64(&cursor);
    out->tokens_in = cursor_u64(&cursor);
    out->tokens_out = cursor_u64(&cursor);
    out->tokens_cached = cursor_u64(&cursor);
    out->request_bytes = cursor_u64(&cursor);
    out->response_bytes = cursor_u64(&cursor);
    return cursor_ok(&cursor) && cursor.left == 0;
}
