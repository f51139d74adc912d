/* SPDX-License-Identifier: MIT */
/* Blocks of vectors, see vector_block.h. */
#include "vector_block.h"

#define DEAD_SIZE (VECTOR_ROWS / 8)

static size_t groups_size(size_t dimensions, size_t rows)
{
    size_t room = (rows + VECTOR_GROUP - 1) / VECTOR_GROUP * VECTOR_GROUP;
    return room * vector_words(dimensions) * sizeof(uint64_t);
}

static bool dimensions_good(size_t version, size_t dimensions)
{
    return version == VECTOR_BLOCK_VERSION && dimensions &&
           dimensions <= VECTOR_DIMENSIONS;
}

bool vector_signs_read(struct span value, struct vector_signs *out)
{
    struct cursor cursor = cursor_of(value);
    size_t version = cursor_u16(&cursor);
    out->dimensions = cursor_u16(&cursor);
    out->rows = cursor_u16(&cursor);
    size_t zero = cursor_u16(&cursor);
    out->dead = cursor_bytes(&cursor, DEAD_SIZE).at;
    out->groups = cursor.at;
    return cursor_ok(&cursor) && dimensions_good(version, out->dimensions) &&
           out->rows <= VECTOR_ROWS && zero == 0 &&
           cursor.left == groups_size(out->dimensions, out->rows);
}

bool vector_codes_read(struct span value, struct vector_codes *out)
{
    struct cursor cursor = cursor_of(value);
    size_t version = cursor_u16(&cursor);
    out->dimensions = cursor_u16(&cursor);
    out->rows = cursor_u16(&cursor);
    size_t zero = cursor_u16(&cursor);
    out->at = cursor.at;
    return cursor_ok(&cursor) && dimensions_good(version, out->dimensions) &&
           out->rows <= VECTOR_ROWS && zero == 0 &&
           cursor.left == out->rows * (STORE_KEY_SIZE + out->dimensions);
}

size_t vector_live(const struct vector_signs *signs)
{
    size_t live = 0;
    for (size_t i = 0; i < signs->rows; i++)
        live += !vector_dead(signs, i);
    return live;
}
