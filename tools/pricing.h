/* SPDX-License-Identifier: MIT */
/* What one call of the journal cost, or would have cost: the same rules as for figures. */
#ifndef TOOLS_PRICING_H
#define TOOLS_PRICING_H

#include "quotes.h"
#include "store/journal.h"

enum pricing_kind {
    PRICING_NONE,    /* the tokens are not known, or nothing was saved or spent */
    PRICING_UNKNOWN, /* nobody knows what this model costs */
    PRICING_SAVED,   /* a hit: what the recorded call has cost */
    PRICING_SPENT
};

/* |*pico_dollars| is 0 unless something was saved or spent. */
enum pricing_kind pricing_of(struct quotes *quotes, const struct journal_record *record,
                             uint64_t *pico_dollars);
/* How much longer the recorded call took; 0 unless it is a hit. */
uint64_t pricing_saved_us(const struct journal_record *record);

#endif
