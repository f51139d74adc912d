/* SPDX-License-Identifier: MIT */
/* Bounded bytes, see bytes.h. */
#include "bytes.h"

#include "memory.h"

#include <endian.h>

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte | 0x20) : byte;
}

bool span_equal(struct span a, struct span b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

bool span_equal_nocase(struct span a, struct span b)
{
    if (a.size != b.size)
        return false;
    for (size_t i = 0; i < a.size; i++)
        if (lower(a.at[i]) != lower(b.at[i]))
            return false;
    return true;
}

bool span_is(struct span span, const char *text)
{
    return span_equal(span, span_text(text));
}

bool span_is_nocase(struct span span, const char *text)
{
    return span_equal_nocase(span, span_text(text));
}

bool span_starts(struct span span, const char *prefix)
{
    size_t size = strlen(prefix);
    return span.size >= size && memcmp(span.at, prefix, size) == 0;
}

bool span_ends(struct span span, const char *suffix)
{
    size_t size = strlen(suffix);
    return span.size >= size && memcmp(span.at + span.size - size, suffix, size) == 0;
}

size_t span_find(struct span span, struct span needle)
{
    if (needle.size == 0 || span.size == 0)
        return needle.size == 0 ? 0 : span.size;
    const uint8_t *found = memmem(span.at, span.size, needle.at, needle.size);
    return found ? (size_t)(found - span.at) : span.size;
}

struct span span_skip(struct span span, size_t count)
{
    if (count > span.size)
        count = span.size;
    return span_of(span.at ? span.at + count : NULL, span.size - count);
}

struct span span_trim(struct span span)
{
    while (span.size && (*span.at == ' ' || *span.at == '\t'))
        span = span_skip(span, 1);
    while (span.size && (span.at[span.size - 1] == ' ' || span.at[span.size - 1] == '\t'))
        span.size--;
    return span;
}

void span_copy_text(struct span span, char *text, size_t capacity)
{
    size_t size = span.size < capacity ? span.size : capacity - 1;
    if (size)
        memcpy(text, span.at, size);
    text[size] = 0;
}

uint8_t *buffer_room(struct buffer *buffer, size_t size)
{
    if (buffer->failed)
        return NULL;
    if (buffer->capacity - buffer->size >= size && buffer->at)
        return buffer->at + buffer->size;
    if (size > SIZE_MAX / 4 || buffer->size > SIZE_MAX / 4) {
        buffer->failed = true;
        return NULL;
    }
    size_t capacity = buffer->size + size;
    if (capacity < buffer->capacity * 2)
        capacity = buffer->capacity * 2;
    if (capacity < 64)
        capacity = 64;
    uint8_t *at = memory_resize(buffer->at, capacity);
    if (!at) {
        buffer->failed = true;
        return NULL;
    }
    buffer->at = at;
    buffer->capacity = capacity;
    return at + buffer->size;
}

void buffer_append(struct buffer *buffer, const void *bytes, size_t size)
{
    if (size == 0)
        return;
    uint8_t *room = buffer_room(buffer, size);
    if (!room)
        return;
    memcpy(room, bytes, size);
    buffer->size += size;
}

void buffer_append_span(struct buffer *buffer, struct span span)
{
    buffer_append(buffer, span.at, span.size);
}

void buffer_append_text(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}

void buffer_append_byte(struct buffer *buffer, uint8_t byte)
{
    buffer_append(buffer, &byte, 1);
}

static void append_little_endian(struct buffer *buffer, uint64_t value, size_t size)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    buffer_append(buffer, bytes, size);
}

void buffer_append_u16(struct buffer *buffer, uint16_t value)
{
    append_little_endian(buffer, value, 2);
}

void buffer_append_u32(struct buffer *buffer, uint32_t value)
{
    append_little_endian(buffer, value, 4);
}

void buffer_append_u64(struct buffer *buffer, uint64_t value)
{
    append_little_endian(buffer, value, 8);
}

void buffer_append_decimal(struct buffer *buffer, uint64_t value)
{
    char digits[20];
    size_t first = sizeof(digits);
    do {
        digits[--first] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    buffer_append(buffer, digits + first, sizeof(digits) - first);
}

void buffer_append_framed(struct buffer *buffer, struct span span)
{
    buffer_append_u64(buffer, span.size);
    buffer_append_span(buffer, span);
}

void buffer_drop_front(struct buffer *buffer, size_t count)
{
    if (count >= buffer->size) {
        buffer->size = 0;
        return;
    }
    if (count == 0)
        return;
    memmove(buffer->at, buffer->at + count, buffer->size - count);
    buffer->size -= count;
}

void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
}

void buffer_free(struct buffer *buffer)
{
    memory_free(buffer->at);
    *buffer = (struct buffer){0};
}

struct span cursor_bytes(struct cursor *cursor, size_t size)
{
    if (cursor->failed || size > cursor->left) {
        cursor->failed = true;
        return (struct span){0};
    }
    struct span bytes = span_of(cursor->at, size);
    cursor->at = cursor->at ? cursor->at + size : NULL;
    cursor->left -= size;
    return bytes;
}

static inline uint64_t little_endian(struct cursor *cursor, size_t size)
{
    struct span bytes = cursor_bytes(cursor, size);
    uint64_t value = 0;
    if (bytes.at)
        memcpy(&value, bytes.at, size);
    return le64toh(value);
}

uint8_t cursor_u8(struct cursor *cursor)
{
    return (uint8_t)little_endian(cursor, 1);
}

uint16_t cursor_u16(struct cursor *cursor)
{
    return (uint16_t)little_endian(cursor, 2);
}

uint32_t cursor_u32(struct cursor *cursor)
{
    return (uint32_t)little_endian(cursor, 4);
}

uint64_t cursor_u64(struct cursor *cursor)
{
    return little_endian(cursor, 8);
}

struct span cursor_framed(struct cursor *cursor)
{
    uint64_t size = cursor_u64(cursor);
    return cursor_bytes(cursor, size > cursor->left ? SIZE_MAX : (size_t)size);
}
