/* SPDX-License-Identifier: MIT */
/* Changes to questions that change nothing of what is asked for; and the vocabulary of a crowd that
 * asks in so many ways. */
#ifndef TESTS_UNIT_LEXICAL_VARIANTS_H
#define TESTS_UNIT_LEXICAL_VARIANTS_H

#include "lexical_questions.h"

#include <utf8proc.h>

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

/* As many people would ask. */
__attribute__((unused)) static void gather_crowd(void)
{
    static char out[TEXT * 3];
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        for (unsigned k = 0; k < 8 && kinds[i].changes[k]; k++)
            for (size_t q = 0; q < question_count; q++)
                if (vocabulary_prompts(crowd) < 25000 &&
                    kinds[i].changes[k](questions[q], out))
                    teach(crowd, out);
}

__attribute__((unused)) static void questions_begin(int count, char **arguments)
{
    vocabulary = vocabulary_new();
    crowd = vocabulary_new();
    CHECK(vocabulary != NULL && crowd != NULL);
    load_questions(count > 1 ? arguments[1] : PLACE "questions.tsv");
    seed = count > 2 ? (uint32_t)strtoul(arguments[2], NULL, 10) : seed;
    printf("seed: %u\n", seed);
    gather_crowd();
}

__attribute__((unused)) static void questions_end(void)
{
    vocabulary_free(vocabulary);
    vocabulary_free(crowd);
    for (size_t i = 0; i < question_count; i++)
        free(questions[i]);
    free(questions);
}

#endif
