/* SPDX-License-Identifier: MIT */
/* A vocabulary as a damaged store may hold it: what is read is written the same, and goes on learning
 * any bytes. */
#include "store/vocabulary.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good)
{
    if (!good)
        abort();
}

static void check(struct vocabulary *vocabulary, struct span bytes)
{
    struct vocabulary *again;
    struct buffer out = {0};
    vocabulary_encode(vocabulary, &out);
    require(buffer_ok(&out) && (!bytes.at || span_equal(buffer_span(&out), bytes)));
    require(vocabulary_decode(buffer_span(&out), &again) == STORE_OK);
    require(vocabulary_words(again) == vocabulary_words(vocabulary));
    vocabulary_free(again);
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span bytes = span_of(data, size);
    struct vocabulary *vocabulary;
    if (vocabulary_decode(bytes, &vocabulary) == STORE_OK)
        check(vocabulary, bytes);
    else
        vocabulary = vocabulary_new();
    require(vocabulary != NULL);
    require(vocabulary_add(vocabulary, bytes));
    require(vocabulary_words(vocabulary) <= VOCABULARY_WORDS);
    check(vocabulary, (struct span){0});
    (void)vocabulary_count(vocabulary, bytes);
    vocabulary_free(vocabulary);
    return 0;
}
