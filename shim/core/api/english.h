/* SPDX-License-Identifier: MIT */
/* Is it a word of English? What is one is not misspelt, however much it resembles another one. The lists
 * are Debian's wamerican-large and wbritish-large (SCOWL, http://wordlist.aspell.net), with their names; in the
 * binary is a Bloom filter of them, made when it is built (english/make_filter.c). Any thread. */
#ifndef CORE_API_ENGLISH_H
#define CORE_API_ENGLISH_H

#include "store/bytes.h"

#define ENGLISH_BITS   ((uint32_t)1 << 21) /* of the filter */
#define ENGLISH_HASHES 8
#define ENGLISH_LEAST  4  /* letters: shorter words are not in it, */
#define ENGLISH_MOST   24 /* nor are longer ones */

/* True for every |word| of the lists, of lower-case letters a to z, and by chance for 1 of 1,000 or fewer
 * others. */
bool english_has(struct span word);

/* The two numbers that a word's places in the filter are made of: FNV-1a, its halves. */
static inline void english_hash(struct span word, uint32_t hash[2])
{
    uint64_t value = 14695981039346656037u;
    for (size_t i = 0; i < word.size; i++)
        value = (value ^ word.at[i]) * 1099511628211u;
    value ^= value >> 29;
    hash[0] = (uint32_t)value;
    hash[1] = (uint32_t)(value >> 32) | 1;
}

/* Place number |index|, below ENGLISH_BITS. */
static inline uint32_t english_place(const uint32_t hash[2], uint32_t index)
{
    return (hash[0] + index * hash[1]) % ENGLISH_BITS;
}

#endif
