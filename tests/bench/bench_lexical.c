/* SPDX-License-Identifier: MIT */
/* How long words are compared: the key of a message of 200 words, its second one with typos put right,
 * and the guards between two messages. Prints one row each, as `make bench` shows them.
 *
 * Time is the thread's own, the best of many: what the machine does besides is no part of it. */
#include "shim/core/api/guard.h"
#include "shim/core/api/lexical.h"
#include "store/vocabulary.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS  500
#define PROMPTS 25000 /* of the vocabulary */

static double now_us(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void require(int good, const char *what)
{
    if (!good) {
        fprintf(stderr, "bench_lexical: %s\n", what);
        exit(70);
    }
}

static struct buffer repeated(const char *words, unsigned times)
{
    struct buffer text = {0};
    for (unsigned i = 0; i < times; i++)
        buffer_append_text(&text, words);
    require(buffer_ok(&text), "no memory");
    return text;
}

static void key_row(const char *what, const char *words)
{
    struct buffer text = repeated(words, 25);
    double best = 1e9;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct lexical_key key = {0};
        double start = now_us();
        require(lexical_key(buffer_span(&text), NULL, &key) == LEXICAL_KEY, "no key");
        double time = now_us() - start;
        best = time < best ? time : best;
        lexical_key_free(&key);
    }
    printf("%-46s %.0f us\n", what, best);
    buffer_free(&text);
}

/* A text that has been read is looked at once more, by the words of a store. */
static void typo_row(const char *what, const char *words, const char *taught)
{
    struct buffer text = repeated(taught, 24), known = repeated(taught, 25), list = {0};
    struct vocabulary *vocabulary = vocabulary_new();
    struct lexical *read;
    double best = 1e9;
    buffer_append_text(&text, words);
    require(lexical_open(buffer_span(&known), &read) == LEXICAL_KEY, "no key");
    lexical_words(read, &list);
    lexical_close(read);
    for (unsigned i = 0; i < PROMPTS; i++)
        require(vocabulary && vocabulary_add(vocabulary, buffer_span(&list)),
                "no memory");
    require(lexical_open(buffer_span(&text), &read) == LEXICAL_KEY, "no key");
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct lexical_key key = {0};
        double start = now_us();
        require(lexical_make(read, vocabulary, &key) == LEXICAL_KEY, "not put right");
        double time = now_us() - start;
        best = time < best ? time : best;
        lexical_key_free(&key);
    }
    printf("%-46s %.0f us\n", what, best);
    lexical_close(read);
    vocabulary_free(vocabulary);
    buffer_free(&text);
    buffer_free(&known);
    buffer_free(&list);
}

static void guard_row(const char *what, const char *words, unsigned times)
{
    struct buffer a = repeated(words, times), b = repeated(words, times);
    buffer_append_text(&b, "at noon");
    double best = 1e9;
    for (unsigned i = 0; i < ROUNDS; i++) {
        double start = now_us();
        enum guard found = guard_between(buffer_span(&a), buffer_span(&b));
        double time = now_us() - start;
        require(found != GUARD_LIMIT && found != GUARD_MEMORY, "no comparison");
        best = time < best ? time : best;
    }
    printf("%-46s %.0f us\n", what, best);
    buffer_free(&a);
    buffer_free(&b);
}

int main(void)
{
    key_row("words of a message, 200 of them (<= 100 us)",
            "how does the river carry that much sand ");
    key_row("the same beyond ASCII (<= 100 us)",
            "how does the caf\xc3\xa9 carry that much sand ");
    typo_row("more of that when a word is misspelt",
             "how does the rievr carry that much sand ",
             "how does the river carry that much sand ");
    guard_row("guards between two messages of 16 words",
              "how does the river carry that much sand ", 2);
    guard_row("the same of 200 words", "how does the river carry that much sand ", 25);
    return 0;
}
