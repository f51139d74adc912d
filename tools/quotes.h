/* SPDX-License-Identifier: MIT */
/* The price of each model that figures speak of, looked up once. One thread. */
#ifndef TOOLS_QUOTES_H
#define TOOLS_QUOTES_H

#include "store/price.h"
#include "store/sums.h"

struct quote {
    char dialect[16];
    char host[96];
    char model[96];
    bool known; /* false: nobody knows the price */
    struct price price;
    uint64_t calls, tokens; /* for the caller to count in; starts at 0 */
    struct quote *next;     /* in the order of the first questions */
};

struct quotes;

/* |prices| is kept by the caller, longer than the result. Ends the command when memory is short. */
struct quotes *quotes_new(const struct prices *prices);
void quotes_free(struct quotes *quotes);
/* The quote for what |key| asks for; lives as long as |quotes|. */
struct quote *quote_of(struct quotes *quotes, const struct sums_key *key);
/* The first one, or NULL. */
struct quote *quotes_first(const struct quotes *quotes);

#endif
