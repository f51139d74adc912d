/* SPDX-License-Identifier: MIT */
/* What a model's tokens cost. The table that is built in (prices.tsv, with its date) comes after
 * the user's own: the first row that fits counts.
 *
 * A row fits by its model and by whose price it is: a provider's name, or a host. The provider
 * follows from the dialect: Azure's are OpenAI's and Anthropic's prices, Gemini's and Vertex AI's
 * Google's (and Anthropic's there), other dialects are providers of the same name. Behind a host
 * that nobody knows by name (dialect "compatible") it is whoever makes a model of that name:
 * OpenAI, Anthropic, Google.
 *
 * Money is counted in 1e-12 dollars ("pico dollars"), for which every price per token is a whole
 * number; 64 bits hold 18 million dollars.
 *
 * Thread class: any thread once loaded. */
#ifndef STORE_PRICE_H
#define STORE_PRICE_H

#include "bytes.h"
#include "result.h"

#define PRICES_FILE "prices.tsv" /* the user's table, in the configuration directory */
#define PRICES_FORM                                                                      \
    "PROVIDER|HOST MODEL INPUT CACHED WRITTEN OUTPUT [EMBEDDING], prices in dollars "    \
    "for a million tokens with at most six decimals, or -"

struct price { /* 1e-12 dollars for a token */
    uint64_t input;
    uint64_t
        cached_read; /* input that the provider's cache had; = input where not known */
    uint64_t cache_write; /* input that was written into it; = input where not known */
    uint64_t output;
    uint64_t embedding; /* input of an embedding operation; = input where not said */
};

struct price_tokens {
    uint64_t in; /* all, the next two included */
    uint64_t cached;
    uint64_t cache_write;
    uint64_t out;
};

struct prices;

/* |path|: that of the user's table, which need not exist; NULL = none. When a line of it cannot
 * be understood |*line| is its number and the result STORE_CORRUPT, else 0 (also when the file is
 * too large). |*out| is NULL unless STORE_OK.
 * STORE_OK, STORE_CORRUPT, STORE_UNAVAILABLE, STORE_REFUSED, STORE_NO_MEMORY. */
MUST_USE int prices_load(const char *path, struct prices **out, unsigned *line);
/* The same from the user's table itself. STORE_OK, STORE_CORRUPT, STORE_NO_MEMORY. */
MUST_USE int prices_parse(struct span text, struct prices **out, unsigned *line);
void prices_free(struct prices *prices);
/* Of the built-in table, as "2026-11-27". */
const char *prices_date(void);

/* False: nobody knows what it costs. */
MUST_USE bool price_find(const struct prices *prices, const char *dialect,
                         const char *host, const char *model, struct price *out);

/* |embeds|: an embedding operation. What 64 bits cannot hold is their largest number. */
uint64_t price_of(const struct price *price, bool embeds,
                  const struct price_tokens *tokens);
/* What the provider's cache has saved: reads less the surcharge of writes; may be below 0. */
int64_t price_prefix_saving(const struct price *price, const struct price_tokens *tokens);
/* True when the tokens of |operation| are those of an embedding. */
bool price_embeds(const char *operation);

#endif
