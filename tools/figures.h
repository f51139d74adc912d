/* SPDX-License-Identifier: MIT */
/* What rows of sums (sums.h) come to: counts by verdict, times, tokens and money. One for all of
 * them, or one for each group. Pure, but for the quotes, which are looked up; one thread. */
#ifndef TOOLS_FIGURES_H
#define TOOLS_FIGURES_H

#include "quotes.h"
#include "store/comparison.h"
#include "store/reason.h"

/* Tokens and what they cost. Sums that 64 bits cannot hold stay at their largest number. */
struct worth {
    uint64_t calls; /* whose tokens are known */
    struct price_tokens tokens;
    uint64_t money;            /* 1e-12 dollars; without the calls that have no price */
    uint64_t estimated_tokens; /* of them, in and out: the answers have not said */
    uint64_t estimated_money;
    uint64_t unpriced_calls; /* of them: nobody knows the price */
    uint64_t unpriced_tokens;
};

struct layer_figures {
    uint64_t lookups;
    uint64_t hits;
    uint64_t misses;
    uint64_t saved_us; /* recorded time of the whole answer, less that of the hit */
    struct worth saved;
};

/* How long calls took, as the program saw it. */
struct times {
    uint64_t calls;
    uint64_t first_byte_us, last_byte_us; /* of all of them */
    uint64_t first_bytes[SUMS_BUCKETS], last_bytes[SUMS_BUCKETS];
};

#define FIGURES_LAYERS 5 /* indexed by enum journal_layer */

struct figures {
    uint64_t calls;
    uint64_t hits;
    uint64_t misses;
    uint64_t
        stale; /* upstream failed, an expired entry was served: neither hit nor miss */
    uint64_t observed; /* mode observe: there was an answer, but upstream gave its own */
    uint64_t bypassed;
    uint64_t coalesced;   /* of the hits: they waited for the same call of another */
    uint64_t revalidated; /* of the hits: expired, while a new answer was fetched */
    uint64_t streams;
    uint64_t recorded;
    uint64_t dropped;             /* missed, and not recorded */
    uint64_t shadow[COMPARISONS]; /* of the recorded: what the semantic layer would have
                                      given, and what came */
    uint64_t
        bypassed_by[REASON_COUNT + 1]; /* enum reason; the last one: of a later version */
    uint64_t dropped_by[REASON_COUNT + 1];
    uint64_t silent;         /* hits and answers of providers whose tokens nobody knows */
    uint64_t observed_us;    /* the time that observed calls took */
    struct worth observable; /* and what they cost; it is in |spent|, too */
    struct worth spent;   /* what providers were asked for: misses, observed, bypassed */
    int64_t prefix_saved; /* 1e-12 dollars, by the providers' own prompt caches */
    struct layer_figures layers[FIGURES_LAYERS];
    struct times served; /* hits */
    struct times asked;  /* misses and observed calls */
};

/* Adds |row|, whose price is |quote|. */
void figures_add(struct figures *figures, const struct sums_row *row,
                 const struct quote *quote);
/* True when |row| counts in |spent| or a layer's |saved| with tokens that nobody has a price for. */
bool figures_unpriced(const struct sums_row *row, const struct quote *quote);
/* What all layers have saved. */
void figures_saved(const struct figures *figures, struct worth *saved,
                   uint64_t *saved_us);
/* How many calls the first layer was asked for: hits and what can be one. */
uint64_t figures_lookups(const struct figures *figures);

/* How many calls the semantic layer would have answered. */
uint64_t figures_shadow(const struct figures *figures);

/* The time that half of the calls do not exceed, to within its bucket; 0 without calls. */
uint64_t times_median_us(const uint64_t buckets[SUMS_BUCKETS]);

/* For people: "~$1.23", the tilde where a part is estimated, "-" when nothing has a price. Returns
 * a place in |out|. */
char *worth_money(const struct worth *worth, char out[48]);
/* "~1,234", in and out. */
char *worth_tokens(const struct worth *worth, char out[48]);

/* What both hold, or the largest number. */
uint64_t figures_sum(uint64_t a, uint64_t b);

#endif
