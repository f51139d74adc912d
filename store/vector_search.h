/* SPDX-License-Identifier: MIT */
/* Which stored vectors are nearest to one? First the 64 whose signs differ in the fewest places
 * from the asked one's, among all of which no more than two fifths do (cosines of about 0.3: nothing
 * that anybody would call near); then their cosines. No index: a block of 256 costs less than a
 * microsecond.
 *
 *     vector_search_begin(&search, query);
 *     for each block of the partition
 *         if (!vector_search_signs(&search, block, signs)) ... malformed: it counts as absent
 *     vector_search_finalists(&search);      in the order of blocks and rows
 *     for (i = 0; i < search.count; i++)
 *         vector_search_row(&search, i, row)  none is called without; the others are dropped
 *     vector_search_end(&search);            nearest first
 *
 * The result does not depend on the processor, nor on the order in which blocks are given.
 *
 * Thread class: any thread, each with a search of its own. */
#ifndef STORE_VECTOR_SEARCH_H
#define STORE_VECTOR_SEARCH_H

#include "vector_block.h"

#define VECTOR_BEST 64
/* Of |dimensions|, so many signs differ at most. */
#define VECTOR_FARTHEST(dimensions) ((dimensions)*2 / 5)

struct vector_found {
    uint32_t block; /* as the caller counts them */
    uint16_t row;
    uint16_t distance; /* signs that differ */
    double cosine;     /* after vector_search_row(); until then -2 */
    uint8_t key[STORE_KEY_SIZE];
};

/* 4 KiB: for the heap. */
struct vector_search {
    const struct vector *query; /* the caller's; must live as long */
    const struct vector_kernel *kernel;
    size_t count;
    struct vector_found best[VECTOR_BEST];
};

void vector_search_begin(struct vector_search *search, const struct vector *query);
/* False, and nothing has changed, when the value is malformed or of other dimensions. A block
 * must not be given twice. */
MUST_USE bool vector_search_signs(struct vector_search *search, uint32_t block,
                                  struct span signs);
/* The finalists in the order in which their rows lie. */
void vector_search_finalists(struct vector_search *search);
/* Fills in cosine and key of finalist |at|, whose row (vector_block.h) is |row|. False when that is
 * of other dimensions or all zeroes; it is then no candidate. */
MUST_USE bool vector_search_row(struct vector_search *search, size_t at, struct span row);
/* Drops whoever has no cosine; nearest first, then the later one. */
void vector_search_end(struct vector_search *search);

#endif
