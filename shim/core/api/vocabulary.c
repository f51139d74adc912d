/* SPDX-License-Identifier: MIT */
/* The words of the store's prompts, how often each occurs, and which three letters follow each
 * other in them. */
#include "lexical_parts.h"
#include "store/memory.h"

#define FIRST_SLOTS 1024
#define LONGEST     24
#define LETTERS     27 /* and the edge of a word */
/* A right word occurs so often, and so many times as often as the misspelt one. */
#define KNOWN_COUNT 20
#define KNOWN_TIMES 20
/* Fewer prompts do not show how words are built. */
#define FEWEST_PROMPTS 2000

struct slot {
    uint32_t at, size; /* in |words| */
    uint32_t count;    /* prompts; 0: free */
    uint32_t last;     /* prompt that has counted it */
};

struct vocabulary {
    struct slot *slots;
    uint32_t capacity, used; /* |capacity| is a power of 2 */
    uint32_t prompts;
    struct buffer words;
    uint8_t triples[(LETTERS * LETTERS * LETTERS + 7) / 8];
};

struct vocabulary *vocabulary_new(void)
{
    struct vocabulary *vocabulary = memory_new(sizeof(*vocabulary));
    if (!vocabulary)
        return NULL;
    vocabulary->capacity = FIRST_SLOTS;
    vocabulary->slots = memory_new(FIRST_SLOTS * sizeof(struct slot));
    if (vocabulary->slots)
        return vocabulary;
    memory_free(vocabulary);
    return NULL;
}

void vocabulary_free(struct vocabulary *vocabulary)
{
    if (!vocabulary)
        return;
    memory_free(vocabulary->slots);
    buffer_free(&vocabulary->words);
    memory_free(vocabulary);
}

/* FNV-1a: the words are the user's own, and a slow table harms nobody else. */
static uint32_t hash(struct span word)
{
    uint32_t value = 2166136261u;
    for (size_t i = 0; i < word.size; i++)
        value = (value ^ word.at[i]) * 16777619u;
    return value;
}

/* The slot of |word|, or the free one that it would get. */
static struct slot *find(const struct vocabulary *vocabulary, struct span word)
{
    uint32_t mask = vocabulary->capacity - 1;
    for (uint32_t i = hash(word);; i++) {
        struct slot *slot = &vocabulary->slots[i & mask];
        if (slot->count == 0 ||
            span_equal(span_of(vocabulary->words.at + slot->at, slot->size), word))
            return slot;
    }
}

static bool grow(struct vocabulary *vocabulary)
{
    uint32_t old = vocabulary->capacity;
    struct slot *slots = vocabulary->slots;
    struct slot *larger = memory_new((size_t)old * 2 * sizeof(struct slot));
    if (!larger)
        return false;
    vocabulary->slots = larger;
    vocabulary->capacity = old * 2;
    for (uint32_t i = 0; i < old; i++)
        if (slots[i].count)
            *find(vocabulary,
                  span_of(vocabulary->words.at + slots[i].at, slots[i].size)) = slots[i];
    memory_free(slots);
    return true;
}

/* -- triples of letters --------------------------------------------------------------------- */

static unsigned letter(struct span word, size_t at)
{
    return at == 0 || at > word.size ? 0 : word.at[at - 1] - 'a' + 1u;
}

/* The triple of letters that ends at |at|, 2 to word.size + 1. */
static unsigned triple(struct span word, size_t at)
{
    return (letter(word, at - 2) * LETTERS + letter(word, at - 1)) * LETTERS +
           letter(word, at);
}

static void learn_triples(struct vocabulary *vocabulary, struct span word)
{
    for (size_t at = 2; at <= word.size + 1; at++) {
        unsigned index = triple(word, at);
        vocabulary->triples[index / 8] |= (uint8_t)(1u << index % 8);
    }
}

/* True when |word| holds three letters in a row that no known word has. */
static bool is_odd(const struct vocabulary *vocabulary, struct span word)
{
    for (size_t at = 2; at <= word.size + 1; at++) {
        unsigned index = triple(word, at);
        if (!(vocabulary->triples[index / 8] >> index % 8 & 1))
            return true;
    }
    return false;
}

/* -- learning ------------------------------------------------------------------------------- */

static bool is_learnable(struct span word)
{
    for (size_t i = 0; i < word.size; i++)
        if (!ascii_is_lower(word.at[i]))
            return false;
    return word.size >= 2 && word.size <= LONGEST;
}

static bool learn_word(struct vocabulary *vocabulary, struct span word)
{
    if (vocabulary->used * 2 >= vocabulary->capacity && !grow(vocabulary))
        return false;
    struct slot *slot = find(vocabulary, word);
    if (slot->count == 0) {
        uint32_t at = (uint32_t)vocabulary->words.size;
        buffer_append_span(&vocabulary->words, word);
        if (!buffer_ok(&vocabulary->words))
            return false;
        *slot = (struct slot){at, (uint32_t)word.size, 1, vocabulary->prompts};
        vocabulary->used++;
    } else if (slot->last != vocabulary->prompts) {
        slot->last = vocabulary->prompts;
        slot->count += slot->count < UINT32_MAX;
        if (slot->count == 2)
            learn_triples(vocabulary, word);
    }
    return true;
}

bool vocabulary_learn(struct vocabulary *vocabulary, struct span source)
{
    struct lexical text = {0};
    enum lexical_verdict verdict = lexical_read(&text, source);
    bool teaches =
        verdict == LEXICAL_KEY || verdict == LEXICAL_FRESH || verdict == LEXICAL_ACCOUNT;
    bool good = verdict != LEXICAL_MEMORY;
    vocabulary->prompts += teaches;
    for (unsigned i = 0; i < text.count && teaches && good; i++) {
        const struct token *token = lexical_token(&text, i);
        if (token->kind == TOKEN_WORD && is_learnable(token_form(&text, token)))
            good = learn_word(vocabulary, token_form(&text, token));
    }
    lexical_free(&text);
    return good;
}

uint32_t vocabulary_count(const struct vocabulary *vocabulary, struct span word)
{
    return find(vocabulary, word)->count;
}

/* -- correcting ----------------------------------------------------------------------------- */

struct search {
    const struct vocabulary *vocabulary;
    struct span wrong;
    uint8_t text[LONGEST + 1];
    const struct slot *found;
    unsigned count; /* of words one edit away */
};

static void try_word(struct search *search, size_t size)
{
    struct span word = span_of(search->text, size);
    const struct slot *slot = find(search->vocabulary, word);
    if (slot->count == 0 || slot == search->found || span_equal(word, search->wrong))
        return;
    search->found = slot;
    search->count++;
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
    try_letters(search, at, size + 1);
}

/* Edits at the end make another form of the word: questions, asked. */
static bool is_inflected(struct span wrong, struct span right)
{
    size_t same = 0, shorter = wrong.size < right.size ? wrong.size : right.size;
    while (same < shorter && wrong.at[same] == right.at[same])
        same++;
    return same + 1 >= shorter;
}

struct span vocabulary_correct(const struct vocabulary *vocabulary, struct span word)
{
    struct search search = {.vocabulary = vocabulary, .wrong = word};
    struct span none = {0};
    uint32_t wrongs = vocabulary_count(vocabulary, word);
    if (vocabulary->prompts < FEWEST_PROMPTS || !is_learnable(word) ||
        word.size >= LONGEST || wrongs > 1 || !is_odd(vocabulary, word))
        return none;
    for (size_t at = 1; at <= word.size; at++)
        try_edits(&search, at);
    if (search.count != 1 || search.found->count < KNOWN_COUNT ||
        search.found->count < wrongs * KNOWN_TIMES)
        return none;
    struct span right =
        span_of(vocabulary->words.at + search.found->at, search.found->size);
    return is_inflected(word, right) ? none : right;
}
