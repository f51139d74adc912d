/* SPDX-License-Identifier: MIT */
/* See paraphrase.h. An alias may lead to an entry that was recorded anew, so the sealed label alone
 * decides: it has the words, and that the answer was one that others may have. */
#include "paraphrase.h"

#include "keys.h"
#include "store/vocabulary_cache.h"

#include <sodium.h>

static void make_keys(const struct paraphrase_of *of, struct paraphrase *out)
{
    keys_lexical(of->policy, of->tenant, of->request, of->call,
                 buffer_span(&out->question.rest), buffer_span(&out->key.words),
                 out->words);
    keys_marks(of->tenant, buffer_span(&out->key.marks), out->marks);
}

bool paraphrase_make(const struct paraphrase_of *of, struct paraphrase *out)
{
    struct json_ignoring more = {0};
    *out = (struct paraphrase){.verdict = LEXICAL_EMPTY};
    if (of->call->more)
        more = *of->call->more; /* what is left out is noted when it is recorded */
    out->plain =
        question_of(of->call, of->request->body, &more, &out->question) == QUESTION_FOUND;
    if (out->plain)
        out->verdict = question_key(&out->question, &out->key);
    if (out->verdict != LEXICAL_KEY)
        return false;
    make_keys(of, out);
    return true;
}

bool paraphrase_fold(const struct paraphrase_of *of, struct store *store,
                     struct paraphrase *paraphrase)
{
    struct vocabulary *vocabulary;
    struct lexical_key key = {0};
    if (!lexical_is_doubtful(paraphrase->question.read) ||
        store_vocabulary(store, of->tenant, &vocabulary) != STORE_OK)
        return false;
    enum lexical_verdict verdict = question_fold(&paraphrase->question, vocabulary, &key);
    vocabulary_free(vocabulary);
    if (verdict != LEXICAL_KEY)
        return false;
    lexical_key_free(&paraphrase->key);
    paraphrase->key = key;
    make_keys(of, paraphrase);
    return true;
}

void paraphrase_free(struct paraphrase *paraphrase)
{
    question_free(&paraphrase->question);
    lexical_key_free(&paraphrase->key);
}

bool paraphrase_fits(const struct paraphrase *paraphrase, const struct entry_label *label)
{
    const uint8_t *one = paraphrase->marks, *other = label->marks;
    size_t size = sizeof(label->marks);
    return memcmp(paraphrase->words, label->words, sizeof(label->words)) == 0 &&
           (sodium_is_zero(one, size) || sodium_is_zero(other, size) ||
            memcmp(one, other, size) == 0);
}
