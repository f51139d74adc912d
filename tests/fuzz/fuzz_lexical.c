/* SPDX-License-Identifier: MIT */
/* Any bytes as a message: a key or none, always the same, whatever blanks stand around it, with a
 * vocabulary and without; its words are the store's to learn. */
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = span_of(data, size);
    struct buffer padded = {0};
    buffer_append_text(&padded, " \t");
    buffer_append_span(&padded, text);
    buffer_append_text(&padded, " \n");
    struct vocabulary *vocabulary = vocabulary_new();
    require(vocabulary && buffer_ok(&padded));
    for (unsigned i = 0; i < 3; i++)
        require(vocabulary_learn(vocabulary, text));
    compare(text, buffer_span(&padded), NULL);
    compare(text, buffer_span(&padded), vocabulary);
    vocabulary_free(vocabulary);
    buffer_free(&padded);
    return 0;
}
