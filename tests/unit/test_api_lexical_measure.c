/* SPDX-License-Identifier: MIT */
/* The lexical keys measured: no labelled near miss is served, nearly all of the harmless variants of
 * questions are. */
#include "lexical_questions.h"

#include <utf8proc.h>

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

static bool misspell(const char *text, char *out)
{
    static struct words words;
    if (!split(text, &words))
        return false;
    char *word = words.at[draw(words.count)];
    size_t size = strlen(word);
    if (!is_content(word) || isupper((unsigned char)word[0]))
        return false;
    size_t at = 1 + draw((uint32_t)size - 2);
    if (word[at] == word[at + 1])
        return false;
    char letter = word[at];
    word[at] = word[at + 1];
    word[at + 1] = letter;
    join(&words, out);
    return true;
}

static void test_typos(void)
{
    static char out[TEXT * 3];
    unsigned all = 0, hits = 0, blind = 0;
    for (size_t q = 0; q < question_count; q++) {
        if (!has_key(questions[q]) || !misspell(questions[q], out))
            continue;
        all++;
        hits += same_with(questions[q], out, vocabulary);
        blind += same_with(questions[q], out, NULL);
    }
    CHECK_INT(blind, 0);
    CHECK(hits * 100 > all);
    printf("typos: %u of %u, without vocabulary %u\n", hits, all, blind);
}

int main(int count, char **arguments)
{
    questions_begin(count, arguments);
    RUN(test_pairs);
    RUN(test_variants);
    RUN(test_typos);
    questions_end();
    return unit_end();
}
