/* SPDX-License-Identifier: MIT */
/* Bounded bytes: a view (span), a growing owner (buffer) and a reader (cursor).
 * Everything in preecho that touches bytes from outside goes through these. No function
 * here takes a lock or touches errno; all are safe in any thread on distinct objects. */
#ifndef STORE_BYTES_H
#define STORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MUST_USE __attribute__((warn_unused_result))

/* Bytes owned by somebody else. `at` may be NULL when `size` is 0. */
struct span {
    const uint8_t *at;
    size_t size;
};

/* Bytes owned by this object; starts as all zeroes. After an allocation has failed
 * `failed` stays set, the content stays as it was, and every later append does nothing:
 * append many times, ask once with buffer_ok(). */
struct buffer {
    uint8_t *at;
    size_t size;
    size_t capacity;
    bool failed;
};

/* A reader over a span. After a read past the end `failed` stays set and every later read
 * gives zeroes: read many times, ask once with cursor_ok(). */
struct cursor {
    const uint8_t *at;
    size_t left;
    bool failed;
};

static inline struct span span_of(const void *at, size_t size)
{
    return (struct span){at, size};
}

static inline struct span span_text(const char *text)
{
    return (struct span){(const uint8_t *)text, text ? strlen(text) : 0};
}

static inline struct span buffer_span(const struct buffer *buffer)
{
    return (struct span){buffer->at, buffer->size};
}

static inline bool buffer_ok(const struct buffer *buffer)
{
    return !buffer->failed;
}

static inline bool cursor_ok(const struct cursor *cursor)
{
    return !cursor->failed;
}

static inline struct cursor cursor_of(struct span span)
{
    return (struct cursor){span.at, span.size, false};
}

bool span_equal(struct span a, struct span b);
/* ASCII letters compare without case, as HTTP field names do (RFC 9110, 5.1). */
bool span_equal_nocase(struct span a, struct span b);
/* Negative, 0, positive: by bytes, then by length. */
static inline int span_order(struct span a, struct span b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common ? memcmp(a.at, b.at, common) : 0;
    return order ? order : (a.size > b.size) - (a.size < b.size);
}
bool span_is(struct span span, const char *text);
bool span_is_nocase(struct span span, const char *text);
bool span_starts(struct span span, const char *prefix);
bool span_ends(struct span span, const char *suffix);
/* The position of |needle| in |span|, or span.size when it is not there. */
size_t span_find(struct span span, struct span needle);
/* |span| without its first |count| bytes (all of them when there are fewer). */
struct span span_skip(struct span span, size_t count);
/* |span| without blanks and tabs at both ends. */
struct span span_trim(struct span span);
/* Copies |span| into |text| of |capacity| bytes, cut if need be, always ended by a zero.
 */
void span_copy_text(struct span span, char *text, size_t capacity);

void buffer_append(struct buffer *buffer, const void *bytes, size_t size);
void buffer_append_span(struct buffer *buffer, struct span span);
void buffer_append_text(struct buffer *buffer, const char *text);
void buffer_append_byte(struct buffer *buffer, uint8_t byte);
/* Integers are stored little-endian. */
void buffer_append_u16(struct buffer *buffer, uint16_t value);
void buffer_append_u32(struct buffer *buffer, uint32_t value);
void buffer_append_u64(struct buffer *buffer, uint64_t value);
/* Decimal digits, as text. */
void buffer_append_decimal(struct buffer *buffer, uint64_t value);
/* A 64-bit length, then the bytes: what makes ("a","bc") differ from ("ab","c"). */
void buffer_append_framed(struct buffer *buffer, struct span span);
/* Room for |size| more bytes, to be filled and then counted with buffer->size += n. NULL
 * when memory is short (and |failed| is set). */
uint8_t *buffer_room(struct buffer *buffer, size_t size);
/* Removes |count| bytes at the front. */
void buffer_drop_front(struct buffer *buffer, size_t count);
/* Empty, memory kept. */
void buffer_clear(struct buffer *buffer);
/* Empty, memory returned; |failed| is forgotten. */
void buffer_free(struct buffer *buffer);

uint8_t cursor_u8(struct cursor *cursor);
uint16_t cursor_u16(struct cursor *cursor);
uint32_t cursor_u32(struct cursor *cursor);
uint64_t cursor_u64(struct cursor *cursor);
struct span cursor_bytes(struct cursor *cursor, size_t size);
struct span cursor_framed(struct cursor *cursor);

#endif
