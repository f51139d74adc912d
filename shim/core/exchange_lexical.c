/* SPDX-License-Identifier: MIT */
/* The semantic layer's first tier: a last user message whose words are those of a recorded one, after
 * what cannot change an answer is folded away (api/lexical.h). One more alias of the entry stands for
 * the words and for everything else of the request. Entries are filed under the words as they were
 * written; only who finds nothing under those of a request looks once more with its misspelt words put
 * right. So what a vocabulary learns or loses never hides what was recorded. */
#include "exchange_parts.h"

#include "paraphrase.h"

#include <sodium.h>

static struct paraphrase_of paraphrase_of(const struct exchange *exchange,
                                          const struct request *request)
{
    return (struct paraphrase_of){&exchange->policy, &exchange->tenant, request,
                                  &exchange->call};
}

/* Which of several samples would be another's is not to be said. */
static bool is_wanted(const struct exchange *exchange)
{
    return exchange->policy.lexical != LEXICAL_TIER_OFF && !exchange->edge &&
           !exchange_wants_sample(exchange, exchange->call.stochastic);
}

/* -- recording ---------------------------------------------------------------------------- */

/* What is kept for a while alone teaches nothing that would stay. */
static bool teaches(const struct exchange *exchange, const struct entry_label *label)
{
    return exchange->policy.pii == PII_CACHE || label->sensitive == 0;
}

void exchange_lexical_label(const struct exchange *exchange, struct entry_label *label,
                            struct buffer *words)
{
    struct paraphrase_of of = paraphrase_of(exchange, &exchange->request);
    struct paraphrase asked = {0};
    if (!is_wanted(exchange))
        return;
    if (paraphrase_make(&of, &asked)) {
        memcpy(label->words, asked.words, sizeof label->words);
        memcpy(label->marks, asked.marks, sizeof label->marks);
        if (teaches(exchange, label))
            lexical_words(asked.question.read, words);
    }
    paraphrase_free(&asked);
}

void exchange_lexical_record(const struct exchange *exchange, struct store *store,
                             const struct entry_label *label)
{
    if (!sodium_is_zero(label->words, sizeof label->words))
        (void)!store_record_alias(store, &exchange->tenant, label->words, exchange->key);
}

/* -- finding ------------------------------------------------------------------------------ */

/* Opens what is found under |asked|'s alias. */
static bool accept(struct exchange *exchange, struct store *store,
                   const struct request *request, const struct paraphrase *asked)
{
    if (!paraphrase_fits(asked, &exchange->entry.label) ||
        exchange_is_forbidden(exchange) || !exchange_is_good(exchange, store)) {
        entry_free(&exchange->entry);
        return false;
    }
    return exchange_open(exchange, request);
}

/* Keeps what would have been served, to be compared. */
static void keep(struct exchange *exchange, const struct paraphrase *asked,
                 const uint8_t key[STORE_KEY_SIZE])
{
    struct sample seen = {.similarity = CERTIFICATE_ONE};
    memcpy(seen.candidate, key, sizeof seen.candidate);
    exchange_semantic_scope(exchange, span_text(SAMPLE_LEXICAL), asked->key.words.at[0],
                            &seen.scope);
    exchange->admitted = true;
    exchange_semantic_keep(exchange, &seen);
}

/* |key| becomes that of what |asked|'s alias leads to. */
static bool look(struct exchange *exchange, struct store *store,
                 const struct request *request, const struct paraphrase *asked,
                 uint8_t key[STORE_KEY_SIZE])
{
    return store_find_by_alias(store, &exchange->tenant, asked->words, key,
                               &exchange->entry) == STORE_OK &&
           accept(exchange, store, request, asked);
}

static bool find(struct exchange *exchange, struct store *store,
                 const struct request *request, struct paraphrase *asked)
{
    struct paraphrase_of of = paraphrase_of(exchange, request);
    uint8_t key[STORE_KEY_SIZE];
    struct journal_record before = exchange->line;
    if (!look(exchange, store, request, asked, key) &&
        !(paraphrase_fold(&of, store, asked) &&
          look(exchange, store, request, asked, key)))
        return false;
    if (exchange->policy.lexical == LEXICAL_TIER_SERVE) {
        exchange_semantic_serve(exchange, key);
        return true;
    }
    keep(exchange, asked, key);
    exchange_semantic_forget(exchange, &before);
    return false;
}

bool exchange_lexical_find(struct exchange *exchange, struct store *store,
                           const struct request *request)
{
    struct paraphrase_of of = paraphrase_of(exchange, request);
    struct paraphrase asked;
    if (!is_wanted(exchange) || exchange->stale)
        return false;
    exchange->compared = paraphrase_make(&of, &asked);
    bool found = exchange->compared && exchange->has_tenant &&
                 find(exchange, store, request, &asked);
    paraphrase_free(&asked);
    return found;
}
