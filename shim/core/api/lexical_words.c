/* SPDX-License-Identifier: MIT */
/* The table of words. A word that is missing makes a rule that folds not fold, with one exception:
 * FRESH, ACCOUNT, SPELLING and MENTION keep away, so they are generous. */
#include "lexical_parts.h"

#define FRESH       WORD_FRESH
#define ACCOUNT     WORD_ACCOUNT
#define SPELLING    WORD_SPELLING
#define MENTION     WORD_MENTION
#define QUESTION    WORD_QUESTION
#define REQUEST     WORD_REQUEST
#define SUPERLATIVE WORD_SUPERLATIVE
#define EPITHET     WORD_EPITHET
#define COUNTED     WORD_COUNTED
#define KNOWN       WORD_KNOWN
#define UNIT        WORD_UNIT
#define ACRONYM     WORD_ACRONYM
#define BRAND       WORD_BRAND
#define NAME        WORD_NAME
#define SAFE_UNIT   WORD_SAFE_UNIT
#define IS          WORD_IS
#define GREETING    WORD_GREETING
#define OBJECT      WORD_OBJECT
#define LANGUAGE    WORD_LANGUAGE
#define FUNCTION    WORD_FUNCTION
#define TITLE       WORD_TITLE
#define RELATION    WORD_RELATION
#define MUSIC       WORD_MUSIC

#define WORD(text, classes) {text, sizeof(text) - 1, classes},

/* Without pointers: nothing is relocated when a host loads this. */
static const struct {
    char text[23];
    uint8_t size;
    uint32_t classes;
} words[] = {
#include "lexical_words.def"
};

uint32_t lexical_classes(struct span word)
{
    size_t low = 0, high = sizeof(words) / sizeof(*words);
    while (low < high && word.size) {
        size_t middle = low + (high - low) / 2, size = words[middle].size;
        int order = word.at[0] - (uint8_t)words[middle].text[0];
        if (order == 0)
            order =
                memcmp(word.at, words[middle].text, word.size < size ? word.size : size);
        if (order == 0 && word.size == size)
            return words[middle].classes;
        if (order < 0 || (order == 0 && word.size < size))
            high = middle;
        else
            low = middle + 1;
    }
    return 0;
}
