/* SPDX-License-Identifier: MIT */
/* Up to 256 vectors as they lie in a file or as LMDB values. A search reads the signs of all
 * blocks and the codes of few, so these are two values. Little-endian; aligned to nothing.
 *
 * Signs:  offset  size
 *              0     2  version, 1
 *              2     2  dimensions, 1 .. 4096
 *              4     2  rows, 0 .. 256
 *              6     2  0
 *              8    32  removed rows: bit i % 8 of byte i / 8
 *             40        groups of four rows, ceil(rows / 4) of them, each: word 0 of the four, 8
 *                       bytes each, then word 1 of the four, ... ceil(dimensions / 64) times. Bit b
 *                       of a row's word w: component 64 w + b is below 0. Bits beyond the
 *                       dimensions and rows beyond the last are written as 0; what stands there
 *                       instead can only spoil that row's own distance.
 *
 * Codes:  offset  size
 *              0     2  version, 1
 *              2     2  dimensions
 *              4     2  rows
 *              6     2  0
 *              8        rows: the entry's key (32 bytes), then a byte for each component, from
 *                       -127 to 127 (-128 is read as such, too)
 *
 * Each value is exactly as long as its numbers say; anything else is malformed. All rows of one
 * partition come from one embedding model; which, says the key that the value is stored under.
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
    const uint8_t *dead; /* VECTOR_ROWS bits */
    const uint8_t *groups;
};

struct vector_codes {
    size_t dimensions;
    size_t rows;
    const uint8_t *at; /* row 0 */
};

/* What |value| says; it points into it. False when it is malformed. */
MUST_USE bool vector_signs_read(struct span value, struct vector_signs *out);
MUST_USE bool vector_codes_read(struct span value, struct vector_codes *out);

static inline bool vector_dead(const struct vector_signs *signs, size_t row)
{
    return signs->dead[row / 8] >> row % 8 & 1;
}

/* The entry's key of |row|; its codes follow. */
static inline const uint8_t *vector_row(const struct vector_codes *codes, size_t row)
{
    return codes->at + row * (STORE_KEY_SIZE + codes->dimensions);
}

enum vector_append { VECTOR_APPENDED, VECTOR_FULL, VECTOR_MALFORMED, VECTOR_NO_MEMORY };

/* Appends a row to a pair of values; both empty is a new block. VECTOR_MALFORMED: they are, or
 * they do not belong together or to a vector of these dimensions. Unless VECTOR_APPENDED both are
 * as they were, or of no use after VECTOR_NO_MEMORY. */
MUST_USE enum vector_append vector_append(struct buffer *signs, struct buffer *codes,
                                          const uint8_t key[STORE_KEY_SIZE],
                                          const struct vector *vector);
/* Marks as removed whatever rows have |key|: how many there were that had not been. 0, too, when a
 * value is malformed. */
size_t vector_remove(struct buffer *signs, struct span codes,
                     const uint8_t key[STORE_KEY_SIZE]);
/* How many rows are not removed. */
size_t vector_live(const struct vector_signs *signs);

#endif
