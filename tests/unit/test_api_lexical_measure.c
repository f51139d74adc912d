/* SPDX-License-Identifier: MIT */
/* The lexical keys measured: no labelled near miss is served, nearly all of the harmless variants of
 * questions are. */
#include "lexical_variants.h"

#include "core/api/english.h"

static void test_pairs(void)
{
    char line[TEXT];
    unsigned negatives = 0, wrong = 0, positives = 0, hits = 0;
    FILE *file = fopen(PLACE "pairs.tsv", "r");
    CHECK(file != NULL);
    while (file && fgets(line, sizeof(line), file)) {
        line[strcspn(line, "\n")] = 0;
        char *one = strchr(line, '\t') + 1, *tab = strchr(one, '\t');
        *tab = 0;
        bool served = same(one, tab + 1);
        negatives += line[0] == '0';
        positives += line[0] == '1';
        hits += line[0] == '1' && served;
        wrong += line[0] == '0' && served;
        unit_check(line[0] == '1' || !served, __FILE__, __LINE__, "%s serves %s", one,
                   tab + 1);
    }
    if (file)
        fclose(file);
    CHECK(negatives > 2500);
    printf("labelled: %u of %u negatives, %u of %u paraphrases served\n", wrong,
           negatives, hits, positives);
}

struct share {
    unsigned all, hits, ineligible; /* of |all| those whose original has no key */
};

static void share_add(struct share *to, const struct share *one)
{
    to->all += one->all;
    to->hits += one->hits;
    to->ineligible += one->ineligible;
}

static double percent(unsigned part, unsigned whole)
{
    return whole ? 100.0 * part / whole : 100;
}

/* Of those that may be answered by words at all, and of all of them. */
static void share_print(const char *name, const struct share *share)
{
    unsigned eligible = share->all - share->ineligible;
    printf("%s: %u of %u, %.2f %% (%.2f %% of all %u)\n", name, share->hits, eligible,
           percent(share->hits, eligible), percent(share->hits, share->all), share->all);
}

static struct share measure_one(change *make)
{
    static char out[TEXT * 3];
    struct share share = {0};
    for (size_t q = 0; q < question_count; q++) {
        if (!make(questions[q], out))
            continue;
        bool key = has_key(questions[q]);
        share.all++;
        share.ineligible += !key;
        share.hits += key && same(questions[q], out);
    }
    return share;
}

static void measure(const struct variants *kind)
{
    struct share all = {0};
    for (unsigned i = 0; i < 8 && kind->changes[i]; i++) {
        char name[64];
        struct share one = measure_one(kind->changes[i]);
        snprintf(name, sizeof(name), "    %s %u", kind->name, i + 1);
        share_print(name, &one);
        share_add(&all, &one);
    }
    share_print(kind->name, &all);
    unit_check(all.all > 50 && all.hits >= kind->least * (all.all - all.ineligible),
               __FILE__, __LINE__, "%s: %u of %u", kind->name, all.hits,
               all.all - all.ineligible);
}

/* Why the rest has none. */
static void print_verdicts(void)
{
    unsigned counts[LEXICAL_VERDICTS] = {0};
    for (size_t q = 0; q < question_count; q++) {
        struct lexical_key key = {0};
        counts[lexical_key(span_text(questions[q]), NULL, &key)]++;
        lexical_key_free(&key);
    }
    for (int verdict = 0; verdict < LEXICAL_VERDICTS; verdict++)
        if (counts[verdict])
            printf("%s: %u of %zu questions\n",
                   lexical_text((enum lexical_verdict)verdict), counts[verdict],
                   question_count);
}

static void test_variants(void)
{
    print_verdicts();
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        measure(&kinds[i]);
}

/* -- typos ---------------------------------------------------------------------------------- */

enum edit { EXCHANGED, DROPPED, ADDED, ANOTHER, EDITS };

/* |word| with one edit, not of its first letter, into |out|. False: it is none, makes another word, or
 * leaves too little. */
static bool edit(const char *word, enum edit kind, char *out)
{
    size_t size = strlen(word), at = 1 + draw((uint32_t)size - 1);
    char letter = (char)('a' + draw(26));
    strcpy(out, word);
    switch (kind) {
    case EXCHANGED:
        at -= at + 1 == size;
        out[at] = word[at + 1];
        out[at + 1] = word[at];
        break;
    case DROPPED:
        strcpy(out + at, word + at + 1);
        break;
    case ADDED:
        sprintf(out + at, "%c%s", letter, word + at);
        break;
    default:
        out[at] = letter;
    }
    return strlen(out) >= 5 && strcmp(word, out) != 0 && !english_has(span_text(out));
}

static bool misspell(const char *text, enum edit kind, char *out)
{
    static struct words words;
    static char wrong[TEXT];
    if (!split(text, &words))
        return false;
    char **word = &words.at[draw(words.count)];
    if (!is_content(*word) || isupper((unsigned char)(*word)[0]) ||
        !edit(*word, kind, wrong))
        return false;
    *word = wrong;
    join(&words, out);
    return true;
}

static void test_typos(void)
{
    static const char *const names[] = {"exchanged", "dropped", "added", "another"};
    static char out[TEXT * 3];
    unsigned all = 0, hits = 0, blind = 0, few = 0;
    struct vocabulary *empty = vocabulary_new();
    CHECK(empty != NULL);
    for (enum edit kind = 0; kind < EDITS; kind++) {
        unsigned one_all = 0, one_hits = 0;
        for (size_t i = 0; i < 3 * question_count; i++) {
            const char *question = questions[i % question_count];
            if (!has_key(question) || !misspell(question, kind, out))
                continue;
            one_all++;
            one_hits += serves(question, out, crowd);
            few += serves(question, out, vocabulary);
            blind += serves(question, out, NULL) || serves(question, out, empty);
        }
        printf("    letter %s: %u of %u\n", names[kind], one_hits, one_all);
        all += one_all;
        hits += one_hits;
    }
    vocabulary_free(empty);
    printf("typos: of %u, with a vocabulary of %u prompts %u, %.1f %%, of %u %u, of none "
           "%u\n",
           all, vocabulary_prompts(crowd), hits, 100.0 * hits / all,
           vocabulary_prompts(vocabulary), few, blind);
    CHECK_INT(blind, 0);
    CHECK(all > 6000 && hits * 100 >= all * 75);
}

/* No word of these lists is a misspelling of another one. */
static void test_words(void)
{
    char line[TEXT];
    unsigned all = 0, wrong = 0;
    FILE *file = fopen("/usr/share/dict/american-english-large", "r");
    CHECK(file != NULL);
    while (file && fgets(line, sizeof(line), file)) {
        size_t size = strcspn(line, "\n");
        for (size_t i = 0; i < size; i++)
            line[i] = (char)tolower((unsigned char)line[i]);
        line[size] = 0;
        if (!is_content(line))
            continue;
        struct lexical_key plain = {0}, folded = {0};
        enum lexical_verdict verdict = lexical_key(span_text(line), NULL, &plain);
        if (verdict == LEXICAL_KEY) {
            all++;
            verdict = lexical_key(span_text(line), crowd, &folded);
            wrong += verdict != LEXICAL_KEY ||
                     !span_equal(buffer_span(&plain.words), buffer_span(&folded.words));
        }
        lexical_key_free(&plain);
        lexical_key_free(&folded);
    }
    if (file)
        fclose(file);
    printf("English words taken for misspelt: %u of %u\n", wrong, all);
    CHECK(all > 40000);
    CHECK_INT(wrong, 0);
}

int main(int count, char **arguments)
{
    questions_begin(count, arguments);
    CHECK(vocabulary_prompts(crowd) >= 20000);
    RUN(test_pairs);
    RUN(test_variants);
    RUN(test_typos);
    RUN(test_words);
    questions_end();
    return unit_end();
}
