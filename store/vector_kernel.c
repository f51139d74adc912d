/* SPDX-License-Identifier: MIT */
/* The portable loops and the choice, see vector_kernel.h. */
#include "vector_kernel.h"

#include <endian.h>
#include <stdatomic.h>

static unsigned ones(uint64_t word)
{
    word -= word >> 1 & 0x5555555555555555;
    word = (word & 0x3333333333333333) + (word >> 2 & 0x3333333333333333);
    word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0f;
    return (unsigned)(word * 0x0101010101010101 >> 56);
}

static void distances(const uint64_t *signs, const uint8_t *groups, size_t words,
                      size_t count, uint16_t *out)
{
    memset(out, 0, count * VECTOR_GROUP * sizeof(*out));
    for (; count; count--, out += VECTOR_GROUP)
        for (size_t i = 0; i < words * VECTOR_GROUP; i++, groups += sizeof(uint64_t)) {
            uint64_t there;
            memcpy(&there, groups, sizeof(there));
            uint64_t differ = signs[i / VECTOR_GROUP] ^ le64toh(there);
            out[i % VECTOR_GROUP] = (uint16_t)(out[i % VECTOR_GROUP] + ones(differ));
        }
}

static struct vector_products products(const int16_t *fine, const uint8_t *codes,
                                       size_t count)
{
    struct vector_products sums = {0};
    for (size_t i = 0; i < count; i++) {
        int32_t code = (int8_t)codes[i];
        sums.dot += fine[i] * code;
        sums.square += code * code;
    }
    return sums;
}

const struct vector_kernel vector_kernel_portable = {"portable", distances, products};

const struct vector_kernel *vector_kernel_at(size_t index)
{
    const struct vector_kernel *list[] = {&vector_kernel_portable, vector_kernel_avx2(),
                                          vector_kernel_neon()};
    for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++)
        if (list[i] && index-- == 0)
            return list[i];
    return NULL;
}

const struct vector_kernel *vector_kernel(void)
{
    static const struct vector_kernel *_Atomic chosen;
    const struct vector_kernel *kernel =
        atomic_load_explicit(&chosen, memory_order_acquire);
    if (kernel)
        return kernel;
    kernel = vector_kernel_at(1);
    kernel = kernel ? kernel : &vector_kernel_portable;
    atomic_store_explicit(&chosen, kernel, memory_order_release);
    return kernel;
}
