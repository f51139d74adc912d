/* SPDX-License-Identifier: MIT */
/* For the measurements of lexical keys: questions from a file, random numbers, texts taken apart.
 *
 * A program that includes this takes [QUESTIONS [SEED]]: a file with one question a line. */
#ifndef TESTS_UNIT_LEXICAL_QUESTIONS_H
#define TESTS_UNIT_LEXICAL_QUESTIONS_H

#include "unit.h"

#include "core/api/lexical.h"

#include <ctype.h>
#include <stdlib.h>

#define PLACE "tests/semantic/"
#define TEXT  9000

/* Learned from every question once; and from more than 20,000 prompts. */
static struct vocabulary *vocabulary, *crowd;
static char **questions;
static size_t question_count;

/* -- keys ----------------------------------------------------------------------------------- */

/* Would |other| be answered by |one|, which is filed as it is written? */
__attribute__((unused)) static bool serves(const char *one, const char *other,
                                           const struct vocabulary *words)
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

__attribute__((unused)) static bool same(const char *one, const char *other)
{
    return serves(one, other, NULL) || serves(one, other, vocabulary) ||
           serves(other, one, vocabulary) || serves(one, other, crowd) ||
           serves(other, one, crowd);
}

__attribute__((unused)) static bool has_key(const char *text)
{
    return serves(text, text, NULL);
}

/* -- random numbers that are the same in every run with one seed ------------------------------------------ */

static uint32_t seed = 20261127;

__attribute__((unused)) static uint32_t draw(uint32_t limit)
{
    seed = seed * 1664525 + 1013904223;
    return (uint32_t)(((uint64_t)seed * limit) >> 32);
}

/* -- data ----------------------------------------------------------------------------------- */

/* What is recorded when |text| is: nothing of what has no key. */
__attribute__((unused)) static void teach(struct vocabulary *pupil, const char *text)
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

__attribute__((unused)) static void load_questions(const char *path)
{
    char line[TEXT];
    FILE *file = fopen(path, "r");
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

/* -- texts ---------------------------------------------------------------------------------- */

typedef bool change(const char *text, char *out);

__attribute__((unused)) static bool set(char *out, const char *before, const char *text,
                                        const char *behind)
{
    snprintf(out, TEXT, "%s%s%s", before, text, behind);
    return true;
}

__attribute__((unused)) static bool replace(const char *text, char *out, const char *from,
                                            const char *to)
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

__attribute__((unused)) static bool no_end(const char *text, char *out)
{
    set(out, "", text, "");
    size_t size = strlen(out);
    while (size && strchr("?.!", out[size - 1]))
        out[--size] = 0;
    return size > 0 && strcmp(text, out) != 0;
}

struct words {
    char text[TEXT];
    char *at[400];
    unsigned count;
};

__attribute__((unused)) static bool split(const char *text, struct words *words)
{
    set(words->text, "", text, "");
    words->count = 0;
    for (char *word = strtok(words->text, " "); word && words->count < 400;
         word = strtok(NULL, " "))
        words->at[words->count++] = word;
    return words->count > 2;
}

__attribute__((unused)) static void join(const struct words *words, char *out)
{
    size_t used = 0;
    for (unsigned i = 0; i < words->count; i++)
        used +=
            (size_t)snprintf(out + used, TEXT - used, "%s%s", i ? " " : "", words->at[i]);
}

__attribute__((unused)) static bool is_content(const char *word)
{
    size_t size = strlen(word);
    for (size_t i = 0; i < size; i++)
        if (!isalpha((unsigned char)word[i]))
            return false;
    return size >= 5;
}

__attribute__((unused)) static const char *any_content(void)
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

#endif
