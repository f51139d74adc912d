/* SPDX-License-Identifier: MIT */
/* What the journal's records add up to: one row for each combination of everything that figures
 * are asked by. Whatever prints figures works on rows: `stats`, `report`, `run --summary`. Money
 * is no part of them, for it is linear in the tokens of one model: price.h prices a row.
 *
 * Rows of removed journal segments are kept in LMDB (fold.h), so a journal that was folded gives
 * the same rows.
 *
 * Thread class: any thread; hosts may write meanwhile. */
#ifndef STORE_SUMS_H
#define STORE_SUMS_H

#include "journal.h"
#include "store.h"

#define SUMS_BUCKETS  64  /* of a distribution */
#define SUMS_TAG_SIZE 128 /* longer tags are cut */

enum sums_usage { USAGE_UNKNOWN = 0, USAGE_REPORTED = 1, USAGE_ESTIMATED = 2 };

struct sums_key {
    uint32_t hour;   /* since 1970; a row with a tag: the day's first */
    uint8_t verdict; /* enum journal_verdict */
    uint8_t layer;   /* enum journal_layer */
    uint8_t reason;  /* enum reason */
    uint8_t level;   /* enum journal_level; 0 in a row with a tag */
    uint8_t usage;   /* enum sums_usage */
    bool recorded;
    uint8_t tenant[TENANT_ID_SIZE]; /* zeroes in a row with a tag, like the next one */
    char program[16];
    char operation[32];
    char dialect[16];
    char model[96];
    char host[96];
    char tag
        [SUMS_TAG_SIZE]; /* empty: this row counts calls, each once. Otherwise it counts those
                                with this tag: a call is in as many such rows as it has tags. */
};

struct sums_row {
    struct sums_key key;
    uint64_t calls;
    uint64_t coalesced;
    uint64_t streams;
    uint64_t tokens_in, tokens_out, tokens_cached, tokens_cache_write;
    uint64_t request_bytes, response_bytes;
    uint64_t lookup_us;
    uint64_t first_byte_us, last_byte_us;
    uint64_t recorded_first_byte_us, recorded_last_byte_us;
    uint64_t
        saved_us; /* recorded last byte less served last byte, where that is above zero */
    uint32_t first_bytes[SUMS_BUCKETS]; /* calls by their time to the first byte */
    uint32_t last_bytes[SUMS_BUCKETS];
};

/* Two buckets for every doubling: bucket 0 ends at 1 us, the last one has no end. */
unsigned sums_bucket(uint64_t microseconds);
/* Where bucket |bucket| begins. */
uint64_t sums_bucket_start_us(unsigned bucket);

struct sums_rules {
    int64_t since_ms,
        until_ms; /* |until_ms| 0 = no end. What is folded counts by whole hours. */
    bool tags;    /* rows with tags, too */
};

struct sums;

/* Adds up the journal on as many threads as there are processors (8 at most). |state| may be
 * NULL. |*out| is NULL unless STORE_OK.
 * STORE_OK, STORE_UNAVAILABLE, STORE_REFUSED, STORE_NO_MEMORY. */
MUST_USE int store_sums(struct store *store, const struct sums_rules *rules,
                        struct sums **out, struct journal_state *state);
/* Those with tags come last. In no other order. */
size_t sums_count(const struct sums *sums);
const struct sums_row *sums_at(const struct sums *sums, size_t index);
void sums_free(struct sums *sums);

/* Begins anew: removes the journal and the rows of what was folded. Entries stay, and so do their
 * uses, what was evicted, and the history. What programs record meanwhile is kept. Waits for a
 * merge that is running. STORE_OK, STORE_UNAVAILABLE, STORE_REFUSED, STORE_NO_MEMORY, STORE_FULL,
 * STORE_CORRUPT. */
MUST_USE int store_reset_figures(struct store *store);

#endif
