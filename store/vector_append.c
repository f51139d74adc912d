/* SPDX-License-Identifier: MIT */
/* Blocks of vectors: what the merger does with them, see vector_block.h. */
#include "vector_block.h"

#define DEAD_SIZE  (VECTOR_ROWS / 8)
#define DEAD_AT    8
#define SIGNS_HEAD (DEAD_AT + DEAD_SIZE)
#define ROWS_AT    4

static void put_u16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static void put_u64(uint8_t *at, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static void append_head(struct buffer *out, size_t dimensions)
{
    buffer_append_u16(out, VECTOR_BLOCK_VERSION);
    buffer_append_u16(out, (uint16_t)dimensions);
    buffer_append_u32(out, 0);
}

static void append_zeroes(struct buffer *out, size_t size)
{
    uint8_t *room = buffer_room(out, size);
    if (room) {
        memset(room, 0, size);
        out->size += size;
    }
}

static void append_signs(struct buffer *value, size_t row, const struct vector *vector)
{
    size_t words = vector_words(vector->dimensions), width = sizeof(uint64_t);
    size_t group = SIGNS_HEAD + row / VECTOR_GROUP * VECTOR_GROUP * words * width;
    if (value->size == 0) {
        append_head(value, vector->dimensions);
        append_zeroes(value, DEAD_SIZE);
    }
    if (row % VECTOR_GROUP == 0)
        append_zeroes(value, VECTOR_GROUP * words * width);
    for (size_t i = 0; i < words && buffer_ok(value); i++)
        put_u64(value->at + group + (i * VECTOR_GROUP + row % VECTOR_GROUP) * width,
                vector->signs[i]);
}

static void append_codes(struct buffer *value, const uint8_t key[STORE_KEY_SIZE],
                         const struct vector *vector)
{
    if (value->size == 0)
        append_head(value, vector->dimensions);
    buffer_append(value, key, STORE_KEY_SIZE);
    buffer_append(value, vector->coarse, vector->dimensions);
}

/* False when the pair is malformed or not of |dimensions|. */
static bool pair_read(const struct buffer *signs, const struct buffer *codes,
                      size_t dimensions, size_t *rows)
{
    struct vector_signs left;
    struct vector_codes right;
    *rows = 0;
    if (signs->size == 0 && codes->size == 0)
        return dimensions && dimensions <= VECTOR_DIMENSIONS;
    if (!vector_signs_read(buffer_span(signs), &left) ||
        !vector_codes_read(buffer_span(codes), &right))
        return false;
    *rows = left.rows;
    return left.rows == right.rows && left.dimensions == dimensions &&
           right.dimensions == dimensions;
}

enum vector_append vector_append(struct buffer *signs, struct buffer *codes,
                                 const uint8_t key[STORE_KEY_SIZE],
                                 const struct vector *vector)
{
    size_t rows;
    if (!pair_read(signs, codes, vector->dimensions, &rows))
        return VECTOR_MALFORMED;
    if (rows == VECTOR_ROWS)
        return VECTOR_FULL;
    append_signs(signs, rows, vector);
    append_codes(codes, key, vector);
    if (!buffer_ok(signs) || !buffer_ok(codes))
        return VECTOR_NO_MEMORY;
    put_u16(signs->at + ROWS_AT, rows + 1);
    put_u16(codes->at + ROWS_AT, rows + 1);
    return VECTOR_APPENDED;
}

size_t vector_remove(struct buffer *value, struct span codes_value,
                     const uint8_t key[STORE_KEY_SIZE])
{
    struct vector_signs signs;
    struct vector_codes codes;
    size_t removed = 0;
    if (!vector_signs_read(buffer_span(value), &signs) ||
        !vector_codes_read(codes_value, &codes))
        return 0;
    for (size_t row = 0; row < signs.rows && row < codes.rows; row++) {
        if (vector_dead(&signs, row) ||
            memcmp(vector_row(&codes, row), key, STORE_KEY_SIZE) != 0)
            continue;
        value->at[DEAD_AT + row / 8] |= (uint8_t)(1 << row % 8);
        removed++;
    }
    return removed;
}
