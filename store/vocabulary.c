/* SPDX-License-Identifier: MIT */
/* See vocabulary.h: a list of words in the order in which they came, and a table of their numbers. */
#include "vocabulary.h"

#include "memory.h"

#include <stdatomic.h>

#define VERSION     1
#define FIRST_SLOTS 1024
#define COUNT_MOST  UINT16_MAX
/* When there are too many, so many stay. */
#define WORDS_KEPT (VOCABULARY_WORDS / 8 * 7)

struct word {
    uint32_t at; /* in |letters| */
    uint16_t size;
    uint16_t count; /* prompts */
    uint32_t last;  /* prompt that has counted it */
};

struct vocabulary {
    _Atomic unsigned holders;
    uint32_t prompts;
    struct buffer list;    /* struct word */
    struct buffer letters; /* of all of them */
    uint32_t *slots;       /* a word's number from 1 on; 0: free */
    uint32_t capacity;     /* a power of 2 */
};

/* -- the table ------------------------------------------------------------------------- */

struct vocabulary *vocabulary_new(void)
{
    struct vocabulary *vocabulary = memory_new(sizeof(*vocabulary));
    if (!vocabulary)
        return NULL;
    atomic_init(&vocabulary->holders, 1);
    vocabulary->capacity = FIRST_SLOTS;
    vocabulary->slots = memory_new(FIRST_SLOTS * sizeof(uint32_t));
    if (vocabulary->slots)
        return vocabulary;
    memory_free(vocabulary);
    return NULL;
}

void vocabulary_hold(struct vocabulary *vocabulary)
{
    atomic_fetch_add(&vocabulary->holders, 1);
}

void vocabulary_free(struct vocabulary *vocabulary)
{
    if (!vocabulary || atomic_fetch_sub(&vocabulary->holders, 1) > 1)
        return;
    memory_free(vocabulary->slots);
    buffer_free(&vocabulary->list);
    buffer_free(&vocabulary->letters);
    memory_free(vocabulary);
}

static struct word *word_at(const struct vocabulary *vocabulary, size_t index)
{
    return (struct word *)(void *)vocabulary->list.at + index;
}

uint32_t vocabulary_words(const struct vocabulary *vocabulary)
{
    return (uint32_t)(vocabulary->list.size / sizeof(struct word));
}

uint32_t vocabulary_prompts(const struct vocabulary *vocabulary)
{
    return vocabulary->prompts;
}

/* FNV-1a: the words are the user's own, and a slow table harms nobody else. */
static uint32_t hash(struct span word)
{
    uint32_t value = 2166136261u;
    for (size_t i = 0; i < word.size; i++)
        value = (value ^ word.at[i]) * 16777619u;
    return value ^ value >> 15;
}

/* The slot of |word|, or the free one that it would get. */
static uint32_t *find(const struct vocabulary *vocabulary, struct span word)
{
    uint32_t mask = vocabulary->capacity - 1;
    for (uint32_t i = hash(word);; i++) {
        uint32_t *slot = &vocabulary->slots[i & mask];
        if (*slot == 0)
            return slot;
        const struct word *known = word_at(vocabulary, *slot - 1);
        if (span_equal(span_of(vocabulary->letters.at + known->at, known->size), word))
            return slot;
    }
}

static void file_all(struct vocabulary *vocabulary)
{
    uint32_t count = vocabulary_words(vocabulary);
    memset(vocabulary->slots, 0, vocabulary->capacity * sizeof(uint32_t));
    for (uint32_t i = 0; i < count; i++) {
        const struct word *word = word_at(vocabulary, i);
        *find(vocabulary, span_of(vocabulary->letters.at + word->at, word->size)) = i + 1;
    }
}

/* At most half of the slots are used. */
static bool grow(struct vocabulary *vocabulary)
{
    size_t size = (size_t)vocabulary->capacity * 2;
    uint32_t *slots = memory_resize(vocabulary->slots, size * sizeof(uint32_t));
    if (!slots)
        return false;
    vocabulary->slots = slots;
    vocabulary->capacity = (uint32_t)size;
    file_all(vocabulary);
    return true;
}

/* -- too many words ----------------------------------------------------------------------- */

static uint32_t rare(const struct vocabulary *vocabulary, uint32_t count)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < vocabulary_words(vocabulary); i++)
        found += word_at(vocabulary, i)->count <= count;
    return found;
}

/* Drops words that occur least often. */
static bool trim(struct vocabulary *vocabulary)
{
    uint32_t all = vocabulary_words(vocabulary), kept = 0, least = 1;
    uint32_t drop = all - WORDS_KEPT;
    struct buffer letters = {0};
    if (!buffer_room(&letters, vocabulary->letters.size))
        return false;
    while (rare(vocabulary, least) < drop)
        least *= 2;
    for (uint32_t i = 0; i < all; i++) {
        struct word word = *word_at(vocabulary, i);
        if (word.count <= least && drop) {
            drop--;
            continue;
        }
        buffer_append(&letters, vocabulary->letters.at + word.at, word.size);
        word.at = (uint32_t)letters.size - word.size;
        *word_at(vocabulary, kept++) = word;
    }
    buffer_free(&vocabulary->letters);
    vocabulary->letters = letters;
    vocabulary->list.size = kept * sizeof(struct word);
    file_all(vocabulary);
    return true;
}

/* -- learning ----------------------------------------------------------------------------- */

static bool is_word(struct span word)
{
    for (size_t i = 0; i < word.size; i++)
        if (word.at[i] < 'a' || word.at[i] > 'z')
            return false;
    return word.size >= VOCABULARY_SHORTEST && word.size <= VOCABULARY_LONGEST;
}

static bool has_room(struct vocabulary *vocabulary)
{
    uint32_t count = vocabulary_words(vocabulary);
    if (count == VOCABULARY_WORDS)
        return trim(vocabulary);
    return count * 2 < vocabulary->capacity || grow(vocabulary);
}

static bool insert(struct vocabulary *vocabulary, struct span word, uint32_t count)
{
    struct word new = {.at = (uint32_t)vocabulary->letters.size,
                       .size = (uint16_t)word.size,
                       .count = (uint16_t)count,
                       .last = vocabulary->prompts};
    buffer_append_span(&vocabulary->letters, word);
    if (!buffer_ok(&vocabulary->letters))
        return false;
    buffer_append(&vocabulary->list, &new, sizeof(new));
    if (!buffer_ok(&vocabulary->list))
        return false;
    *find(vocabulary, word) = vocabulary_words(vocabulary);
    return true;
}

static bool learn(struct vocabulary *vocabulary, struct span word)
{
    uint32_t number = *find(vocabulary, word);
    if (number == 0)
        return has_room(vocabulary) && insert(vocabulary, word, 1);
    struct word *known = word_at(vocabulary, number - 1);
    if (known->last != vocabulary->prompts)
        known->count += known->count < COUNT_MOST;
    known->last = vocabulary->prompts;
    return true;
}

bool vocabulary_add(struct vocabulary *vocabulary, struct span words)
{
    if (vocabulary->prompts == UINT32_MAX)
        return true;
    vocabulary->prompts++;
    while (words.size) {
        struct span word = span_of(words.at, span_find(words, span_text(" ")));
        words = span_skip(words, word.size + 1);
        if (is_word(word) && !learn(vocabulary, word))
            return false;
    }
    return true;
}

uint32_t vocabulary_count(const struct vocabulary *vocabulary, struct span word)
{
    uint32_t number = *find(vocabulary, word);
    return number ? word_at(vocabulary, number - 1)->count : 0;
}

/* -- as bytes ----------------------------------------------------------------------------- */

void vocabulary_encode(const struct vocabulary *vocabulary, struct buffer *out)
{
    buffer_append_u16(out, VERSION);
    buffer_append_u32(out, vocabulary->prompts);
    for (uint32_t i = 0; i < vocabulary_words(vocabulary); i++) {
        const struct word *word = word_at(vocabulary, i);
        buffer_append_byte(out, (uint8_t)word->size);
        buffer_append(out, vocabulary->letters.at + word->at, word->size);
        buffer_append_u16(out, word->count);
    }
}

static int decode_word(struct vocabulary *vocabulary, struct cursor *cursor)
{
    struct span word = cursor_bytes(cursor, cursor_u8(cursor));
    uint32_t count = cursor_u16(cursor);
    if (!cursor_ok(cursor) || !is_word(word) || count == 0 ||
        vocabulary_words(vocabulary) == VOCABULARY_WORDS || *find(vocabulary, word))
        return STORE_CORRUPT;
    return has_room(vocabulary) && insert(vocabulary, word, count) ? STORE_OK
                                                                   : STORE_NO_MEMORY;
}

int vocabulary_decode(struct span bytes, struct vocabulary **out)
{
    struct cursor cursor = cursor_of(bytes);
    int result = cursor_u16(&cursor) == VERSION ? STORE_OK : STORE_CORRUPT;
    *out = vocabulary_new();
    if (!*out)
        return STORE_NO_MEMORY;
    (*out)->prompts = cursor_u32(&cursor);
    if (!cursor_ok(&cursor))
        result = STORE_CORRUPT;
    while (result == STORE_OK && cursor.left)
        result = decode_word(*out, &cursor);
    if (result == STORE_OK)
        return STORE_OK;
    vocabulary_free(*out);
    *out = NULL;
    return result;
}
