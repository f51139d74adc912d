/* SPDX-License-Identifier: MIT */
/* See quotes.h. */
#include "quotes.h"

#include "print.h"

#include <stdlib.h>
#include <uthash.h>

struct question {
    char dialect[16];
    char host[96];
    char model[96];
};

struct slot {
    struct quote quote; /* first: whoever has it has the slot */
    struct question question;
    UT_hash_handle hh;
};

struct quotes {
    const struct prices *prices;
    struct slot *slots;
    struct slot *latest; /* rows of one model tend to come together */
    struct quote *first, **end;
};

struct quotes *quotes_new(const struct prices *prices)
{
    struct quotes *quotes = print_grown(NULL, sizeof(*quotes));
    *quotes = (struct quotes){.prices = prices};
    quotes->end = &quotes->first;
    return quotes;
}

void quotes_free(struct quotes *quotes)
{
    if (!quotes)
        return;
    HASH_CLEAR(hh, quotes->slots);
    for (struct quote *quote = quotes->first, *next; quote; quote = next) {
        next = quote->next;
        free(quote);
    }
    free(quotes);
}

static struct slot *slot_add(struct quotes *quotes, const struct question *question)
{
    struct slot *slot = print_grown(NULL, sizeof(*slot));
    *slot = (struct slot){.question = *question};
    memcpy(slot->quote.dialect, question->dialect, sizeof(question->dialect));
    memcpy(slot->quote.host, question->host, sizeof(question->host));
    memcpy(slot->quote.model, question->model, sizeof(question->model));
    slot->quote.known = price_find(quotes->prices, question->dialect, question->host,
                                   question->model, &slot->quote.price);
    HASH_ADD(hh, quotes->slots, question, sizeof(slot->question), slot);
    *quotes->end = &slot->quote;
    quotes->end = &slot->quote.next;
    return slot;
}

struct quote *quote_of(struct quotes *quotes, const struct sums_key *key)
{
    struct question question = {0};
    struct slot *slot = quotes->latest;
    span_copy_text(span_text(key->dialect), question.dialect, sizeof(question.dialect));
    span_copy_text(span_text(key->host), question.host, sizeof(question.host));
    span_copy_text(span_text(key->model), question.model, sizeof(question.model));
    if (!slot || memcmp(&slot->question, &question, sizeof(question)) != 0)
        HASH_FIND(hh, quotes->slots, &question, sizeof(question), slot);
    if (!slot)
        slot = slot_add(quotes, &question);
    quotes->latest = slot;
    return &slot->quote;
}

struct quote *quotes_first(const struct quotes *quotes)
{
    return quotes->first;
}
