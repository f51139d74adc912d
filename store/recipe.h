/* SPDX-License-Identifier: MIT */
/* A payload that is written down as what stands between pieces of other entries' payloads, and
 * where those are: the answer to a batch does not repeat the vectors that its items have.
 *
 * Thread class: any thread on distinct objects. */
#ifndef STORE_RECIPE_H
#define STORE_RECIPE_H

#include "label.h"

/* Which of several recordings under one key: the beginning of its payload box's nonce (seal.h). */
#define STORE_STAMP_SIZE 16

/* One step. |literal|, unless |size| is above 0: that many bytes from |offset| on of the payload of
 * the entry |key| as it was recorded with |stamp|. */
struct recipe_step {
    struct span literal;
    const uint8_t *key, *stamp;
    uint64_t offset, size;
};

/* Append a step; ask buffer_ok(). Nothing is appended for an empty literal. */
void recipe_literal(struct buffer *recipe, struct span literal);
void recipe_piece(struct buffer *recipe, const uint8_t key[STORE_KEY_SIZE],
                  const uint8_t stamp[STORE_STAMP_SIZE], uint64_t offset, uint64_t size);

/* The next step of the recipe that |cursor| reads, whose spans point into it. False at its end, and
 * where it is none. */
MUST_USE bool recipe_next(struct cursor *cursor, struct recipe_step *out);

/* How many bytes it makes. False: it is none, or makes more than a payload may have. */
MUST_USE bool recipe_size(struct span recipe, size_t *out);

#endif
