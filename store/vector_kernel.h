/* SPDX-License-Identifier: MIT */
/* The two loops that a search spends its time in, written for the processor at hand. All give the
 * same whole numbers; whatever is no whole number is computed elsewhere, once for all. Private to
 * store/vector*.
 *
 * Chosen at the first use by a plain pointer: a resolver (IFUNC) would run while the host is being
 * relocated.
 *
 * Thread class: any thread. */
#ifndef STORE_VECTOR_KERNEL_H
#define STORE_VECTOR_KERNEL_H

#include "vector.h"

#define VECTOR_ROWS  256 /* of a block */
#define VECTOR_GROUP 4   /* rows whose words lie beside each other */

struct vector_products {
    int32_t dot;    /* of the fine components with the codes */
    int32_t square; /* of the codes */
};

struct vector_kernel {
    const char *name;
    /* How many signs differ, for each row of |count| groups: VECTOR_GROUP numbers per group.
     * |groups|: as vector_block.h has them, not aligned. */
    void (*distances)(const uint64_t *signs, const uint8_t *groups, size_t words,
                      size_t count, uint16_t *out);
    /* |count| is VECTOR_DIMENSIONS at most, and |codes| int8_t. */
    struct vector_products (*products)(const int16_t *fine, const uint8_t *codes,
                                       size_t count);
};

/* The best for this processor. */
const struct vector_kernel *vector_kernel(void);
/* One after the other, the portable one first, those that this processor can run; NULL beyond. */
const struct vector_kernel *vector_kernel_at(size_t index);

/* NULL when this processor cannot run it. */
const struct vector_kernel *vector_kernel_avx2(void);
const struct vector_kernel *vector_kernel_neon(void);
extern const struct vector_kernel vector_kernel_portable;

#endif
