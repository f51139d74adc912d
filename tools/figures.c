/* SPDX-License-Identifier: MIT */
/* See figures.h. */
#include "figures.h"

#include "print.h"

#include <stdio.h>

uint64_t figures_sum(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static void grow(uint64_t *sum, uint64_t more)
{
    *sum = figures_sum(*sum, more);
}

static struct price_tokens tokens_of(const struct sums_row *row)
{
    return (struct price_tokens){row->tokens_in, row->tokens_cached,
                                 row->tokens_cache_write, row->tokens_out};
}

static void worth_add(struct worth *worth, const struct sums_row *row,
                      const struct quote *quote)
{
    struct price_tokens tokens = tokens_of(row);
    uint64_t count = figures_sum(tokens.in, tokens.out);
    uint64_t money =
        quote->known ? price_of(&quote->price, price_embeds(row->key.operation), &tokens)
                     : 0;
    bool estimated = row->key.usage == USAGE_ESTIMATED;
    if (row->key.usage == USAGE_UNKNOWN)
        return;
    worth->calls += row->calls;
    grow(&worth->tokens.in, tokens.in);
    grow(&worth->tokens.cached, tokens.cached);
    grow(&worth->tokens.cache_write, tokens.cache_write);
    grow(&worth->tokens.out, tokens.out);
    grow(&worth->money, money);
    grow(&worth->estimated_tokens, estimated ? count : 0);
    grow(&worth->estimated_money, estimated ? money : 0);
    worth->unpriced_calls += quote->known ? 0 : row->calls;
    grow(&worth->unpriced_tokens, quote->known ? 0 : count);
}

static void worth_sum(struct worth *worth, const struct worth *more)
{
    worth->calls += more->calls;
    grow(&worth->tokens.in, more->tokens.in);
    grow(&worth->tokens.cached, more->tokens.cached);
    grow(&worth->tokens.cache_write, more->tokens.cache_write);
    grow(&worth->tokens.out, more->tokens.out);
    grow(&worth->money, more->money);
    grow(&worth->estimated_tokens, more->estimated_tokens);
    grow(&worth->estimated_money, more->estimated_money);
    worth->unpriced_calls += more->unpriced_calls;
    grow(&worth->unpriced_tokens, more->unpriced_tokens);
}

char *worth_money(const struct worth *worth, char out[48])
{
    uint64_t most = INT64_MAX;
    if (worth->calls && worth->calls == worth->unpriced_calls) {
        snprintf(out, 48, "-");
        return out;
    }
    out[0] = '~';
    print_money((int64_t)(worth->money < most ? worth->money : most), out + 1);
    return worth->estimated_money ? out : out + 1;
}

char *worth_tokens(const struct worth *worth, char out[48])
{
    out[0] = '~';
    print_short(figures_sum(worth->tokens.in, worth->tokens.out), out + 1);
    return worth->estimated_tokens ? out : out + 1;
}

static void times_add(struct times *times, const struct sums_row *row)
{
    times->calls += row->calls;
    grow(&times->first_byte_us, row->first_byte_us);
    grow(&times->last_byte_us, row->last_byte_us);
    for (size_t i = 0; i < SUMS_BUCKETS; i++) {
        times->first_bytes[i] += row->first_bytes[i];
        times->last_bytes[i] += row->last_bytes[i];
    }
}

/* A call that was really made. */
static void spent_add(struct figures *figures, const struct sums_row *row,
                      const struct quote *quote)
{
    struct price_tokens tokens = tokens_of(row);
    int64_t saved = 0;
    worth_add(&figures->spent, row, quote);
    if (row->key.usage != USAGE_UNKNOWN && quote->known)
        saved = price_prefix_saving(&quote->price, &tokens);
    if (__builtin_add_overflow(figures->prefix_saved, saved, &figures->prefix_saved))
        figures->prefix_saved = saved > 0 ? INT64_MAX : INT64_MIN;
}

/* Whoever asks the semantic layer has asked the exact one in vain. */
static void asked_before(struct figures *figures, const struct sums_row *row)
{
    struct layer_figures *exact = &figures->layers[LAYER_EXACT];
    if (row->key.layer != LAYER_SEMANTIC)
        return;
    exact->lookups += row->calls;
    exact->misses += row->calls;
}

static void shadow_add(struct figures *figures, const struct sums_row *row)
{
    if (row->key.reason >= REASON_SHADOW_EQUAL &&
        row->key.reason <= REASON_SHADOW_UNKNOWN)
        figures->shadow[row->key.reason - REASON_SHADOW_EQUAL] += row->calls;
}

static void hit_add(struct figures *figures, const struct sums_row *row,
                    const struct quote *quote)
{
    struct layer_figures *layer = &figures->layers[row->key.layer % FIGURES_LAYERS];
    figures->hits += row->calls;
    figures->coalesced += row->coalesced;
    figures->revalidated += row->key.reason == REASON_REVALIDATED ? row->calls : 0;
    figures->silent += row->key.usage == USAGE_UNKNOWN ? row->calls : 0;
    layer->lookups += row->calls;
    layer->hits += row->calls;
    asked_before(figures, row);
    grow(&layer->saved_us, row->saved_us);
    worth_add(&layer->saved, row, quote);
    times_add(&figures->served, row);
}

/* It was asked for in vain: nothing was saved, and the layer had no answer of its own. */
static void stale_add(struct figures *figures, const struct sums_row *row)
{
    struct layer_figures *layer = &figures->layers[row->key.layer % FIGURES_LAYERS];
    figures->stale += row->calls;
    layer->lookups += row->calls;
    layer->misses += row->calls;
}

static void miss_add(struct figures *figures, const struct sums_row *row,
                     const struct quote *quote)
{
    unsigned which = row->key.layer == LAYER_NONE ? LAYER_EXACT : row->key.layer;
    struct layer_figures *layer = &figures->layers[which % FIGURES_LAYERS];
    unsigned reason = row->key.reason < REASON_COUNT ? row->key.reason : REASON_COUNT;
    figures->misses += row->calls;
    layer->lookups += row->calls;
    layer->misses += row->calls;
    asked_before(figures, row);
    if (row->key.recorded) {
        figures->recorded += row->calls;
        shadow_add(figures, row);
        figures->silent += row->key.usage == USAGE_UNKNOWN ? row->calls : 0;
    } else {
        figures->dropped += row->calls;
        figures->dropped_by[reason] += row->calls;
    }
    if (reason == REASON_REPLAY)
        return; /* nothing was sent */
    spent_add(figures, row, quote);
    times_add(&figures->asked, row);
}

/* The layer was asked, but its answer was not: it has its own figures. */
static void observed_add(struct figures *figures, const struct sums_row *row,
                         const struct quote *quote)
{
    figures->observed += row->calls;
    figures->silent += row->key.usage == USAGE_UNKNOWN ? row->calls : 0;
    grow(&figures->observed_us, row->last_byte_us);
    worth_add(&figures->observable, row, quote);
    spent_add(figures, row, quote);
    times_add(&figures->asked, row);
}

static void bypass_add(struct figures *figures, const struct sums_row *row,
                       const struct quote *quote)
{
    unsigned reason = row->key.reason < REASON_COUNT ? row->key.reason : REASON_COUNT;
    figures->bypassed += row->calls;
    figures->bypassed_by[reason] += row->calls;
    if (reason != REASON_REPLAY)
        spent_add(figures, row, quote);
}

void figures_add(struct figures *figures, const struct sums_row *row,
                 const struct quote *quote)
{
    figures->calls += row->calls;
    figures->streams += row->streams;
    switch (row->key.verdict) {
    case VERDICT_HIT:
        hit_add(figures, row, quote);
        break;
    case VERDICT_STALE:
        stale_add(figures, row);
        break;
    case VERDICT_MISS:
        miss_add(figures, row, quote);
        break;
    case VERDICT_OBSERVED:
        observed_add(figures, row, quote);
        break;
    default:
        bypass_add(figures, row, quote);
        break;
    }
}

bool figures_unpriced(const struct sums_row *row, const struct quote *quote)
{
    return !quote->known && row->key.usage != USAGE_UNKNOWN &&
           row->key.verdict != VERDICT_STALE &&
           (row->key.verdict == VERDICT_HIT || row->key.reason != REASON_REPLAY);
}

void figures_saved(const struct figures *figures, struct worth *saved, uint64_t *saved_us)
{
    *saved = (struct worth){0};
    *saved_us = 0;
    for (size_t i = 0; i < FIGURES_LAYERS; i++) {
        worth_sum(saved, &figures->layers[i].saved);
        grow(saved_us, figures->layers[i].saved_us);
    }
}

uint64_t figures_shadow(const struct figures *figures)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < COMPARISONS; i++)
        sum += figures->shadow[i];
    return sum;
}

uint64_t figures_lookups(const struct figures *figures)
{
    return figures->hits + figures->misses + figures->stale;
}

/* In the bucket with the middle call, as far as the calls in it are evenly spread. */
uint64_t times_median_us(const uint64_t buckets[SUMS_BUCKETS])
{
    uint64_t calls = 0, below = 0;
    unsigned at = 0;
    for (unsigned i = 0; i < SUMS_BUCKETS; i++)
        calls += buckets[i];
    if (calls == 0)
        return 0;
    double middle = (double)calls / 2;
    while (at + 1 < SUMS_BUCKETS && (double)(below + buckets[at]) < middle)
        below += buckets[at++];
    double start = (double)sums_bucket_start_us(at);
    double end = at + 1 < SUMS_BUCKETS ? (double)sums_bucket_start_us(at + 1) : start;
    return (uint64_t)(start +
                      (end - start) * (middle - (double)below) / (double)buckets[at] +
                      0.5);
}
