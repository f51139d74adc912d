/* SPDX-License-Identifier: MIT */
/* A text as the guards of guard.h see it. Private to guard*.c. */
#ifndef CORE_API_GUARD_WORDS_H
#define CORE_API_GUARD_WORDS_H

#include "guard.h"

enum word_class {
    WORD_LIGHT = 1 << 0,  /* says little by itself */
    WORD_NUMBER = 1 << 1, /* with digits, or a word for a number */
    WORD_NEGATIVE = 1 << 2,
    WORD_SYMBOL = 1 << 3,
    WORD_QUOTED = 1 << 4,
    WORD_NAME = 1 << 5,      /* a capital that no sentence begins with */
    WORD_ASKING = 1 << 6,    /* who, when, where, why, how */
    WORD_DIRECTION = 1 << 7, /* from, to, before, after */
};

struct word {
    uint16_t at, size; /* in |folded| */
    uint16_t classes;  /* enum word_class */
};

/* 4 KiB: for the heap. */
struct words {
    struct buffer folded; /* ASCII letters are small */
    size_t count;
    struct word list[GUARD_WORDS];
};

/* False when there are too many, none, or memory is short. words_free() in any case. */
MUST_USE bool words_read(struct span text, struct words *out);
void words_free(struct words *words);

static inline struct span words_at(const struct words *words, size_t index)
{
    const struct word *word = &words->list[index];
    return span_of(words->folded.at + word->at, word->size);
}

static inline bool words_are(const struct words *words, size_t index, unsigned classes)
{
    return words->list[index].classes & classes;
}

/* A word that an answer may hang on. */
static inline bool words_content(const struct words *words, size_t index)
{
    return !words_are(words, index,
                      WORD_LIGHT | WORD_SYMBOL | WORD_NEGATIVE | WORD_ASKING |
                          WORD_DIRECTION);
}

/* The classes that a word, in lower case, has by the lists. */
unsigned words_listed(struct span folded);
/* The same word, perhaps inflected: grow, grows, growing. */
bool words_same(struct span a, struct span b);
/* Whether one is listed as the other's opposite. */
bool words_opposite(struct span a, struct span b);

#endif
