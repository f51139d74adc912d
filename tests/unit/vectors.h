/* SPDX-License-Identifier: MIT */
/* For tests of vectors: random ones that are the same everywhere, and the plain search that ours
 * has to agree with. */
#ifndef TESTS_UNIT_VECTORS_H
#define TESTS_UNIT_VECTORS_H

#include "store/vector_search.h"

#include <stdio.h>
#include <stdlib.h>

struct random {
    uint64_t state;
};

__attribute__((unused)) static uint64_t random_word(struct random *random)
{
    uint64_t word = random->state += 0x9e3779b97f4a7c15;
    word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9;
    word = (word ^ word >> 27) * 0x94d049bb133111eb;
    return word ^ word >> 31;
}

/* From 0 up to, not including, 1. */
__attribute__((unused)) static double random_part(struct random *random)
{
    return (double)(random_word(random) >> 11) / 9007199254740992.0;
}

/* About normally distributed: the sum of four. */
__attribute__((unused)) static float random_normal(struct random *random)
{
    double sum = -2;
    for (unsigned i = 0; i < 4; i++)
        sum += random_part(random);
    return (float)(sum * 1.7320508);
}

__attribute__((unused)) static double float_dot(const float *a, const float *b,
                                                size_t count)
{
    float lanes[16] = {0};
    double sum = 0;
    for (size_t i = 0; i < count / 16 * 16; i += 16)
        for (size_t lane = 0; lane < 16; lane++)
            lanes[lane] += a[i + lane] * b[i + lane];
    for (size_t lane = 0; lane < 16; lane++)
        sum += (double)lanes[lane];
    for (size_t i = count - count % 16; i < count; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

/* To length 1. */
__attribute__((unused)) static void float_normalise(float *values, size_t count)
{
    double square = float_dot(values, values, count), length = square > 1 ? square : 1;
    for (unsigned i = 0; i < 60; i++)
        length = 0.5 * (length + square / length);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)((double)values[i] / length);
}

struct block {
    struct buffer signs, rows;
};

/* Blocks as a partition has them. */
struct blocks {
    struct block *list;
    size_t count;
    size_t vectors;
};

__attribute__((unused)) static void vectors_require(int good, const char *what)
{
    if (!good) {
        fprintf(stderr, "vectors: %s\n", what);
        exit(70);
    }
}

__attribute__((unused)) static bool block_add(struct block *block,
                                              const struct vector *vector,
                                              const uint8_t key[STORE_KEY_SIZE])
{
    static uint8_t signs[VECTOR_WORDS * sizeof(uint64_t)];
    size_t row = block->rows.size / vector_row_size(vector->dimensions);
    vector_signs_of(vector, signs);
    if (!vector_signs_put(&block->signs, vector->dimensions, row, signs))
        return false;
    buffer_append(&block->rows, key, STORE_KEY_SIZE);
    buffer_append(&block->rows, vector->coarse, vector->dimensions);
    return buffer_ok(&block->rows);
}

/* Appends under a key that begins with the vector's number. */
__attribute__((unused)) static void blocks_add(struct blocks *blocks,
                                               const struct vector *vector)
{
    uint8_t key[STORE_KEY_SIZE] = {0};
    uint32_t number = (uint32_t)blocks->vectors;
    memcpy(key, &number, sizeof(number));
    if (blocks->vectors++ % VECTOR_ROWS == 0) {
        blocks->list = realloc(blocks->list, (blocks->count + 1) * sizeof(*blocks->list));
        vectors_require(blocks->list != NULL, "no memory");
        blocks->list[blocks->count++] = (struct block){{0}, {0}};
    }
    vectors_require(block_add(&blocks->list[blocks->count - 1], vector, key),
                    "not appended");
}

__attribute__((unused)) static void blocks_free(struct blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++) {
        buffer_free(&blocks->list[i].signs);
        buffer_free(&blocks->list[i].rows);
    }
    free(blocks->list);
    *blocks = (struct blocks){0};
}

/* Row |row| of |block|. */
__attribute__((unused)) static struct span block_row(const struct block *block,
                                                     size_t dimensions, size_t row)
{
    size_t size = vector_row_size(dimensions);
    return span_of(block->rows.at + row * size, size);
}

/* The whole way, as search.h says. */
__attribute__((unused)) static void blocks_search(const struct blocks *blocks,
                                                  const struct vector *query,
                                                  struct vector_search *search)
{
    vector_search_begin(search, query);
    for (size_t i = 0; i < blocks->count; i++)
        vectors_require(
            vector_search_signs(search, (uint32_t)i, buffer_span(&blocks->list[i].signs)),
            "signs");
    vector_search_finalists(search);
    for (size_t i = 0; i < search->count; i++)
        vectors_require(
            vector_search_row(search, i,
                              block_row(&blocks->list[search->best[i].block],
                                        query->dimensions, search->best[i].row)),
            "row");
    vector_search_end(search);
}

/* The number in a finding's key. */
__attribute__((unused)) static uint32_t found_number(const struct vector_found *found)
{
    uint32_t number;
    memcpy(&number, found->key, sizeof(number));
    return number;
}

#endif
