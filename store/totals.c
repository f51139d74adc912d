/* SPDX-License-Identifier: MIT */
/* Sums over the journal, see totals.h. */
#include "totals.h"

#include "fold.h"
#include "layout.h"

_Static_assert(REASON_COUNT <= TOTALS_REASONS, "every reason has its counter");

static void hit_add(struct totals *totals, const struct journal_record *record)
{
    struct layer_totals *layer = &totals->layers[record->layer % TOTALS_LAYERS];
    totals->hits++;
    totals->revalidated += record->reason == REASON_REVALIDATED;
    totals->coalesced += record->coalesced;
    layer->lookups++;
    layer->hits++;
    if (record->recorded_last_byte_us > record->last_byte_us)
        layer->latency_saved_us += record->recorded_last_byte_us - record->last_byte_us;
    if (record->usage_known)
        layer->tokens_saved += record->tokens_in + record->tokens_out;
}

/* It was asked for in vain: nothing was saved, and the layer had no answer of its own. */
static void stale_add(struct totals *totals, const struct journal_record *record)
{
    struct layer_totals *layer = &totals->layers[record->layer % TOTALS_LAYERS];
    totals->stale++;
    layer->lookups++;
    layer->misses++;
}

/* The layer was asked, but its answer was not: it has its own figures. */
static void observed_add(struct totals *totals, const struct journal_record *record)
{
    totals->observed++;
    totals->observed_us += record->last_byte_us;
    if (record->usage_known)
        totals->observed_tokens += record->tokens_in + record->tokens_out;
}

static void miss_add(struct totals *totals, const struct journal_record *record)
{
    totals->misses++;
    totals->layers[LAYER_EXACT].lookups++;
    totals->layers[LAYER_EXACT].misses++;
    if (record->recorded) {
        totals->recorded++;
        return;
    }
    totals->dropped++;
    totals->dropped_by[record->reason % TOTALS_REASONS]++;
}

void totals_add(struct totals *totals, const struct journal_record *record)
{
    totals->requests++;
    switch (record->verdict) {
    case VERDICT_HIT:
        hit_add(totals, record);
        break;
    case VERDICT_STALE:
        stale_add(totals, record);
        break;
    case VERDICT_MISS:
        miss_add(totals, record);
        break;
    case VERDICT_OBSERVED:
        observed_add(totals, record);
        break;
    default:
        totals->bypassed++;
        totals->bypassed_by[record->reason % TOTALS_REASONS]++;
        break;
    }
}

void totals_sum(struct totals *totals, const struct totals *more)
{
    totals->requests += more->requests;
    totals->hits += more->hits;
    totals->misses += more->misses;
    totals->stale += more->stale;
    totals->revalidated += more->revalidated;
    totals->coalesced += more->coalesced;
    totals->observed += more->observed;
    totals->observed_us += more->observed_us;
    totals->observed_tokens += more->observed_tokens;
    totals->bypassed += more->bypassed;
    totals->recorded += more->recorded;
    totals->dropped += more->dropped;
    totals->torn += more->torn;
    for (size_t i = 0; i < TOTALS_REASONS; i++) {
        totals->bypassed_by[i] += more->bypassed_by[i];
        totals->dropped_by[i] += more->dropped_by[i];
    }
    for (size_t i = 0; i < TOTALS_LAYERS; i++) {
        totals->layers[i].lookups += more->layers[i].lookups;
        totals->layers[i].hits += more->layers[i].hits;
        totals->layers[i].misses += more->layers[i].misses;
        totals->layers[i].latency_saved_us += more->layers[i].latency_saved_us;
        totals->layers[i].tokens_saved += more->layers[i].tokens_saved;
    }
}

static bool add_visited(void *context, const struct journal_record *record)
{
    totals_add(context, record);
    return true;
}

int store_totals(struct store *store, struct totals *out, struct journal_state *state)
{
    struct journal_state own = {0};
    *out = (struct totals){0};
    if (!state)
        state = &own;
    uint64_t torn = state->torn;
    int result = fold_each(store->layout.data, store->layout.journal, add_visited, out,
                           state, out);
    out->torn += state->torn - torn;
    return result;
}
