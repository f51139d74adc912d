/* SPDX-License-Identifier: MIT */
/* The guards, see guard.h. */
#include "guard.h"

#include "guard_words.h"
#include "lexical.h"
#include "store/memory.h"

#define LENGTH_PERCENT 67
#define SUBSTITUTED    3 /* content words, in one place */
#define ADDED_BEFORE   2 /* shared content words: fewer of them follow one that narrows */
#define NOBODY         UINT16_MAX

/* Two texts, and for each word of one which word of the other it is, if any. */
struct comparison {
    struct words a, b;
    uint16_t of_a[GUARD_WORDS], of_b[GUARD_WORDS];
};

static bool is_long(const struct comparison *both)
{
    return both->a.count > GUARD_LONG || both->b.count > GUARD_LONG;
}

/* -- pairing ------------------------------------------------------------------------- */

static void pair_one(struct comparison *both, size_t i, bool exact)
{
    struct span word = words_at(&both->a, i);
    for (size_t k = 0; k < both->b.count; k++) {
        struct span other = words_at(&both->b, k);
        if (both->of_b[k] == NOBODY &&
            (exact ? span_equal(word, other) : words_same(word, other))) {
            both->of_a[i] = (uint16_t)k;
            both->of_b[k] = (uint16_t)i;
            return;
        }
    }
}

/* Equal words first, then inflected ones; never a word with digits that is not equal. In a long
 * text an inflection is a difference: nothing quadratic but the comparison for equality. */
static void pair_words(struct comparison *both)
{
    memset(both->of_a, 0xff, sizeof(both->of_a));
    memset(both->of_b, 0xff, sizeof(both->of_b));
    for (size_t i = 0; i < both->a.count; i++)
        pair_one(both, i, true);
    for (size_t i = 0; i < both->a.count && !is_long(both); i++)
        if (both->of_a[i] == NOBODY && words_content(&both->a, i) &&
            !words_are(&both->a, i, WORD_NUMBER))
            pair_one(both, i, false);
}

/* -- guards -------------------------------------------------------------------------- */

/* A word of these classes that the other text lacks. */
static bool unpaired(const struct words *words, const uint16_t *of, unsigned classes)
{
    for (size_t i = 0; i < words->count; i++)
        if (of[i] == NOBODY && words_are(words, i, classes))
            return true;
    return false;
}

static bool either_unpaired(const struct comparison *both, unsigned classes)
{
    return unpaired(&both->a, both->of_a, classes) ||
           unpaired(&both->b, both->of_b, classes);
}

static size_t count_of(const struct words *words, unsigned classes)
{
    size_t count = 0;
    for (size_t i = 0; i < words->count; i++)
        count += words_are(words, i, classes);
    return count;
}

static bool length_differs(const struct comparison *both)
{
    size_t a = both->a.count, b = both->b.count;
    return 100 * (a < b ? a : b) < LENGTH_PERCENT * (a < b ? b : a);
}

static bool opposite(const struct comparison *both)
{
    for (size_t i = 0; i < both->a.count; i++)
        for (size_t k = 0; both->of_a[i] == NOBODY && k < both->b.count; k++)
            if (both->of_b[k] == NOBODY &&
                words_opposite(words_at(&both->a, i), words_at(&both->b, k)))
                return true;
    return false;
}

/* The direction that leads to content word |index|: no other content stands between. */
static struct span direction_of(const struct words *words, size_t index)
{
    for (size_t i = index; i-- > 0 && !words_content(words, i);)
        if (words_are(words, i, WORD_DIRECTION) || span_is(words_at(words, i), "by"))
            return words_at(words, i);
    return span_of(NULL, 0);
}

/* Whether |direction| leads to a word that both have. */
static bool leads(const struct words *words, const uint16_t *of, struct span direction)
{
    for (size_t i = 0; i < words->count; i++)
        if (of[i] != NOBODY && words_content(words, i) &&
            span_equal(direction_of(words, i), direction))
            return true;
    return false;
}

/* "From A to B" and "from B to A"; "X to Y" and "Y to X"; "A left B" and "A was left by B". */
static bool direction_differs(const struct comparison *both)
{
    for (size_t i = 0; i < both->a.count; i++) {
        if (both->of_a[i] == NOBODY || !words_content(&both->a, i))
            continue;
        struct span mine = direction_of(&both->a, i);
        struct span theirs = direction_of(&both->b, both->of_a[i]);
        if (span_equal(mine, theirs))
            continue;
        if ((mine.size && theirs.size) || span_is(mine, "by") || span_is(theirs, "by") ||
            (mine.size && leads(&both->b, both->of_b, mine)) ||
            (theirs.size && leads(&both->a, both->of_a, theirs)))
            return true;
    }
    return false;
}

/* 'i' for whoever asks, 'y' for whoever is asked, 0 for all other words, and for those of "tell me",
 * "I want to know". */
static char person(const struct words *words, size_t index)
{
    static const char *const before_me[] = {"tell", "let",  "give", "show",
                                            "help", "find", "get"};
    struct span word = words_at(words, index);
    if (span_is(word, "you") || span_is(word, "yourself"))
        return 'y';
    bool me = span_is(word, "me");
    if (!me && !span_is(word, "i") && !span_is(word, "myself"))
        return 0;
    for (size_t i = 0; me && index && i < sizeof(before_me) / sizeof(*before_me); i++)
        if (span_is(words_at(words, index - 1), before_me[i]))
            return 0;
    bool wants = span_is(word, "i") && index + 1 < words->count &&
                 (span_is(words_at(words, index + 1), "want") ||
                  span_is(words_at(words, index + 1), "need"));
    return wants ? 0 : 'i';
}

static size_t persons_of(const struct words *words, char *persons, bool *both)
{
    size_t count = 0;
    bool asking = false, asked = false;
    for (size_t i = 0; i < words->count; i++) {
        char one = person(words, i);
        if (one)
            persons[count++] = one;
        asking = asking || one == 'i';
        asked = asked || one == 'y';
    }
    *both = *both || (asking && asked);
    return count;
}

/* "What do you call me?", "What do I call you?" One alone may be anybody: how you do it, how I
 * do it. */
static bool persons_differ(const struct comparison *both)
{
    char mine[GUARD_WORDS], theirs[GUARD_WORDS];
    bool two = false;
    size_t count = persons_of(&both->a, mine, &two);
    size_t other = persons_of(&both->b, theirs, &two);
    return two && (count != other || memcmp(mine, theirs, count) != 0);
}

static size_t content_unpaired(const struct words *words, const uint16_t *of)
{
    size_t count = 0;
    for (size_t i = 0; i < words->count; i++)
        count += of[i] == NOBODY && words_content(words, i);
    return count;
}

/* One has content words more: several, or one that narrows what is asked for. That is told by its
 * place, near the end: "an average author", "a girl I like". */
static bool added_to(const struct words *words, const uint16_t *of)
{
    size_t added = 0, after = 0;
    for (size_t i = 0; i < words->count; i++) {
        bool content = words_content(words, i);
        added += content && of[i] == NOBODY;
        after += content && of[i] != NOBODY && added;
    }
    return added > 1 || after < ADDED_BEFORE;
}

/* Which place each content word that both have takes in b, in the order of a. */
static size_t shared_places(const struct comparison *both, uint16_t *places)
{
    size_t count = 0;
    for (size_t i = 0; i < both->a.count; i++)
        if (both->of_a[i] != NOBODY && words_content(&both->a, i))
            places[count++] = both->of_a[i];
    return count;
}

/* "best sport", not "sport is best": nothing between but articles. */
static bool beside(const struct words *words, size_t first, size_t second)
{
    size_t from = first < second ? first : second,
           until = first < second ? second : first;
    for (size_t i = from + 1; i < until; i++)
        if (!span_is(words_at(words, i), "the") && !span_is(words_at(words, i), "a"))
            return false;
    return true;
}

/* Neighbours change places in mere turns of phrase: "which sport is best", "the best sport". */
static bool turned(const struct comparison *both, size_t first, size_t second)
{
    const unsigned firm = WORD_NAME | WORD_NUMBER;
    if (words_are(&both->b, first, firm) && words_are(&both->b, second, firm))
        return false;
    return beside(&both->b, first, second) ||
           beside(&both->a, both->of_b[first], both->of_b[second]);
}

/* Whether exactly two words have changed places with each other. */
static bool exchanged(const struct comparison *both)
{
    uint16_t places[GUARD_WORDS];
    size_t count = shared_places(both, places), first = count, last = count;
    for (size_t i = 0; i < count; i++) {
        size_t before = 0;
        for (size_t k = 0; k < count; k++)
            before += places[k] < places[i];
        if (before == i)
            continue;
        if (first == count)
            first = i;
        else if (last == count)
            last = i;
        else
            return false;
    }
    return last < count &&
           (last - first > 1 || !turned(both, places[first], places[last]));
}

/* How many content words the other lacks when these stand together; else more than any number. */
static size_t block_of(const struct words *words, const uint16_t *of)
{
    size_t count = 0;
    bool ended = false;
    for (size_t i = 0; i < words->count; i++) {
        if (!words_content(words, i))
            continue;
        if (of[i] == NOBODY && ended)
            return GUARD_WORDS;
        count += of[i] == NOBODY;
        ended = count && of[i] != NOBODY;
    }
    return count;
}

/* Word for word the same but for content words in the same places, however many: "a comma in csv",
 * "a tab in tsv". */
static bool parallel(const struct comparison *both)
{
    size_t differ = 0;
    if (both->a.count != both->b.count)
        return false;
    for (size_t i = 0; i < both->a.count; i++) {
        if (span_equal(words_at(&both->a, i), words_at(&both->b, i)))
            continue;
        if (both->of_a[i] == i)
            continue; /* inflected */
        if (both->of_a[i] != NOBODY || both->of_b[i] != NOBODY ||
            !words_content(&both->a, i) || !words_content(&both->b, i))
            return false;
        differ++;
    }
    return differ > 0;
}

/* Up to three words in one place for up to three others. */
static bool substituted(const struct comparison *both)
{
    size_t mine = block_of(&both->a, both->of_a), theirs = block_of(&both->b, both->of_b);
    return (mine && theirs && mine <= SUBSTITUTED && theirs <= SUBSTITUTED) ||
           parallel(both);
}

static bool added(const struct comparison *both)
{
    size_t mine = content_unpaired(&both->a, both->of_a);
    size_t theirs = content_unpaired(&both->b, both->of_b);
    if (mine && theirs)
        return false;
    return (mine && added_to(&both->a, both->of_a)) ||
           (theirs && added_to(&both->b, both->of_b));
}

static bool negations_differ(const struct comparison *both)
{
    return count_of(&both->a, WORD_NEGATIVE) != count_of(&both->b, WORD_NEGATIVE);
}

/* A word in letters beyond ASCII that the other has not: whatever it means. */
static bool foreign_unpaired(const struct words *words, const uint16_t *of)
{
    for (size_t i = 0; i < words->count; i++)
        if (of[i] == NOBODY && words->folded.at[words->list[i].at] >= 0x80)
            return true;
    return false;
}

static bool content_differs(const struct comparison *both)
{
    return foreign_unpaired(&both->a, both->of_a) ||
           foreign_unpaired(&both->b, both->of_b) ||
           (is_long(both) && content_unpaired(&both->a, both->of_a) +
                                 content_unpaired(&both->b, both->of_b));
}

static bool number_differs(const struct comparison *both)
{
    return either_unpaired(both, WORD_NUMBER);
}

static bool symbol_differs(const struct comparison *both)
{
    return either_unpaired(both, WORD_SYMBOL);
}

static bool quote_differs(const struct comparison *both)
{
    return either_unpaired(both, WORD_QUOTED);
}

/* Not even without its capital. */
static bool name_differs(const struct comparison *both)
{
    return either_unpaired(both, WORD_NAME);
}

static bool has(const struct words *words, const char *word)
{
    for (size_t i = 0; i < words->count; i++)
        if (span_is(words_at(words, i), word))
            return true;
    return false;
}

/* One asks with |first|, the other one with |second|. */
static bool ask(const struct comparison *both, const char *first, const char *second)
{
    return (has(&both->a, first) && has(&both->b, second)) ||
           (has(&both->a, second) && has(&both->b, first));
}

/* "How does it feel like?" asks what it feels like; "How do I fly?", what is the way to fly. */
static bool how_is_what(const struct comparison *both)
{
    bool like = has(&both->a, "like") && has(&both->b, "like");
    return ask(both, "how", "what") &&
           (like || ask(both, "how", "way") || ask(both, "how", "ways")) &&
           count_of(&both->a, WORD_ASKING) + count_of(&both->b, WORD_ASKING) == 1;
}

/* "How long" and "how much" are two questions, and "how" is another one. */
static struct span measure_of(const struct words *words, bool *how)
{
    static const char *const measures[] = {"long", "much", "many", "often",
                                           "far",  "old",  "big",  "tall",
                                           "fast", "high", "deep", "soon"};
    struct span none = {0};
    *how = false;
    for (size_t i = 0; i < words->count; i++) {
        if (!span_is(words_at(words, i), "how"))
            continue;
        *how = true;
        for (size_t k = 0;
             i + 1 < words->count && k < sizeof(measures) / sizeof(*measures); k++)
            if (span_is(words_at(words, i + 1), measures[k]))
                return words_at(words, i + 1);
    }
    return none;
}

static bool measures_differ(const struct comparison *both)
{
    bool mine, theirs;
    struct span a = measure_of(&both->a, &mine), b = measure_of(&both->b, &theirs);
    return mine && theirs && !span_equal(a, b);
}

static bool question_differs(const struct comparison *both)
{
    return measures_differ(both) ||
           (either_unpaired(both, WORD_ASKING) && !how_is_what(both));
}

static const struct {
    enum guard guard;
    bool (*found)(const struct comparison *both);
} guards[] = {
    {GUARD_LENGTH, length_differs},
    {GUARD_NUMBER, number_differs},
    {GUARD_NEGATION, negations_differ},
    {GUARD_SYMBOL, symbol_differs},
    {GUARD_QUOTE, quote_differs},
    {GUARD_NAME, name_differs},
    {GUARD_QUESTION, question_differs},
    {GUARD_DIFFERENCE, content_differs},
    {GUARD_OPPOSITE, opposite},
    {GUARD_DIRECTION, direction_differs},
    {GUARD_DIRECTION, persons_differ},
    {GUARD_SUBSTITUTION, substituted},
    {GUARD_ADDITION, added},
    {GUARD_ORDER, exchanged},
};

static enum guard compare(const struct comparison *both)
{
    for (size_t i = 0; i < sizeof(guards) / sizeof(*guards); i++)
        if (guards[i].found(both))
            return guards[i].guard;
    return GUARD_NONE;
}

/* What one text says by itself; |alone| when the other is another one. */
static enum guard guard_of(enum lexical_verdict verdict, bool alone)
{
    switch (verdict) {
    case LEXICAL_KEY:
        return GUARD_NONE;
    case LEXICAL_FRESH:
        return alone ? GUARD_FRESH : GUARD_NONE;
    case LEXICAL_ACCOUNT:
        return alone ? GUARD_ACCOUNT : GUARD_NONE;
    case LEXICAL_LONG:
        return GUARD_LIMIT;
    case LEXICAL_MEMORY:
        return GUARD_MEMORY;
    default:
        return GUARD_TEXT;
    }
}

static enum guard read_words(struct span plain, struct words *words)
{
    if (words_read(plain, words))
        return GUARD_NONE;
    return buffer_ok(&words->folded) ? GUARD_LIMIT : GUARD_MEMORY;
}

static enum guard read_both(struct comparison *both, struct span asked,
                            struct span stored)
{
    struct buffer a = {0}, b = {0};
    enum lexical_verdict one = lexical_plain(asked, &a);
    enum lexical_verdict other = lexical_plain(stored, &b);
    bool alone = !span_equal(buffer_span(&a), buffer_span(&b));
    enum guard result = guard_of(one, alone);
    if (result == GUARD_NONE)
        result = guard_of(other, alone);
    if (result == GUARD_NONE)
        result = read_words(buffer_span(&a), &both->a);
    if (result == GUARD_NONE)
        result = read_words(buffer_span(&b), &both->b);
    buffer_free(&a);
    buffer_free(&b);
    return result;
}

enum guard guard_between(struct span asked, struct span stored)
{
    struct comparison *both = memory_new(sizeof(*both));
    if (!both)
        return GUARD_MEMORY;
    enum guard result = read_both(both, asked, stored);
    if (result == GUARD_NONE) {
        pair_words(both);
        result = compare(both);
    }
    words_free(&both->a);
    words_free(&both->b);
    memory_free(both);
    return result;
}

const char *guard_text(enum guard guard)
{
    static const char *const texts[GUARD_VERDICTS] = {"nothing",
                                                      "too long or empty",
                                                      "length",
                                                      "a number",
                                                      "a negation",
                                                      "a symbol",
                                                      "a quotation",
                                                      "a name",
                                                      "the question word",
                                                      "an opposite",
                                                      "a direction",
                                                      "one word for another",
                                                      "words added",
                                                      "order",
                                                      "a difference in a long text",
                                                      "memory is short",
                                                      "freshness words",
                                                      "account words",
                                                      "special characters"};
    return guard < GUARD_VERDICTS ? texts[guard] : "unknown";
}
