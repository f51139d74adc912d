/* SPDX-License-Identifier: MIT */
/* Which stored questions are nearest to one, in a partition? Reads LMDB's file as pages.h does;
 * only what was merged is found. Whoever gets a key looks the entry up: it may have been removed.
 *
 * Of a partition whose signs do not fit VECTOR_CACHE_BYTES only the last rows that do are looked
 * at.
 *
 * Thread class: any thread. Makes system calls and takes milliseconds when the partition was not
 * searched before. */
#ifndef STORE_NEAR_H
#define STORE_NEAR_H

#include "store.h"
#include "vector_note.h"

#define NEAR_MOST 8

struct near_one {
    uint8_t key[STORE_KEY_SIZE];
    double cosine;
};

struct near {
    size_t count; /* nearest first */
    struct near_one list[NEAR_MOST];
    uint32_t rows; /* of the partition */
};

/* STORE_OK (also when there is none), STORE_CORRUPT, STORE_UNAVAILABLE, STORE_NO_MEMORY; |out|'s
 * count is 0 unless STORE_OK. */
MUST_USE int store_near(struct store *store, const struct tenant *tenant,
                        const uint8_t partition[VECTOR_PARTITION_SIZE], struct span model,
                        const struct vector *vector, struct near *out);

#endif
