/* SPDX-License-Identifier: MIT */
/* A partition in LMDB: the vectors of those questions of one tenant that may answer for each other
 * (everything but the question is equal), embedded by one model. Its id is a keyed hash of the
 * call's partition, the model's name and the dimensions. Rows are numbered from 0 without gaps.
 *
 *     RECORD_NEAR   tenant (16), id (16)              the head, sealed: version 1 (2), dimensions
 *                                                    (2), rows (4), a stamp (8) for each block
 *     RECORD_NEAR   tenant, id, block (4, big-endian)  the signs of its 256 rows, sealed
 *     RECORD_ROW    tenant, id, row (4, big-endian)    entry's key and codes, sealed
 *     RECORD_PLACE  entry's key                       tenant (16), then sealed: id (16), row (4)
 *
 * Sealed: a random nonce (24), XChaCha20-Poly1305 ciphertext and tag (16) under the tenant's
 * seal_key; the associated data is the record's key, so that no record stands for another. A
 * block's stamp is the beginning of its nonce.
 *
 * What a copy of the file shows: how many partitions a tenant has, how many vectors of how many
 * dimensions each holds, and how often it changes. Not which entries those are, nor what is alike.
 * (A transform that keeps distances would show just that.)
 *
 * Thread class: any thread. */
#ifndef STORE_PARTITION_H
#define STORE_PARTITION_H

#include "layout.h"
#include "vector_note.h"

#define PARTITION_ID_SIZE 16
#define PARTITION_HEAD    (1 + TENANT_ID_SIZE + PARTITION_ID_SIZE)
#define PARTITION_ROWS    ((uint32_t)1 << 24) /* at most */
#define PARTITION_VALUE   ((size_t)1 << 20)   /* bytes of any of these records, at most */
#define PARTITION_NONCE   24
#define PARTITION_BOX     40 /* bytes that sealing adds */

struct partition_key {
    uint8_t bytes[PARTITION_HEAD + 4];
};

void partition_id(const struct tenant *tenant,
                  const uint8_t partition[VECTOR_PARTITION_SIZE], struct span model,
                  size_t dimensions, uint8_t id[PARTITION_ID_SIZE]);

/* The key of the head, of block or row |number|. */
struct span partition_head_key(struct partition_key *out, const uint8_t *tenant,
                               const uint8_t *id);
struct span partition_key(struct partition_key *out, int kind, const uint8_t *tenant,
                          const uint8_t *id, uint32_t number);

/* Appends |plain| sealed; ask buffer_ok() afterwards. */
void box_seal(const struct tenant *tenant, struct span name, struct span plain,
              struct buffer *out);
/* Appends what |box| holds. False when it does not authenticate or memory is short (ask
 * buffer_ok()). */
MUST_USE bool box_open(const struct tenant *tenant, struct span name, struct span box,
                       struct buffer *out);

struct partition_head {
    size_t dimensions;
    uint32_t rows;
    const uint8_t *stamps; /* partition_blocks() of VECTOR_STAMP_SIZE bytes */
};

static inline uint32_t partition_blocks(uint32_t rows)
{
    return (rows + VECTOR_ROWS - 1) / VECTOR_ROWS;
}

void partition_head_encode(const struct partition_head *head, struct buffer *out);
/* False when it is malformed; |out| points into |plain|. */
MUST_USE bool partition_head_decode(struct span plain, struct partition_head *out);

/* Where an entry's row is. */
struct row_place {
    uint8_t id[PARTITION_ID_SIZE];
    uint32_t row;
};

/* Appends the value of |key|'s RECORD_PLACE. */
void row_place_seal(const struct tenant *tenant, const uint8_t key[STORE_KEY_SIZE],
                    const struct row_place *place, struct buffer *out);
MUST_USE bool row_place_open(const struct tenant *tenant,
                             const uint8_t key[STORE_KEY_SIZE], struct span value,
                             struct row_place *out);

#endif
