/* SPDX-License-Identifier: MIT */
/* The words that a tenant's prompts are made of, and in how many prompts each occurs: what a word that
 * none of them has may be a misspelling of. Words are letters a to z, 2 to 24 of them.
 *
 * Bounded: of more than VOCABULARY_WORDS words those go that occur least often, the oldest first.
 *
 * As bytes, little-endian: version 1 (2), prompts (4), then for each word, in the order in which they
 * came: its length (1), itself, in how many prompts (2; 65,535 are that many or more).
 *
 * Thread class: one writer at a time, or any number of readers. No system calls. */
#ifndef STORE_VOCABULARY_H
#define STORE_VOCABULARY_H

#include "bytes.h"
#include "result.h"

#define VOCABULARY_WORDS    32768 /* at most: about 1 MiB of memory, and 350 KiB as bytes */
#define VOCABULARY_SHORTEST 2
#define VOCABULARY_LONGEST  24

struct vocabulary;

/* An empty one, held once, or NULL: memory is short. */
MUST_USE struct vocabulary *vocabulary_new(void);
/* Any thread: it stays until whoever holds it has freed it. */
void vocabulary_hold(struct vocabulary *vocabulary);
void vocabulary_free(struct vocabulary *vocabulary);

/* Counts the words of one prompt, which blanks separate; each counts once, and what is no word is
 * passed over. False when memory is short: some were counted. */
MUST_USE bool vocabulary_add(struct vocabulary *vocabulary, struct span words);

uint32_t vocabulary_prompts(const struct vocabulary *vocabulary);
uint32_t vocabulary_words(const struct vocabulary *vocabulary);
/* In how many prompts |word| occurred. */
uint32_t vocabulary_count(const struct vocabulary *vocabulary, struct span word);

/* Ask buffer_ok() afterwards. */
void vocabulary_encode(const struct vocabulary *vocabulary, struct buffer *out);
/* STORE_OK, STORE_CORRUPT, STORE_NO_MEMORY; |*out| is NULL unless STORE_OK. */
MUST_USE int vocabulary_decode(struct span bytes, struct vocabulary **out);

#endif
