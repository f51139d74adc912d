/* SPDX-License-Identifier: MIT */
/* The lexical keys measured: no labelled near miss is served, none of thousands of changes to real
 * questions, nearly all of the harmless variants; a look at 200 words takes no time. */
#include "unit.h"

#include "core/api/lexical.h"

#include <ctype.h>
#include <stdlib.h>
#include <time.h>
#include <utf8proc.h>

#define PLACE "tests/semantic/"
#define TEXT  9000

/* Learned from every question once; and from more than 20,000 prompts. */
static struct vocabulary *vocabulary, *crowd;
static char **questions;
static size_t question_count;

/* -- keys ----------------------------------------------------------------------------------- */

/* Would |other| be answered by |one|, which is filed as it is written? */
static bool serves(const char *one, const char *other, const struct vocabulary *words)
{
    struct lexical_key a = {0}, b = {0};
    bool keys = lexical_key(span_text(one), NULL, &a) == LEXICAL_KEY;
    keys = keys && lexical_key(span_text(other), words, &b) == LEXICAL_KEY;
    bool equal = keys && span_equal(buffer_span(&a.words), buffer_span(&b.words)) &&
                 lexical_agree(buffer_span(&a.marks), buffer_span(&b.marks));
    lexical_key_free(&a);
    lexical_key_free(&b);
    return equal;
}

static bool same(const char *one, const char *other)
{
    return serves(one, other, NULL) || serves(one, other, vocabulary) ||
           serves(other, one, vocabulary) || serves(one, other, crowd) ||
           serves(other, one, crowd);
}

static bool has_key(const char *text)
{
    return serves(text, text, NULL);
}

/* -- random numbers that are the same in every run ------------------------------------------ */

static uint32_t seed = 20261127;

static uint32_t draw(uint32_t limit)
{
    seed = seed * 1664525 + 1013904223;
    return (uint32_t)(((uint64_t)seed * limit) >> 32);
}

/* -- data ----------------------------------------------------------------------------------- */

/* What is recorded when |text| is: nothing of what has no key. */
static void teach(struct vocabulary *pupil, const char *text)
{
    struct lexical *read;
    struct buffer words = {0};
    if (lexical_open(span_text(text), &read) != LEXICAL_KEY)
        return;
    lexical_words(read, &words);
    CHECK(buffer_ok(&words) && vocabulary_add(pupil, buffer_span(&words)));
    buffer_free(&words);
    lexical_close(read);
}

static void load_questions(void)
{
    char line[TEXT];
    FILE *file = fopen(PLACE "questions.tsv", "r");
    CHECK(file != NULL);
    while (file && fgets(line, sizeof(line), file)) {
        line[strcspn(line, "\n")] = 0;
        char **more = realloc(questions, (question_count + 1) * sizeof(*more));
        if (!more)
            exit(71);
        questions = more;
        questions[question_count++] = strdup(line);
        teach(vocabulary, line);
    }
    if (file)
        fclose(file);
}

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

/* -- what changes nothing ------------------------------------------------------------------- */

typedef bool change(const char *text, char *out);

static bool set(char *out, const char *before, const char *text, const char *behind)
{
    snprintf(out, TEXT, "%s%s%s", before, text, behind);
    return true;
}

static bool each(const char *text, char *out, int (*letter)(int))
{
    size_t i = 0;
    for (; text[i]; i++)
        out[i] = (char)((text[i] & 0x80) ? text[i] : letter(text[i]));
    out[i] = 0;
    return strcmp(text, out) != 0;
}

static bool to_lower(const char *text, char *out)
{
    return each(text, out, tolower);
}

static bool to_upper(const char *text, char *out)
{
    return each(text, out, toupper);
}

static bool lower_first(const char *text, char *out)
{
    set(out, "", text, "");
    out[0] = (char)tolower(text[0]);
    return out[0] != text[0];
}

static bool to_title(const char *text, char *out)
{
    to_lower(text, out);
    for (size_t i = 0; out[i]; i++)
        if (i == 0 || out[i - 1] == ' ')
            out[i] = (char)((out[i] & 0x80) ? out[i] : toupper(out[i]));
    return strcmp(text, out) != 0;
}

static bool replace(const char *text, char *out, const char *from, const char *to)
{
    size_t used = 0;
    bool any = false;
    while (*text) {
        if (strncmp(text, from, strlen(from)) == 0) {
            used += (size_t)sprintf(out + used, "%s", to);
            text += strlen(from);
            any = true;
        } else {
            out[used++] = *text++;
        }
    }
    out[used] = 0;
    return any;
}

static bool two_blanks(const char *text, char *out)
{
    return replace(text, out, " ", "  ");
}

static bool tabs(const char *text, char *out)
{
    return replace(text, out, " ", "\t");
}

static bool lines(const char *text, char *out)
{
    return replace(text, out, " ", "\n");
}

static bool outer_blanks(const char *text, char *out)
{
    return set(out, "  ", text, " \n");
}

static bool no_end(const char *text, char *out)
{
    set(out, "", text, "");
    size_t size = strlen(out);
    while (size && strchr("?.!", out[size - 1]))
        out[--size] = 0;
    return size > 0 && strcmp(text, out) != 0;
}

static bool more_marks(const char *text, char *out)
{
    return set(out, "", text, "??");
}

static bool dots(const char *text, char *out)
{
    return set(out, "", text, "...");
}

static bool spaced_mark(const char *text, char *out)
{
    return no_end(text, out) && strcat(out, " ?");
}

static bool exclaimed(const char *text, char *out)
{
    return no_end(text, out) && strcat(out, "!");
}

static bool no_commas(const char *text, char *out)
{
    return replace(text, out, ", ", " ");
}

static bool no_break(const char *text, char *out)
{
    return replace(text, out, " ", "\xc2\xa0");
}

static bool curly(const char *text, char *out)
{
    return replace(text, out, "'", "\xe2\x80\x99");
}

static bool full_width(const char *text, char *out)
{
    size_t used = 0;
    for (; *text; text++)
        used += *text > ' ' && !(*text & 0x80)
                    ? (size_t)utf8proc_encode_char(*text + 0xfee0, (uint8_t *)out + used)
                    : (size_t)sprintf(out + used, "%c", *text);
    out[used] = 0;
    return true;
}

static bool decomposed(const char *text, char *out)
{
    utf8proc_uint8_t *form = utf8proc_NFD((const utf8proc_uint8_t *)text);
    set(out, "", form ? (const char *)form : text, "");
    free(form);
    return strcmp(text, out) != 0;
}

static bool asks(const char *text)
{
    static const char *const words[] = {"what ", "what's ", "how ",   "why ",   "who ",
                                        "when ", "where ",  "which ", "is ",    "are ",
                                        "can ",  "do ",     "does ",  "should "};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (strncasecmp(text, words[i], strlen(words[i])) == 0)
            return true;
    return false;
}

static bool please(const char *text, char *out)
{
    return asks(text) && set(out, "Please ", text, "");
}

static bool can_you(const char *text, char *out)
{
    return asks(text) && set(out, "Can you please tell me ", text, "");
}

static bool want_to_know(const char *text, char *out)
{
    return asks(text) && set(out, "I want to know ", text, "");
}

static bool hi_thanks(const char *text, char *out)
{
    size_t size = strlen(text);
    return size && text[size - 1] == '?' && asks(text) &&
           set(out, "Hi, ", text, " Thanks!");
}

static bool end_please(const char *text, char *out)
{
    return asks(text) && no_end(text, out) && strcat(out, ", please?");
}

static const char *const contractions[][2] = {
    {"What is ", "What's "}, {"what is ", "what's "},     {"Where is ", "Where's "},
    {" do not ", " don't "}, {" does not ", " doesn't "}, {" did not ", " didn't "},
    {" is not ", " isn't "}, {"I am ", "I'm "},           {"i am ", "i'm "},
    {" cannot ", " can't "}, {" will not ", " won't "},   {"How is ", "How's "},
};

/* A text to be worked on keeps its contractions. */
static bool contracted(const char *text, char *out)
{
    if (strstr(text, ": "))
        return false;
    for (size_t i = 0; i < sizeof(contractions) / sizeof(*contractions); i++)
        if (replace(text, out, contractions[i][0], contractions[i][1]))
            return true;
    return false;
}

static bool expanded(const char *text, char *out)
{
    if (strstr(text, ": "))
        return false;
    for (size_t i = 0; i < sizeof(contractions) / sizeof(*contractions); i++)
        if (replace(text, out, contractions[i][1], contractions[i][0]))
            return true;
    return false;
}

struct variants {
    const char *name;
    double least; /* share that must be served */
    change *changes[8];
};

static const struct variants kinds[] = {
    {"case", 0.97, {to_lower, to_upper, lower_first}},
    {"title case", 0.85, {to_title}},
    {"space", 0.97, {two_blanks, tabs, lines, outer_blanks}},
    {"punctuation", 0.97, {no_end, more_marks, dots, spaced_mark, exclaimed, no_commas}},
    {"unicode", 0.97, {no_break, curly, full_width, decomposed}},
    {"politeness", 0.97, {please, can_you, want_to_know, hi_thanks, end_please}},
    {"contractions", 0.97, {contracted, expanded}},
};

static void measure(const struct variants *kind)
{
    static char out[TEXT * 3];
    unsigned all = 0, hits = 0;
    for (unsigned i = 0; i < 8 && kind->changes[i]; i++) {
        unsigned one_all = 0, one_hits = 0;
        for (size_t q = 0; q < question_count; q++) {
            if (!has_key(questions[q]) || !kind->changes[i](questions[q], out))
                continue;
            one_all++;
            one_hits += same(questions[q], out);
        }
        printf("    %s %u: %u of %u, %.2f %%\n", kind->name, i + 1, one_hits, one_all,
               100.0 * one_hits / one_all);
        all += one_all;
        hits += one_hits;
    }
    printf("%s: %u of %u, %.2f %%\n", kind->name, hits, all, 100.0 * hits / all);
    unit_check(all > 50 && hits >= kind->least * all, __FILE__, __LINE__, "%s: %u of %u",
               kind->name, hits, all);
}

/* As many people would ask. */
static void gather_crowd(void)
{
    static char out[TEXT * 3];
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        for (unsigned k = 0; k < 8 && kinds[i].changes[k]; k++)
            for (size_t q = 0; q < question_count; q++)
                if (vocabulary_prompts(crowd) < 25000 &&
                    kinds[i].changes[k](questions[q], out))
                    teach(crowd, out);
    CHECK(vocabulary_prompts(crowd) >= 20000);
}

static void test_variants(void)
{
    unsigned keys = 0;
    for (size_t q = 0; q < question_count; q++)
        keys += has_key(questions[q]);
    printf("keys: %u of %zu questions\n", keys, question_count);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        measure(&kinds[i]);
}

/* -- what changes the question -------------------------------------------------------------- */

struct words {
    char text[TEXT];
    char *at[400];
    unsigned count;
};

static bool split(const char *text, struct words *words)
{
    set(words->text, "", text, "");
    words->count = 0;
    for (char *word = strtok(words->text, " "); word && words->count < 400;
         word = strtok(NULL, " "))
        words->at[words->count++] = word;
    return words->count > 2;
}

static void join(const struct words *words, char *out)
{
    size_t used = 0;
    for (unsigned i = 0; i < words->count; i++)
        used +=
            (size_t)snprintf(out + used, TEXT - used, "%s%s", i ? " " : "", words->at[i]);
}

static bool is_content(const char *word)
{
    size_t size = strlen(word);
    for (size_t i = 0; i < size; i++)
        if (!isalpha((unsigned char)word[i]))
            return false;
    return size >= 5;
}

static const char *any_content(void)
{
    static struct words words;
    for (unsigned i = 0; i < 1000; i++) {
        if (!split(questions[draw((uint32_t)question_count)], &words))
            continue;
        const char *word = words.at[draw(words.count)];
        if (is_content(word))
            return word;
    }
    return "xylophone";
}

static bool change_digit(const char *text, char *out)
{
    set(out, "", text, "");
    size_t at = strcspn(out, "0123456789");
    if (!out[at])
        return false;
    out[at] = (char)('0' + (out[at] - '0' + 1 + (int)draw(8)) % 10);
    return true;
}

static bool add_digit(const char *text, char *out)
{
    size_t at = strcspn(text, "0123456789");
    if (!text[at])
        return false;
    sprintf(out, "%.*s%u%s", (int)at + 1, text, draw(10), text + at + 1);
    return true;
}

static bool change_one_of(const char *text, char *out, const char *const *list,
                          unsigned count)
{
    static struct words words;
    if (!split(text, &words))
        return false;
    for (unsigned i = 0; i < words.count; i++)
        for (unsigned k = 0; k < count; k++)
            if (strcasecmp(words.at[i], list[k]) == 0) {
                words.at[i] = (char *)(uintptr_t)list[(k + 1 + draw(count - 1)) % count];
                join(&words, out);
                return true;
            }
    return false;
}

static bool change_number_word(const char *text, char *out)
{
    static const char *const list[] = {"one",   "two",   "three", "four",  "five",
                                       "six",   "seven", "ten",   "first", "second",
                                       "third", "half",  "double"};
    return change_one_of(text, out, list, 13);
}

static bool change_unit(const char *text, char *out)
{
    static const char *const list[] = {
        "km",    "miles", "meters",  "kg",         "pounds", "grams", "ounces",
        "hours", "days",  "minutes", "weeks",      "months", "years", "USD",
        "EUR",   "GBP",   "dollars", "euros",      "MB",     "Mb",    "GB",
        "mg",    "ml",    "celsius", "fahrenheit", "percent"};
    return change_one_of(text, out, list, 26);
}

static bool change_question(const char *text, char *out)
{
    static const char *const list[] = {"what", "how",   "why",  "who",
                                       "when", "where", "which"};
    return change_one_of(text, out, list, 7);
}

static bool change_polarity(const char *text, char *out)
{
    static const char *const list[] = {
        "more",   "less",     "most",     "least", "before", "after", "with", "without",
        "always", "never",    "all",      "some",  "none",   "and",   "or",   "can",
        "cannot", "his",      "her",      "he",    "she",    "is",    "was",  "to",
        "from",   "increase", "decrease", "up",    "down"};
    return change_one_of(text, out, list, 29);
}

static bool insert(const char *text, char *out, const char *word, bool anywhere)
{
    static struct words words;
    if (!split(text, &words) || words.count >= 399)
        return false;
    unsigned at = anywhere ? 1 + draw(words.count - 1) : words.count - 1;
    memmove(words.at + at + 1, words.at + at, (words.count - at) * sizeof(*words.at));
    words.at[at] = (char *)(uintptr_t)word;
    words.count++;
    join(&words, out);
    return true;
}

static bool negate(const char *text, char *out)
{
    static const char *const list[] = {"not", "never", "no", "NOT", "hardly"};
    return insert(text, out, list[draw(5)], true);
}

static bool qualify(const char *text, char *out)
{
    static const char *const list[] = {"really", "only",  "online", "free",    "best",
                                       "new",    "just",  "safely", "exactly", "some",
                                       "every",  "black", "cheap"};
    return insert(text, out, list[draw(13)], true);
}

static bool qualify_end(const char *text, char *out)
{
    static const char *const list[] = {" in India",  " without sugar", " for free",
                                       " in 1990",   " at home",       " on Linux",
                                       " in French", " for children",  " again",
                                       " alone",     ", or not",       " with salt"};
    return no_end(text, out) && strcat(out, list[draw(12)]);
}

static bool change_content(const char *text, char *out)
{
    static struct words words;
    if (!split(text, &words))
        return false;
    unsigned at = draw(words.count);
    const char *other = any_content();
    if (!is_content(words.at[at]) || strcasecmp(words.at[at], other) == 0)
        return false;
    words.at[at] = (char *)(uintptr_t)other;
    join(&words, out);
    return true;
}

static bool drop_content(const char *text, char *out)
{
    static struct words words;
    if (!split(text, &words))
        return false;
    unsigned at = draw(words.count);
    if (!is_content(words.at[at]) || strcasecmp(words.at[at], "please") == 0)
        return false;
    words.at[at] = (char *)(uintptr_t) "";
    join(&words, out);
    return true;
}

static bool change_entity(const char *text, char *out)
{
    static const char *const names[] = {"Norway", "Maria",  "Toyota",
                                        "Berlin", "Kotlin", "Nile"};
    static struct words words;
    if (!split(text, &words))
        return false;
    for (unsigned i = 1; i < words.count; i++)
        if (isupper((unsigned char)words.at[i][0]) && is_content(words.at[i])) {
            words.at[i] = (char *)(uintptr_t)names[draw(6)];
            join(&words, out);
            return strcmp(text, out) != 0;
        }
    return false;
}

static bool exchange(const char *text, char *out)
{
    static struct words words;
    if (!split(text, &words))
        return false;
    unsigned one = draw(words.count), other = draw(words.count);
    if (!is_content(words.at[one]) || !is_content(words.at[other]) ||
        strcasecmp(words.at[one], words.at[other]) == 0)
        return false;
    char *word = words.at[one];
    words.at[one] = words.at[other];
    words.at[other] = word;
    join(&words, out);
    return true;
}

static bool add_symbol(const char *text, char *out)
{
    static const char *const list[] = {"#", "++",           "%", "*", "$",
                                       "+", "\xe2\x82\xac", "&", "@"};
    static struct words words;
    static char marked[300];
    if (!split(text, &words))
        return false;
    unsigned at = draw(words.count);
    if (!isalnum((unsigned char)words.at[at][strlen(words.at[at]) - 1]))
        return false;
    snprintf(marked, sizeof(marked), "%s%s", words.at[at], list[draw(9)]);
    words.at[at] = marked;
    join(&words, out);
    return true;
}

static bool change_symbol(const char *text, char *out)
{
    return replace(text, out, "$", "\xe2\x82\xac") || replace(text, out, "C++", "C#") ||
           replace(text, out, "%", "") || replace(text, out, "+", "-") ||
           replace(text, out, "&", "/") || replace(text, out, "#", "");
}

static const struct {
    const char *name;
    change *make;
} breaks[] = {
    {"digit", change_digit},
    {"more digits", add_digit},
    {"number word", change_number_word},
    {"unit", change_unit},
    {"question word", change_question},
    {"polarity", change_polarity},
    {"negation", negate},
    {"qualifier", qualify},
    {"qualifier at the end", qualify_end},
    {"content word", change_content},
    {"content word dropped", drop_content},
    {"entity", change_entity},
    {"word order", exchange},
    {"symbol added", add_symbol},
    {"symbol", change_symbol},
};

static void test_breaks(void)
{
    static char out[TEXT * 3];
    unsigned all = 0;
    for (size_t i = 0; i < sizeof(breaks) / sizeof(*breaks); i++) {
        unsigned made = 0, wrong = 0;
        for (size_t q = 0; q < question_count; q++) {
            if (!has_key(questions[q]) || !breaks[i].make(questions[q], out))
                continue;
            made++;
            bool served = same(questions[q], out);
            wrong += served;
            unit_check(!served, __FILE__, __LINE__, "%s: %s serves %s", breaks[i].name,
                       questions[q], out);
        }
        printf("%s: %u of %u served\n", breaks[i].name, wrong, made);
        all += made;
    }
    CHECK(all >= 5000);
    printf("changes: %u\n", all);
}

/* Fifty to four hundred words of real questions in which one place differs. */
static void test_long_breaks(void)
{
    static char text[TEXT], out[TEXT * 3];
    unsigned made = 0, wrong = 0;
    for (unsigned i = 0; i < 600; i++) {
        unsigned wanted = 300 + draw(2000);
        for (text[0] = 0; strlen(text) < wanted;) {
            const char *more = questions[draw((uint32_t)question_count)];
            if (!has_key(more) || strlen(more) > 400 || strchr(more, ':'))
                continue;
            strcat(strcat(text, more), " ");
        }
        size_t kind = draw(sizeof(breaks) / sizeof(*breaks));
        if (!has_key(text) || !breaks[kind].make(text, out))
            continue;
        made++;
        bool served = same(text, out);
        wrong += served;
        unit_check(!served, __FILE__, __LINE__, "%s: %s serves %s", breaks[kind].name,
                   text, out);
    }
    CHECK(made > 100);
    printf("long: %u of %u served\n", wrong, made);
}

/* -- typos ---------------------------------------------------------------------------------- */

enum edit { EXCHANGED, DROPPED, ADDED, ANOTHER, EDITS };

/* |word| with one edit, not of its first letter, into |out|. False: it is none, or leaves too little. */
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
    return strlen(out) >= 5 && strcmp(word, out) != 0;
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
        for (size_t q = 0; q < question_count; q++) {
            if (!has_key(questions[q]) || !misspell(questions[q], kind, out))
                continue;
            one_all++;
            one_hits += serves(questions[q], out, crowd);
            few += serves(questions[q], out, vocabulary);
            blind += serves(questions[q], out, NULL) || serves(questions[q], out, empty);
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
    CHECK(all > 2000 && hits * 100 >= all * 75);
}

/* No word of these lists is a misspelling of another one. */
static void test_words(void)
{
    char line[TEXT];
    unsigned all = 0, wrong = 0;
    FILE *file = fopen("/usr/share/dict/american-english", "r");
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

/* -- time ----------------------------------------------------------------------------------- */

static double seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* The best of many: what the machine does besides is no part of it. */
static double cost(const char *text, const struct vocabulary *words)
{
    double best = 1;
    for (unsigned i = 0; i < 300; i++) {
        struct lexical_key key = {0};
        double start = seconds();
        if (lexical_key(span_text(text), words, &key) != LEXICAL_KEY)
            best = 0;
        double time = seconds() - start;
        best = time < best ? time : best;
        lexical_key_free(&key);
    }
    return best * 1e6;
}

/* Of a second look at a text that has been read, with its typos put right. */
static double fold_cost(const char *text, enum lexical_verdict wanted)
{
    double best = 1;
    struct lexical *read;
    CHECK_INT(lexical_open(span_text(text), &read), LEXICAL_KEY);
    for (unsigned i = 0; i < 300; i++) {
        struct lexical_key key = {0};
        double start = seconds();
        if (lexical_make(read, crowd, &key) != wanted)
            best = 0;
        double time = seconds() - start;
        best = time < best ? time : best;
        lexical_key_free(&key);
    }
    lexical_close(read);
    return best * 1e6;
}

static void test_time(void)
{
    static char ascii[TEXT], accents[TEXT];
    for (unsigned i = 0; i < 25; i++) {
        strcat(ascii, "how does the river carry that much sand ");
        strcat(accents, "how does the caf\xc3\xa9 carry that much sand ");
    }
    double plain = cost(ascii, NULL), foreign = cost(accents, NULL);
    double taught = fold_cost(ascii, LEXICAL_EMPTY);
    memcpy(strstr(ascii, "river carry"), "rievr crary", 11);
    double both = fold_cost(ascii, LEXICAL_KEY);
    printf(
        "200 words: %.1f us, beyond ASCII %.1f us; then, nothing misspelt %.1f us, two "
        "words %.1f us\n",
        plain, foreign, taught, both);
    CHECK(plain > 0 && plain + taught <= 100);
    CHECK(both > 0 && plain + both <= 100);
    CHECK(foreign > 0 && foreign + taught <= 100);
}

int main(void)
{
    vocabulary = vocabulary_new();
    crowd = vocabulary_new();
    CHECK(vocabulary != NULL && crowd != NULL);
    load_questions();
    gather_crowd();
    RUN(test_pairs);
    RUN(test_variants);
    RUN(test_breaks);
    RUN(test_long_breaks);
    RUN(test_typos);
    RUN(test_words);
    RUN(test_time);
    vocabulary_free(vocabulary);
    vocabulary_free(crowd);
    for (size_t i = 0; i < question_count; i++)
        free(questions[i]);
    free(questions);
    return unit_end();
}
