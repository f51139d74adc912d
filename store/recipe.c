/* SPDX-License-Identifier: MIT */
/* Payloads made of other payloads, see recipe.h. */
#include "recipe.h"

#include "seal.h"

enum step { STEP_LITERAL = 'L', STEP_PIECE = 'P' };

void recipe_literal(struct buffer *recipe, struct span literal)
{
    if (literal.size == 0)
        return;
    buffer_append_byte(recipe, STEP_LITERAL);
    buffer_append_framed(recipe, literal);
}

void recipe_piece(struct buffer *recipe, const uint8_t key[STORE_KEY_SIZE],
                  const uint8_t stamp[STORE_STAMP_SIZE], uint64_t offset, uint64_t size)
{
    buffer_append_byte(recipe, STEP_PIECE);
    buffer_append(recipe, key, STORE_KEY_SIZE);
    buffer_append(recipe, stamp, STORE_STAMP_SIZE);
    buffer_append_u64(recipe, offset);
    buffer_append_u64(recipe, size);
}

bool recipe_next(struct cursor *cursor, struct recipe_step *out)
{
    *out = (struct recipe_step){0};
    if (cursor->left == 0)
        return false;
    uint8_t kind = cursor_u8(cursor);
    if (kind == STEP_LITERAL) {
        out->literal = cursor_framed(cursor);
        return cursor_ok(cursor);
    }
    out->key = cursor_bytes(cursor, STORE_KEY_SIZE).at;
    out->stamp = cursor_bytes(cursor, STORE_STAMP_SIZE).at;
    out->offset = cursor_u64(cursor);
    out->size = cursor_u64(cursor);
    cursor->failed |= kind != STEP_PIECE || out->size == 0;
    return cursor_ok(cursor);
}

bool recipe_size(struct span recipe, size_t *out)
{
    struct cursor cursor = cursor_of(recipe);
    struct recipe_step step;
    uint64_t sum = 0;
    while (sum <= SEAL_PAYLOAD_LIMIT && recipe_next(&cursor, &step)) {
        if (step.size > SEAL_PAYLOAD_LIMIT)
            return false;
        sum += step.size + step.literal.size;
    }
    *out = (size_t)sum;
    return cursor_ok(&cursor) && sum <= SEAL_PAYLOAD_LIMIT;
}
