/* SPDX-License-Identifier: MIT */
/* Totals of rows, see totals.h. */
#include "totals.h"

#include "sums.h"

_Static_assert(REASON_COUNT <= TOTALS_REASONS, "every reason has its counter");

static void hit_add(struct totals *totals, const struct sums_row *row)
{
    struct layer_totals *layer = &totals->layers[row->key.layer % TOTALS_LAYERS];
    totals->hits += row->calls;
    if (row->key.reason == REASON_REVALIDATED)
        totals->revalidated += row->calls;
    totals->coalesced += row->coalesced;
    layer->lookups += row->calls;
    layer->hits += row->calls;
    layer->latency_saved_us += row->saved_us;
    if (row->key.usage == USAGE_REPORTED)
        layer->tokens_saved += row->tokens_in + row->tokens_out;
}

/* It was asked for in vain: nothing was saved, and the layer had no answer of its own. */
static void stale_add(struct totals *totals, const struct sums_row *row)
{
    struct layer_totals *layer = &totals->layers[row->key.layer % TOTALS_LAYERS];
    totals->stale += row->calls;
    layer->lookups += row->calls;
    layer->misses += row->calls;
}

/* The layer was asked, but its answer was not: it has its own figures. */
static void observed_add(struct totals *totals, const struct sums_row *row)
{
    totals->observed += row->calls;
    totals->observed_us += row->last_byte_us;
    if (row->key.usage == USAGE_REPORTED)
        totals->observed_tokens += row->tokens_in + row->tokens_out;
}

static void miss_add(struct totals *totals, const struct sums_row *row)
{
    totals->misses += row->calls;
    totals->layers[LAYER_EXACT].lookups += row->calls;
    totals->layers[LAYER_EXACT].misses += row->calls;
    if (row->key.recorded) {
        totals->recorded += row->calls;
        return;
    }
    totals->dropped += row->calls;
    totals->dropped_by[row->key.reason % TOTALS_REASONS] += row->calls;
}

static void row_add(struct totals *totals, const struct sums_row *row)
{
    totals->requests += row->calls;
    switch (row->key.verdict) {
    case VERDICT_HIT:
        hit_add(totals, row);
        break;
    case VERDICT_STALE:
        stale_add(totals, row);
        break;
    case VERDICT_MISS:
        miss_add(totals, row);
        break;
    case VERDICT_OBSERVED:
        observed_add(totals, row);
        break;
    default:
        totals->bypassed += row->calls;
        totals->bypassed_by[row->key.reason % TOTALS_REASONS] += row->calls;
        break;
    }
}

int store_totals(struct store *store, struct totals *out, struct journal_state *state)
{
    struct sums *sums;
    struct sums_rules rules = {0};
    struct journal_state seen = {0};
    *out = (struct totals){0};
    int result = store_sums(store, &rules, &sums, &seen);
    if (result != STORE_OK)
        return result;
    for (size_t i = 0; i < sums_count(sums); i++)
        row_add(out, sums_at(sums, i));
    out->torn = seen.torn;
    sums_free(sums);
    if (state)
        *state = seen;
    return STORE_OK;
}
