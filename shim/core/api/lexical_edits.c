/* SPDX-License-Identifier: MIT */
/* The one known word that a word without a meaning is one edit away from. */
#include "lexical_parts.h"

#include "english.h"

/* A right word occurs in so many prompts, and fewer prompts do not show which words do. */
#define KNOWN_COUNT    5
#define FEWEST_PROMPTS 2000
/* What is no English word, and occurs so many times less often, is another misspelling of it. */
#define KNOWN_TIMES 20
#define CANDIDATES  8

struct candidate {
    uint8_t text[VOCABULARY_LONGEST];
    size_t size;
    uint32_t count;
};

struct search {
    const struct vocabulary *vocabulary;
    struct span wrong;
    uint8_t text[VOCABULARY_LONGEST + 1];
    struct candidate list[CANDIDATES];
    unsigned count; /* of words one edit away; CANDIDATES: or more */
};

static struct span candidate_word(const struct candidate *candidate)
{
    return span_of(candidate->text, candidate->size);
}

static void try_word(struct search *search, size_t size)
{
    struct span word = span_of(search->text, size);
    uint32_t count = vocabulary_count(search->vocabulary, word);
    if (count == 0 || search->count == CANDIDATES)
        return;
    for (unsigned i = 0; i < search->count; i++)
        if (span_equal(word, candidate_word(&search->list[i])))
            return;
    struct candidate *new = &search->list[search->count++];
    *new = (struct candidate){.size = size, .count = count};
    memcpy(new->text, word.at, size);
}

static void try_letters(struct search *search, size_t at, size_t size)
{
    for (unsigned letter = 'a'; letter <= 'z'; letter++) {
        search->text[at] = (uint8_t)letter;
        try_word(search, size);
    }
}

/* Every word that differs by one edit at |at|: a letter less, another, one more, two exchanged. */
static void try_edits(struct search *search, size_t at)
{
    const uint8_t *wrong = search->wrong.at;
    size_t size = search->wrong.size, rest = size - at;
    memcpy(search->text, wrong, at);
    if (at < size) {
        memcpy(search->text + at, wrong + at + 1, rest - 1);
        try_word(search, size - 1);
        memcpy(search->text + at + 1, wrong + at + 1, rest - 1);
        try_letters(search, at, size);
    }
    if (at + 1 < size) {
        search->text[at] = wrong[at + 1];
        search->text[at + 1] = wrong[at];
        memcpy(search->text + at + 2, wrong + at + 2, rest - 2);
        try_word(search, size);
    }
    memcpy(search->text + at + 1, wrong + at, rest);
    if (size < VOCABULARY_LONGEST)
        try_letters(search, at, size + 1);
}

static bool is_ending(uint8_t letter)
{
    return memchr("sdrny", letter, 5) != NULL;
}

/* A last letter that is added, missing or another one may make another form of a word that no list
 * has: emojis, googled. */
static bool is_inflected(struct span wrong, struct span right)
{
    size_t same = 0, shorter = wrong.size < right.size ? wrong.size : right.size;
    while (same < shorter && wrong.at[same] == right.at[same])
        same++;
    return same + 1 >= shorter &&
           (is_ending(wrong.at[wrong.size - 1]) || is_ending(right.at[right.size - 1]));
}

/* The only one that may be meant, or NULL. */
static const struct candidate *choose(const struct search *search)
{
    const struct candidate *best = &search->list[0];
    if (search->count == 0 || search->count == CANDIDATES)
        return NULL;
    for (unsigned i = 1; i < search->count; i++)
        if (search->list[i].count > best->count)
            best = &search->list[i];
    for (unsigned i = 0; i < search->count; i++) {
        const struct candidate *other = &search->list[i];
        if (other != best && (other->count * KNOWN_TIMES > best->count ||
                              english_has(candidate_word(other))))
            return NULL;
    }
    return best->count < KNOWN_COUNT || best->size < TYPO_SHORTEST ? NULL : best;
}

size_t lexical_correct(const struct vocabulary *vocabulary, struct span word,
                       uint8_t right[VOCABULARY_LONGEST])
{
    struct search search = {.vocabulary = vocabulary, .wrong = word};
    if (word.size > VOCABULARY_LONGEST ||
        vocabulary_prompts(vocabulary) < FEWEST_PROMPTS || english_has(word))
        return 0;
    for (size_t at = 1; at <= word.size; at++)
        try_edits(&search, at);
    const struct candidate *found = choose(&search);
    if (!found || is_inflected(word, candidate_word(found)))
        return 0;
    memcpy(right, found->text, found->size);
    return found->size;
}
