/* SPDX-License-Identifier: MIT */
/* Makes the tables beside it: what a cache in shadow mode would have seen of a labelled set of
 * prompts. Each prompt is asked once, in a random order, and meets the nearest of those before it;
 * the old answer is right when both have the same label (and the label is not "oos": such prompts
 * have nothing in common). The embedding has no model behind it: words, pairs of words and
 * sequences of 3 to 5 letters, weighted by rarity, hashed into 1024 dimensions.
 *
 *     make SEED [guarded] <PROMPTS >TABLE     PROMPTS: `label TAB prompt`
 *
 * TABLE: `cosine in thousandths TAB right TAB wrong`, loose to strict.
 *
 * `guarded`: the first of the eight nearest that the guards let pass, if any; and no prompt that the
 * lexical tier answers.
 *
 * gcc -O2 -std=c11 -D_GNU_SOURCE -iquote . -iquote shim tests/shadow/make.c shim/core/api/guard*.c
 *     shim/core/api/lexical*.c shim/core/api/vocabulary.c store/vector{,_*}.c store/bytes.c
 *     store/memory.c -lutf8proc -lm       (without store/vector_cache.c and store/vector_note.c) */
#include "shim/core/api/guard.h"
#include "shim/core/api/lexical.h"
#include "tests/unit/vectors.h"

#include <ctype.h>
#include <math.h>

#define DIMENSIONS 1024
#define SLOTS      (1 << 20)
#define LINE       4096
#define LONGEST    5
#define NEAREST    8

struct prompt {
    char *label, *raw, *text;
    struct lexical_key key;
};

static bool guarded;

static struct prompt *prompts;
static size_t count;
static uint32_t frequency[SLOTS]; /* prompts that a feature is in, by its hash */
static uint32_t seen[SLOTS];      /* the prompt that counted it last */
static float sums[DIMENSIONS];
static struct vector vector;
static struct vector_search search;
static struct random dice;

static uint64_t hash(const char *text, size_t size, unsigned kind)
{
    struct random state = {kind};
    for (size_t i = 0; i < size; i++)
        state.state = random_word(&state) ^ (uint8_t)text[i];
    return random_word(&state);
}

typedef void feature_action(uint64_t feature, uint32_t number);

static void count_feature(uint64_t feature, uint32_t number)
{
    uint32_t slot = (uint32_t)(feature % SLOTS);
    frequency[slot] += seen[slot] != number + 1;
    seen[slot] = number + 1;
}

static void add_feature(uint64_t feature, uint32_t number)
{
    (void)number;
    double rarity = log((double)(count + 1) / (frequency[feature % SLOTS] + 1.0)) + 1;
    sums[feature >> 32 & (DIMENSIONS - 1)] += (float)(feature >> 63 ? rarity : -rarity);
}

/* Words are separated by one blank; there is one before the first and after the last. */
static void each_feature(const char *text, uint32_t number, feature_action *action)
{
    size_t size = strlen(text);
    for (size_t length = 3; length <= LONGEST; length++)
        for (size_t i = 0; i + length <= size; i++)
            action(hash(text + i, length, (unsigned)length), number);
    for (const char *word = text + 1; *word;) {
        const char *end = strchr(word, ' '), *next = end + 1;
        action(hash(word, (size_t)(end - word), 1), number);
        if (*next)
            action(hash(word, (size_t)(strchr(next, ' ') - word), 2), number);
        word = next;
    }
}

static char *plain(const char *text)
{
    char *out = malloc(2 * strlen(text) + 3), *at = out;
    *at++ = ' ';
    for (; *text; text++) {
        int letter = tolower((unsigned char)*text);
        if (isalnum(letter) || letter >= 0x80)
            *at++ = (char)letter;
        else if (letter != '\'' && at[-1] != ' ')
            *at++ = ' ';
    }
    if (at[-1] != ' ')
        *at++ = ' ';
    *at = 0;
    return out;
}

static void read_prompts(void)
{
    static char line[LINE];
    while (fgets(line, sizeof(line), stdin)) {
        char *tab = strchr(line, '\t');
        vectors_require(tab != NULL, "no tab in a line");
        *tab = 0;
        tab[1 + strcspn(tab + 1, "\n")] = 0;
        prompts = realloc(prompts, (count + 1) * sizeof(*prompts));
        struct prompt *prompt = &prompts[count++];
        *prompt =
            (struct prompt){strdup(line), strdup(tab + 1), plain(tab + 1), {{0}, {0}}};
        (void)!lexical_key(span_text(prompt->raw), NULL, &prompt->key);
    }
    for (size_t i = count; i > 1; i--) {
        size_t other = random_word(&dice) % i;
        struct prompt kept = prompts[i - 1];
        prompts[i - 1] = prompts[other];
        prompts[other] = kept;
    }
}

/* Whether the exact or the lexical layer answers |asked| with |old|. */
static bool same(const struct prompt *asked, const struct prompt *old)
{
    struct span words = buffer_span(&asked->key.words);
    return strcmp(asked->raw, old->raw) == 0 ||
           (words.size && span_equal(words, buffer_span(&old->key.words)) &&
            lexical_agree(buffer_span(&asked->key.marks), buffer_span(&old->key.marks)));
}

/* Which of those found would be served, or |search.count|. */
static size_t candidate(const struct prompt *asked)
{
    size_t limit = search.count < NEAREST ? search.count : NEAREST;
    for (size_t i = 0; guarded && i < limit; i++)
        if (same(asked, &prompts[found_number(&search.best[i])]))
            return search.count;
    for (size_t i = 0; i < limit && search.best[i].cosine >= 0; i++) {
        const struct prompt *old = &prompts[found_number(&search.best[i])];
        if (!guarded ||
            guard_between(span_text(asked->raw), span_text(old->raw)) == GUARD_NONE)
            return i;
    }
    return search.count;
}

static void replay(uint32_t (*table)[2])
{
    struct blocks blocks = {0};
    for (uint32_t i = 0; i < count; i++) {
        memset(sums, 0, sizeof(sums));
        each_feature(prompts[i].text, i, add_feature);
        vectors_require(vector_encode(sums, DIMENSIONS, &vector), "an empty prompt");
        blocks_search(&blocks, &vector, &search);
        blocks_add(&blocks, &vector);
        size_t found = candidate(&prompts[i]);
        if (found == search.count)
            continue;
        const char *label = prompts[found_number(&search.best[found])].label;
        int right = strcmp(label, prompts[i].label) == 0 && strcmp(label, "oos") != 0;
        table[(int)(search.best[found].cosine * 1000 + 0.5)][!right]++;
    }
    blocks_free(&blocks);
}

int main(int argc, char **argv)
{
    static uint32_t table[1002][2];
    dice.state = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
    guarded = argc > 2 && strcmp(argv[2], "guarded") == 0;
    read_prompts();
    for (uint32_t i = 0; i < count; i++)
        each_feature(prompts[i].text, i, count_feature);
    replay(table);
    for (size_t i = 0; i < 1002; i++)
        if (table[i][0] + table[i][1])
            printf("%zu\t%u\t%u\n", i, table[i][0], table[i][1]);
    return 0;
}
