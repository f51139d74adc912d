/* SPDX-License-Identifier: MIT */
/* The AWS event stream encoding (https://smithy.io/2.0/aws/amazon-eventstream.html):
 * frames with two checksums; Bedrock's "chunk" events hold their JSON in base64. */
#include <sodium.h>
#include <zlib.h>

#include "answer.h"

#define PRELUDE    8  /* total size, size of the headers */
#define LEAST_SIZE 16 /* prelude, its checksum, the frame's checksum */

struct frame {
    struct span headers;
    struct span payload;
    struct span message_type;
    struct span event_type;
};

/* Network byte order. */
static uint32_t read_u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static bool checks(const uint8_t *at, size_t size)
{
    return crc32(0, at, (uInt)size) == read_u32(at + size);
}

/* Cuts the first frame off |body|. */
static enum reason take_frame(struct span *body, struct frame *frame)
{
    if (body->size < LEAST_SIZE)
        return REASON_TRUNCATED;
    size_t total = read_u32(body->at), headers = read_u32(body->at + 4);
    if (!checks(body->at, PRELUDE) || total < LEAST_SIZE || headers > total - LEAST_SIZE)
        return REASON_UNREADABLE_ANSWER;
    if (total > body->size)
        return REASON_TRUNCATED;
    if (!checks(body->at, total - 4))
        return REASON_UNREADABLE_ANSWER;
    frame->headers = span_of(body->at + PRELUDE + 4, headers);
    frame->payload = span_of(frame->headers.at + headers, total - LEAST_SIZE - headers);
    *body = span_skip(*body, total);
    return REASON_NONE;
}

/* The size of a header's value by its type; SIZE_MAX: two bytes before it tell. */
static size_t value_size(uint8_t type)
{
    static const size_t sizes[] = {0, 0, 1, 2, 4, 8, SIZE_MAX, SIZE_MAX, 8, 16};
    return type < sizeof(sizes) / sizeof(*sizes) ? sizes[type] : 0;
}

static bool read_headers(struct frame *frame)
{
    struct cursor cursor = cursor_of(frame->headers);
    while (cursor_ok(&cursor) && cursor.left) {
        struct span name = cursor_bytes(&cursor, cursor_u8(&cursor));
        size_t size = value_size(cursor_u8(&cursor));
        if (size == SIZE_MAX) {
            size = (size_t)cursor_u8(&cursor) << 8;
            size |= cursor_u8(&cursor);
        }
        struct span value = cursor_bytes(&cursor, size);
        if (span_is(name, ":message-type"))
            frame->message_type = value;
        else if (span_is(name, ":event-type"))
            frame->event_type = value;
    }
    return cursor_ok(&cursor);
}

/* Replaces |*json|, {"bytes": base64}, by what it holds. */
static enum reason unwrap(struct span *json, struct buffer *memory)
{
    struct span text = json_member(json_of(*json), "bytes").text;
    size_t size = 0;
    if (text.size < 2)
        return REASON_UNREADABLE_ANSWER;
    buffer_clear(memory);
    uint8_t *room = buffer_room(memory, text.size);
    if (!room)
        return REASON_NO_MEMORY;
    if (sodium_base642bin(room, text.size, (const char *)text.at + 1, text.size - 2, NULL,
                          &size, NULL, sodium_base64_VARIANT_ORIGINAL))
        return REASON_UNREADABLE_ANSWER;
    *json = span_of(room, size);
    return json_valid(*json) ? REASON_NONE : REASON_UNREADABLE_ANSWER;
}

static enum reason visit_frame(const struct frame *frame, struct buffer *memory,
                               document_visit visit, void *context)
{
    struct document document = {.event = frame->event_type};
    struct span payload = frame->payload;
    if (!span_is(frame->message_type, "event"))
        return REASON_ERROR_IN_BODY;
    if (payload.size && !json_valid(payload))
        return REASON_UNREADABLE_ANSWER;
    if (span_is(frame->event_type, "chunk")) {
        enum reason reason = unwrap(&payload, memory);
        if (reason)
            return reason;
    }
    document.data = json_of(payload);
    return visit(&document, context);
}

enum reason aws_each(struct span body, document_visit visit, void *context)
{
    struct buffer memory = {0};
    enum reason reason = REASON_NONE;
    while (body.size && !reason) {
        struct frame frame = {0};
        reason = take_frame(&body, &frame);
        if (!reason && !read_headers(&frame))
            reason = REASON_UNREADABLE_ANSWER;
        if (!reason)
            reason = visit_frame(&frame, &memory, visit, context);
    }
    buffer_free(&memory);
    return reason;
}
