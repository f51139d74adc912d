/* SPDX-License-Identifier: MIT */
/* The embedding of a call's question as the recorder notes it with the entry (struct entry_notes);
 * sealed with the label. From these notes the merger makes what is searched (rows_filing.h).
 *
 *     offset  size  what (little-endian)
 *          0     2  version, 1
 *          2     2  dimensions, 1 .. 4096
 *          4    32  the call's partition: a keyed hash of everything but the question
 *         36     8  length of the model's name
 *         44        name, signs (vector_block.h), a byte for each component
 *
 * Pure functions; any thread. */
#ifndef STORE_VECTOR_NOTE_H
#define STORE_VECTOR_NOTE_H

#include "vector_block.h"

#define VECTOR_PARTITION_SIZE 32
#define VECTOR_MODEL_LIMIT    128 /* bytes of an embedding model's name */

struct vector_note {
    size_t dimensions;
    const uint8_t *partition; /* VECTOR_PARTITION_SIZE bytes */
    struct span model;
    const uint8_t *signs; /* vector_signs_size() bytes */
    const uint8_t *codes; /* |dimensions| bytes */
};

/* Appends the note; ask buffer_ok() afterwards. With 4,096 dimensions it takes 4.7 KB of
 * SEAL_LABEL_LIMIT: an entry that has many tags besides is recorded without it (seal.h). */
void vector_note_encode(const uint8_t partition[VECTOR_PARTITION_SIZE], struct span model,
                        const struct vector *vector, struct buffer *out);
/* False when |note| is none of a version we know; |out| points into it. */
MUST_USE bool vector_note_decode(struct span note, struct vector_note *out);

#endif
