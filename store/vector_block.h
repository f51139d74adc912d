/* SPDX-License-Identifier: MIT */
/* The signs of up to 256 vectors, as a search reads them one block after the other, and a row's
 * codes, which it reads for few. Little-endian; aligned to nothing.
 *
 * Signs:  offset  size
 *              0     2  version, 1
 *              2     2  dimensions, 1 .. 4096
 *              4     2  rows, 0 .. 256
 *              6     2  0
 *              8        groups of four rows, ceil(rows / 4) of them, each: word 0 of the four, 8
 *                       bytes each, then word 1 of the four, ... ceil(dimensions / 64) times. Bit b
 *                       of a row's word w: component 64 w + b is below 0. Bits beyond the
 *                       dimensions and rows beyond the last are written as 0; what stands there
 *                       instead can only spoil that row's own distance.
 *
 * Row:    the entry's key (32 bytes), then a byte for each component, from -127 to 127 (-128 is
 *         read as such, too).
 *
 * Each value is exactly as long as its numbers say; anything else is malformed. All rows of one
 * partition come from one embedding model (partition.h).
 *
 * Thread class: any thread. Pure functions. */
#ifndef STORE_VECTOR_BLOCK_H
#define STORE_VECTOR_BLOCK_H

#include "label.h"
#include "vector.h"
#include "vector_kernel.h"

#define VECTOR_BLOCK_VERSION 1

struct vector_signs {
    size_t dimensions;
    size_t rows;
    const uint8_t *groups;
};

/* Bytes of the signs of one row: words of 64, little-endian. */
static inline size_t vector_signs_size(size_t dimensions)
{
    return vector_words(dimensions) * sizeof(uint64_t);
}

static inline size_t vector_row_size(size_t dimensions)
{
    return STORE_KEY_SIZE + dimensions;
}

/* What |value| says; it points into it. False when it is malformed. */
MUST_USE bool vector_signs_read(struct span value, struct vector_signs *out);

/* Writes a row's signs, vector_signs_size() bytes: |row| is there, or is the next one. An empty
 * |value| becomes a block. False when |value| is malformed or of other dimensions, lacks the row
 * before, or memory is short (ask buffer_ok()); it is then of no use if memory was short, and as it
 * was otherwise. */
MUST_USE bool vector_signs_put(struct buffer *value, size_t dimensions, size_t row,
                               const uint8_t *signs);
/* Reads those of a row that is there. */
void vector_signs_take(const struct vector_signs *block, size_t row, uint8_t *signs);
/* Leaves the first |rows|, at most as many as there are. False when it is malformed. */
MUST_USE bool vector_signs_cut(struct buffer *value, size_t rows);

/* The signs of |vector| as vector_signs_put() takes them. */
void vector_signs_of(const struct vector *vector, uint8_t *signs);

#endif
