/* SPDX-License-Identifier: MIT */
/* The semantic layer's first tier: a last user message whose words are those of a recorded one, after
 * what cannot change an answer is folded away (api/lexical.h). One more alias of the entry stands for
 * the words and for everything else of the request. */
#include "exchange_parts.h"

#include "api/wording.h"
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

void exchange_lexical_label(const struct exchange *exchange,
                            const struct response *response, struct entry_label *label)
{
    struct paraphrase_of of = paraphrase_of(exchange, &exchange->request);
    struct paraphrase asked = {0};
    struct buffer text = {0};
    if (!is_wanted(exchange))
        return;
    if (wording_of(&exchange->call, response, &text) == WORDING_PLAIN &&
        paraphrase_make(&of, &asked)) {
        memcpy(label->words, asked.words, sizeof label->words);
        memcpy(label->marks, asked.marks, sizeof label->marks);
    }
    paraphrase_free(&asked);
    buffer_free(&text);
}

void exchange_lexical_record(const struct exchange *exchange, struct store *store,
                             const struct entry_label *label)
{
    if (!sodium_is_zero(label->words, sizeof label->words))
        (void)!store_record_alias(store, &exchange->tenant, label->words, exchange->key);
}

/* -- finding ------------------------------------------------------------------------------ */

/* Gives the found entry up: the request is a miss as before. */
static void forget(struct exchange *exchange)
{
    record_free(&exchange->record);
    entry_free(&exchange->entry);
    exchange->verdict = VERDICT_IS_BYPASS;
    exchange_line_no_hit(&exchange->line);
    exchange_line_call(&exchange->line, &exchange->call);
    exchange->line.status = 0;
}

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

/* |key| is the entry's. */
static void serve(struct exchange *exchange, const uint8_t key[STORE_KEY_SIZE])
{
    exchange->line.layer = LAYER_SEMANTIC;
    memcpy(exchange->key, key, STORE_KEY_SIZE);
    if (exchange->policy.mode == MODE_OBSERVE)
        exchange_observe(exchange);
}

/* Keeps what would have been served, to be compared. */
static void keep(struct exchange *exchange)
{
    if (wording_of(&exchange->call, &exchange->record.response, &exchange->shadow) !=
        WORDING_PLAIN)
        buffer_free(&exchange->shadow);
    forget(exchange);
}

static bool find(struct exchange *exchange, struct store *store,
                 const struct request *request, const struct paraphrase *asked)
{
    uint8_t key[STORE_KEY_SIZE];
    if (store_find_by_alias(store, &exchange->tenant, asked->words, key,
                            &exchange->entry) != STORE_OK ||
        !accept(exchange, store, request, asked))
        return false;
    if (exchange->policy.lexical == LEXICAL_TIER_SERVE) {
        serve(exchange, key);
        return true;
    }
    keep(exchange);
    return false;
}

bool exchange_lexical_find(struct exchange *exchange, struct store *store,
                           const struct request *request)
{
    struct paraphrase_of of = paraphrase_of(exchange, request);
    struct paraphrase asked;
    if (!is_wanted(exchange) || exchange->stale)
        return false;
    exchange->lexical = paraphrase_make(&of, &asked);
    bool found = exchange->lexical && exchange->has_tenant &&
                 find(exchange, store, request, &asked);
    paraphrase_free(&asked);
    return found;
}

/* -- comparing ---------------------------------------------------------------------------- */

enum reason exchange_lexical_compare(const struct exchange *exchange,
                                     const struct response *response)
{
    static const uint8_t reasons[] = {
        [COMPARISON_EQUAL] = REASON_SHADOW_EQUAL,
        [COMPARISON_SIMILAR] = REASON_SHADOW_SIMILAR,
        [COMPARISON_DIFFERENT] = REASON_SHADOW_DIFFERENT,
        [COMPARISON_UNKNOWN] = REASON_SHADOW_UNKNOWN,
    };
    struct buffer text = {0};
    enum comparison likeness = COMPARISON_UNKNOWN;
    if (exchange->shadow.size == 0)
        return REASON_NONE;
    if (wording_of(&exchange->call, response, &text) == WORDING_PLAIN)
        likeness = wording_likeness(buffer_span(&exchange->shadow), buffer_span(&text));
    buffer_free(&text);
    return (enum reason)reasons[likeness];
}
