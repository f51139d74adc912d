/* SPDX-License-Identifier: MIT */
/* The loops for AVX2, see vector_kernel.h. */
#include "vector_kernel.h"

#ifdef __x86_64__

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
/* Each word adds up to 8 to a byte of the running count. */
#define WORDS_PER_BYTE 31

/* The set bits of each byte, by a table for each half of it. */
AVX2 static inline __m256i ones(__m256i bytes)
{
    const __m256i table =
        _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2,
                         2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    const __m256i half = _mm256_set1_epi8(15);
    __m256i low = _mm256_and_si256(bytes, half);
    __m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half);
    return _mm256_add_epi8(_mm256_shuffle_epi8(table, low),
                           _mm256_shuffle_epi8(table, high));
}

/* Of one group. */
AVX2 static inline __m256i four(const uint64_t *signs, const uint8_t *group, size_t words)
{
    __m256i sums = _mm256_setzero_si256();
    for (size_t from = 0; from < words; from += WORDS_PER_BYTE) {
        size_t until = words - from < WORDS_PER_BYTE ? words : from + WORDS_PER_BYTE;
        __m256i bytes = _mm256_setzero_si256();
        for (size_t word = from; word < until; word++, group += sizeof(__m256i)) {
            __m256i there = _mm256_loadu_si256((const __m256i *)group);
            __m256i asked = _mm256_set1_epi64x((long long)signs[word]);
            bytes = _mm256_add_epi8(bytes, ones(_mm256_xor_si256(there, asked)));
        }
        sums = _mm256_add_epi64(sums, _mm256_sad_epu8(bytes, _mm256_setzero_si256()));
    }
    return sums;
}

AVX2 static void distances(const uint64_t *signs, const uint8_t *groups, size_t words,
                           size_t count, uint16_t *out)
{
    for (; count; count--, out += VECTOR_GROUP, groups += words * sizeof(__m256i)) {
        __m256i sums = four(signs, groups, words);
        out[0] = (uint16_t)_mm256_extract_epi64(sums, 0);
        out[1] = (uint16_t)_mm256_extract_epi64(sums, 1);
        out[2] = (uint16_t)_mm256_extract_epi64(sums, 2);
        out[3] = (uint16_t)_mm256_extract_epi64(sums, 3);
    }
}

AVX2 static int32_t sum_of(__m256i eight)
{
    __m128i four =
        _mm_add_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0xb1));
    return _mm_cvtsi128_si32(four);
}

AVX2 static struct vector_products products(const int16_t *fine, const uint8_t *codes,
                                            size_t count)
{
    __m256i dot = _mm256_setzero_si256(), square = _mm256_setzero_si256();
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        __m256i left = _mm256_loadu_si256((const __m256i *)(fine + i));
        __m256i right =
            _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(codes + i)));
        dot = _mm256_add_epi32(dot, _mm256_madd_epi16(left, right));
        square = _mm256_add_epi32(square, _mm256_madd_epi16(right, right));
    }
    struct vector_products rest =
        vector_kernel_portable.products(fine + i, codes + i, count - i);
    return (struct vector_products){sum_of(dot) + rest.dot, sum_of(square) + rest.square};
}

const struct vector_kernel *vector_kernel_avx2(void)
{
    static const struct vector_kernel kernel = {"AVX2", distances, products};
    return __builtin_cpu_supports("avx2") ? &kernel : NULL;
}

#else

const struct vector_kernel *vector_kernel_avx2(void)
{
    return NULL;
}

#endif
