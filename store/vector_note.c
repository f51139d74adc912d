/* SPDX-License-Identifier: MIT */
/* Embeddings in notes, see vector_note.h. */
#include "vector_note.h"

#define NOTE_VERSION 1

void vector_note_encode(const uint8_t partition[VECTOR_PARTITION_SIZE], struct span model,
                        const struct vector *vector, struct buffer *out)
{
    size_t size = vector_signs_size(vector->dimensions);
    buffer_append_u16(out, NOTE_VERSION);
    buffer_append_u16(out, (uint16_t)vector->dimensions);
    buffer_append(out, partition, VECTOR_PARTITION_SIZE);
    buffer_append_framed(out, model);
    uint8_t *room = buffer_room(out, size);
    if (room) {
        vector_signs_of(vector, room);
        out->size += size;
    }
    buffer_append(out, vector->coarse, vector->dimensions);
}

bool vector_note_decode(struct span note, struct vector_note *out)
{
    struct cursor cursor = cursor_of(note);
    unsigned version = cursor_u16(&cursor);
    out->dimensions = cursor_u16(&cursor);
    if (version != NOTE_VERSION || out->dimensions == 0 ||
        out->dimensions > VECTOR_DIMENSIONS)
        return false;
    out->partition = cursor_bytes(&cursor, VECTOR_PARTITION_SIZE).at;
    out->model = cursor_framed(&cursor);
    out->signs = cursor_bytes(&cursor, vector_signs_size(out->dimensions)).at;
    out->codes = cursor_bytes(&cursor, out->dimensions).at;
    return cursor_ok(&cursor) && cursor.left == 0 && out->model.size &&
           out->model.size <= VECTOR_MODEL_LIMIT;
}
