/* SPDX-License-Identifier: MIT */
/* The loops for NEON, see vector_kernel.h. */
#include "vector_kernel.h"

#if defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

#include <arm_neon.h>
#include <sys/auxv.h>

#define ADVANCED_SIMD  ((unsigned long)1 << 1) /* HWCAP_ASIMD */
#define WORDS_PER_BYTE 31 /* each adds up to 8 to a byte of the count */

/* Of two of a group's rows, whose first words are at |group|. */
static inline uint64x2_t two(const uint64_t *signs, const uint8_t *group, size_t words)
{
    uint64x2_t sums = vdupq_n_u64(0);
    for (size_t from = 0; from < words; from += WORDS_PER_BYTE) {
        size_t until = words - from < WORDS_PER_BYTE ? words : from + WORDS_PER_BYTE;
        uint8x16_t bytes = vdupq_n_u8(0);
        for (size_t word = from; word < until; word++) {
            uint8x16_t there = vld1q_u8(group + word * VECTOR_GROUP * sizeof(*signs));
            uint8x16_t asked = vreinterpretq_u8_u64(vdupq_n_u64(signs[word]));
            bytes = vaddq_u8(bytes, vcntq_u8(veorq_u8(there, asked)));
        }
        sums = vaddq_u64(sums, vpaddlq_u32(vpaddlq_u16(vpaddlq_u8(bytes))));
    }
    return sums;
}

static void distances(const uint64_t *signs, const uint8_t *groups, size_t words,
                      size_t count, uint16_t *out)
{
    for (size_t i = 0; i < 2 * count; i++, out += 2) {
        uint64x2_t sums = two(signs, groups + i % 2 * sizeof(uint8x16_t), words);
        out[0] = (uint16_t)vgetq_lane_u64(sums, 0);
        out[1] = (uint16_t)vgetq_lane_u64(sums, 1);
        groups += i % 2 * words * VECTOR_GROUP * sizeof(*signs);
    }
}

static struct vector_products products(const int16_t *fine, const uint8_t *codes,
                                       size_t count)
{
    int32x4_t dot = vdupq_n_s32(0), square = vdupq_n_s32(0);
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        int16x8_t left = vld1q_s16(fine + i);
        int16x8_t right = vmovl_s8(vreinterpret_s8_u8(vld1_u8(codes + i)));
        dot = vmlal_s16(dot, vget_low_s16(left), vget_low_s16(right));
        dot = vmlal_s16(dot, vget_high_s16(left), vget_high_s16(right));
        square = vmlal_s16(square, vget_low_s16(right), vget_low_s16(right));
        square = vmlal_s16(square, vget_high_s16(right), vget_high_s16(right));
    }
    struct vector_products rest =
        vector_kernel_portable.products(fine + i, codes + i, count - i);
    return (struct vector_products){vaddvq_s32(dot) + rest.dot,
                                    vaddvq_s32(square) + rest.square};
}

const struct vector_kernel *vector_kernel_neon(void)
{
    static const struct vector_kernel kernel = {"NEON", distances, products};
    return getauxval(AT_HWCAP) & ADVANCED_SIMD ? &kernel : NULL;
}

#else

const struct vector_kernel *vector_kernel_neon(void)
{
    return NULL;
}

#endif
