/* SPDX-License-Identifier: MIT */
/* Blocks of signs, see vector_block.h. */
#include "vector_block.h"

#define HEAD_SIZE 8
#define ROWS_AT   4
#define WIDTH     sizeof(uint64_t)

static size_t groups_size(size_t dimensions, size_t rows)
{
    size_t room = (rows + VECTOR_GROUP - 1) / VECTOR_GROUP * VECTOR_GROUP;
    return room * vector_signs_size(dimensions);
}

bool vector_signs_read(struct span value, struct vector_signs *out)
{
    struct cursor cursor = cursor_of(value);
    size_t version = cursor_u16(&cursor);
    out->dimensions = cursor_u16(&cursor);
    out->rows = cursor_u16(&cursor);
    size_t zero = cursor_u16(&cursor);
    out->groups = cursor.at;
    return cursor_ok(&cursor) && version == VECTOR_BLOCK_VERSION && out->dimensions &&
           out->dimensions <= VECTOR_DIMENSIONS && out->rows <= VECTOR_ROWS &&
           zero == 0 && cursor.left == groups_size(out->dimensions, out->rows);
}

/* Where word 0 of |row| lies behind the head; the others follow VECTOR_GROUP words apart. */
static size_t place_of(size_t dimensions, size_t row)
{
    return groups_size(dimensions, row / VECTOR_GROUP * VECTOR_GROUP) +
           row % VECTOR_GROUP * WIDTH;
}

static void begin(struct buffer *value, size_t dimensions)
{
    buffer_append_u16(value, VECTOR_BLOCK_VERSION);
    buffer_append_u16(value, (uint16_t)dimensions);
    buffer_append_u32(value, 0);
}

static void rows_set(struct buffer *value, size_t rows)
{
    value->at[ROWS_AT] = (uint8_t)rows;
    value->at[ROWS_AT + 1] = (uint8_t)(rows >> 8);
}

/* Room for one row more, zeroes. */
static void grow(struct buffer *value, size_t dimensions, size_t rows)
{
    size_t size = groups_size(dimensions, rows + 1) - groups_size(dimensions, rows);
    uint8_t *room = size ? buffer_room(value, size) : NULL;
    if (room) {
        memset(room, 0, size);
        value->size += size;
    }
    if (buffer_ok(value))
        rows_set(value, rows + 1);
}

static void row_write(struct buffer *value, size_t dimensions, size_t row,
                      const uint8_t *signs)
{
    uint8_t *at = value->at + HEAD_SIZE + place_of(dimensions, row);
    for (size_t i = 0; i < vector_words(dimensions); i++)
        memcpy(at + i * VECTOR_GROUP * WIDTH, signs + i * WIDTH, WIDTH);
}

bool vector_signs_put(struct buffer *value, size_t dimensions, size_t row,
                      const uint8_t *signs)
{
    struct vector_signs block = {.dimensions = dimensions};
    if (dimensions == 0 || dimensions > VECTOR_DIMENSIONS || row >= VECTOR_ROWS)
        return false;
    if (value->size && !vector_signs_read(buffer_span(value), &block))
        return false;
    if (block.dimensions != dimensions || row > block.rows)
        return false;
    if (value->size == 0)
        begin(value, dimensions);
    if (row == block.rows && buffer_ok(value))
        grow(value, dimensions, row);
    if (!buffer_ok(value))
        return false;
    row_write(value, dimensions, row, signs);
    return true;
}

void vector_signs_take(const struct vector_signs *block, size_t row, uint8_t *signs)
{
    const uint8_t *at = block->groups + place_of(block->dimensions, row);
    for (size_t i = 0; i < vector_words(block->dimensions); i++)
        memcpy(signs + i * WIDTH, at + i * VECTOR_GROUP * WIDTH, WIDTH);
}

bool vector_signs_cut(struct buffer *value, size_t rows)
{
    static const uint8_t none[VECTOR_WORDS * WIDTH];
    struct vector_signs block;
    if (!vector_signs_read(buffer_span(value), &block) || rows > block.rows)
        return false;
    size_t last = (rows + VECTOR_GROUP - 1) / VECTOR_GROUP * VECTOR_GROUP;
    for (size_t row = rows; row < last && row < block.rows; row++)
        row_write(value, block.dimensions, row, none);
    value->size = HEAD_SIZE + groups_size(block.dimensions, rows);
    rows_set(value, rows);
    return true;
}

void vector_signs_of(const struct vector *vector, uint8_t *signs)
{
    for (size_t i = 0; i < vector_signs_size(vector->dimensions); i++)
        signs[i] = (uint8_t)(vector->signs[i / WIDTH] >> i % WIDTH * 8);
}
