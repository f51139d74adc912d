/* SPDX-License-Identifier: MIT */
/* The search through blocks of vectors, see vector_search.h. */
#include "vector_search.h"

#include <stdlib.h>

#define NO_COSINE (-2.0)

void vector_search_begin(struct vector_search *search, const struct vector *query)
{
    search->query = query;
    search->kernel = vector_kernel();
    search->count = 0;
}

/* Farther, or as far and later: what a better one takes the place of. */
static bool worse(const struct vector_found *a, const struct vector_found *b)
{
    if (a->distance != b->distance)
        return a->distance > b->distance;
    if (a->block != b->block)
        return a->block > b->block;
    return a->row > b->row;
}

static void swap(struct vector_found *a, struct vector_found *b)
{
    struct vector_found kept = *a;
    *a = *b;
    *b = kept;
}

/* best[] is a heap: each is worse than its two children; so best[0] is the worst. */
static void rise(struct vector_found *best, size_t at)
{
    for (; at && worse(&best[at], &best[(at - 1) / 2]); at = (at - 1) / 2)
        swap(&best[at], &best[(at - 1) / 2]);
}

static void sink(struct vector_found *best, size_t count)
{
    for (size_t at = 0, child = 1; child < count; at = child, child = 2 * at + 1) {
        if (child + 1 < count && worse(&best[child + 1], &best[child]))
            child++;
        if (!worse(&best[child], &best[at]))
            return;
        swap(&best[child], &best[at]);
    }
}

static void offer(struct vector_search *search, const struct vector_found *found)
{
    if (search->count < VECTOR_BEST) {
        search->best[search->count] = *found;
        rise(search->best, search->count++);
    } else if (worse(&search->best[0], found)) {
        search->best[0] = *found;
        sink(search->best, VECTOR_BEST);
    }
}

/* Distances above this one need not be offered. */
static unsigned limit_of(const struct vector_search *search)
{
    return search->count < VECTOR_BEST
               ? (unsigned)VECTOR_FARTHEST(search->query->dimensions)
               : search->best[0].distance;
}

bool vector_search_signs(struct vector_search *search, uint32_t block, struct span value)
{
    uint16_t distances[VECTOR_ROWS];
    struct vector_signs signs;
    if (!vector_signs_read(value, &signs) ||
        signs.dimensions != search->query->dimensions)
        return false;
    search->kernel->distances(search->query->signs, signs.groups,
                              vector_words(signs.dimensions),
                              (signs.rows + VECTOR_GROUP - 1) / VECTOR_GROUP, distances);
    unsigned limit = limit_of(search);
    for (size_t row = 0; row < signs.rows; row++) {
        if (distances[row] > limit)
            continue;
        struct vector_found found = {.block = block,
                                     .row = (uint16_t)row,
                                     .distance = distances[row],
                                     .cosine = NO_COSINE};
        offer(search, &found);
        limit = limit_of(search);
    }
    return true;
}

static int by_place(const void *a, const void *b)
{
    const struct vector_found *left = a, *right = b;
    if (left->block != right->block)
        return left->block < right->block ? -1 : 1;
    return (left->row > right->row) - (left->row < right->row);
}

void vector_search_finalists(struct vector_search *search)
{
    qsort(search->best, search->count, sizeof(*search->best), by_place);
}

/* Newton's method: a library's root may differ in the last bit, and libm is not linked. |square|
 * is a whole number from 1 to 2^63. */
static double root(double square)
{
    double value = 1;
    while (value * value < square)
        value *= 2;
    for (unsigned i = 0; i < 8; i++)
        value = 0.5 * (value + square / value);
    return value;
}

static double cosine_of(const struct vector_search *search, const uint8_t *codes)
{
    const struct vector *query = search->query;
    struct vector_products sums =
        search->kernel->products(query->fine, codes, query->dimensions);
    if (sums.square == 0)
        return NO_COSINE;
    return sums.dot / root((double)query->square * sums.square);
}

bool vector_search_row(struct vector_search *search, size_t at, struct span row)
{
    struct vector_found *found = &search->best[at];
    if (row.size != vector_row_size(search->query->dimensions))
        return false;
    memcpy(found->key, row.at, STORE_KEY_SIZE);
    found->cosine = cosine_of(search, row.at + STORE_KEY_SIZE);
    return found->cosine > NO_COSINE;
}

static int by_cosine(const void *a, const void *b)
{
    const struct vector_found *left = a, *right = b;
    if (left->cosine > right->cosine)
        return -1;
    return left->cosine < right->cosine ? 1 : by_place(b, a);
}

void vector_search_end(struct vector_search *search)
{
    size_t kept = 0;
    for (size_t i = 0; i < search->count; i++)
        if (search->best[i].cosine > NO_COSINE)
            search->best[kept++] = search->best[i];
    search->count = kept;
    qsort(search->best, search->count, sizeof(*search->best), by_cosine);
}
