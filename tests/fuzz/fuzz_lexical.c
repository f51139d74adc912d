/* SPDX-License-Identifier: MIT */
/* Any bytes as a message: a key or none, always the same, whatever blanks stand around it, with a
 * vocabulary and without; its words are the store's to learn, and once it knows them nothing of it is
 * misspelt. */
#include <stdlib.h>

#include "shim/core/api/lexical.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good)
{
    if (!good)
        abort();
}

static void compare(struct span one, struct span other,
                    const struct vocabulary *vocabulary)
{
    struct lexical_key a = {0}, b = {0};
    enum lexical_verdict first = lexical_key(one, vocabulary, &a);
    enum lexical_verdict second = lexical_key(other, vocabulary, &b);
    require(first < LEXICAL_VERDICTS && (a.words.size > 0) == (first == LEXICAL_KEY));
    if (first != LEXICAL_LONG && second != LEXICAL_LONG)
        require(first == second &&
                span_equal(buffer_span(&a.words), buffer_span(&b.words)) &&
                span_equal(buffer_span(&a.marks), buffer_span(&b.marks)));
    lexical_key_free(&a);
    lexical_key_free(&b);
}

/* One that is ready to correct what resembles the words of |text|. */
static struct vocabulary *learn(struct span text)
{
    static const char known[] = "\1\0\xd0\7\0\0\10question\xd0\7\7dessert\xd0\7"
                                "\10separate\xd0\7\6answer\5\0";
    struct vocabulary *vocabulary;
    struct buffer words = {0};
    struct lexical *read;
    require(vocabulary_decode(span_of(known, sizeof(known) - 1), &vocabulary) ==
            STORE_OK);
    if (lexical_open(text, &read) == LEXICAL_KEY) {
        struct lexical_key key = {0};
        lexical_words(read, &words);
        require(buffer_ok(&words) && words.size <= LEXICAL_WORDS);
        enum lexical_verdict folded = lexical_make(read, vocabulary, &key);
        require((folded == LEXICAL_KEY) == (key.words.size > 0));
        require(folded == LEXICAL_EMPTY || lexical_is_doubtful(read));
        require(vocabulary_add(vocabulary, buffer_span(&words)));
        if (words.size < LEXICAL_WORDS - 30)
            require(lexical_make(read, vocabulary, &key) == LEXICAL_EMPTY);
        lexical_key_free(&key);
    }
    lexical_close(read);
    buffer_free(&words);
    return vocabulary;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = span_of(data, size);
    struct buffer padded = {0};
    buffer_append_text(&padded, " \t");
    buffer_append_span(&padded, text);
    buffer_append_text(&padded, " \n");
    struct vocabulary *vocabulary = learn(text);
    require(buffer_ok(&padded));
    compare(text, buffer_span(&padded), NULL);
    compare(text, buffer_span(&padded), vocabulary);
    vocabulary_free(vocabulary);
    buffer_free(&padded);
    return 0;
}
