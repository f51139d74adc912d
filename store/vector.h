/* SPDX-License-Identifier: MIT */
/* One embedding as the search wants it: its components' signs, and the components themselves as
 * whole numbers in two degrees of fineness. Length does not count: what is compared is direction.
 * Nothing here depends on the locale, the processor or the C library's arithmetic: the same text
 * gives the same vector everywhere.
 *
 * Thread class: any thread. Pure functions. */
#ifndef STORE_VECTOR_H
#define STORE_VECTOR_H

#include "bytes.h"

#define VECTOR_DIMENSIONS 4096 /* at most */
#define VECTOR_WORDS      (VECTOR_DIMENSIONS / 64)
/* Products of a fine and a coarse component, VECTOR_DIMENSIONS of them, even with a coarse one of
 * -128 that only a damaged file holds, add up to less than 2^31. */
#define VECTOR_FINE   4095
#define VECTOR_COARSE 127

/* 13 KiB: for the heap. What lies beyond |dimensions| is zero. */
struct vector {
    size_t dimensions;
    int64_t square;               /* of |fine|: the sum of squares */
    uint64_t signs[VECTOR_WORDS]; /* bit i % 64 of word i / 64: component i is below 0 */
    int16_t fine[VECTOR_DIMENSIONS]; /* the largest is VECTOR_FINE, or -VECTOR_FINE */
    int8_t
        coarse[VECTOR_DIMENSIONS]; /* the largest is VECTOR_COARSE, or -VECTOR_COARSE */
};

/* Reads a JSON array of numbers, all of |text| but for white space around. |*count| is how many;
 * they go to |values|, which has room for VECTOR_DIMENSIONS. False when it is none, is empty, is
 * longer, or a number is not of a float's size; |values| is then undefined. */
MUST_USE bool vector_parse(struct span text, float *values, size_t *count);
/* False, and |out| undefined, when there are none or too many values, all are zero, or one is not
 * finite. */
MUST_USE bool vector_encode(const float *values, size_t count, struct vector *out);

/* How many words of 64 signs |dimensions| take. */
static inline size_t vector_words(size_t dimensions)
{
    return (dimensions + 63) / 64;
}

#endif
