/* SPDX-License-Identifier: MIT */
/* Entries that have expired, and serving them while a new answer is fetched (RFC 5861, 3) or when
 * upstream fails (RFC 5861, 4). */
#include "exchange_parts.h"

#include "lifetime.h"
#include "refresher.h"

#include <errno.h>

/* The database is looked at first: the answer that has replaced this entry may still be on its
 * way there. */
static void take_newer(struct exchange *exchange, struct store *store)
{
    struct entry newer;
    if (store_find_unmerged(store, &exchange->tenant, exchange->key, &newer) != STORE_OK)
        return;
    struct entry older = exchange->entry;
    if (newer.label.created_ms > older.label.created_ms)
        exchange->entry = newer;
    else
        older = newer;
    entry_free(&older);
}

static bool is_good(const struct exchange *exchange, struct store *store)
{
    const struct entry_label *label = &exchange->entry.label;
    return !lifetime_is_over(&exchange->policy, label, exchange_now_ms()) &&
           !exchange_is_retired(exchange, store);
}

/* True when the entry has expired no longer than |limit_s| ago, and was an answer. */
static bool is_within(const struct exchange *exchange, uint64_t limit_s)
{
    const struct entry_label *label = &exchange->entry.label;
    int64_t now_ms = exchange_now_ms();
    return exchange->policy.mode == MODE_AUTO && limit_s > 0 && label->status < 400 &&
           lifetime_expired(&exchange->policy, label, now_ms) <= limit_s &&
           !lifetime_is_out(&exchange->policy, label, now_ms);
}

/* At once, since somebody fetches a newer one. An answer that stands for a sample is not: the
 * helper would be given another. */
static bool is_revalidated(const struct exchange *exchange, struct store *store,
                           const struct request *request)
{
    const struct policy *policy = &exchange->policy;
    bool sample =
        exchange->entry.label.stochastic && policy->stochastic == STOCHASTIC_SAMPLES;
    return is_within(exchange, policy->stale_while_revalidate_s) && !sample &&
           !exchange_is_retired(exchange, store) &&
           refresher_start(core_config(), request, exchange->key);
}

bool exchange_is_fresh(struct exchange *exchange, struct store *store,
                       const struct request *request)
{
    if (core_config()->mode == MODE_REPLAY || is_good(exchange, store))
        return true; /* in replay mode nobody would renew it */
    take_newer(exchange, store);
    if (is_good(exchange, store))
        return true;
    exchange->revalidated = is_revalidated(exchange, store, request);
    if (exchange->revalidated)
        return true;
    exchange->stale = is_within(exchange, exchange->policy.stale_if_error_s);
    exchange->fails_over = exchange->stale;
    if (!exchange->stale)
        entry_free(&exchange->entry);
    return false;
}

/* -- when upstream fails ----------------------------------------------------------------- */

static bool is_failure(unsigned status)
{
    return status == 429 || status == 500 || (status >= 502 && status <= 504) ||
           status == 529; /* Anthropic: overloaded */
}

bool exchange_hides(const struct exchange *exchange, unsigned status)
{
    return exchange_stale(exchange) && ((exchange->validates && status == 304) ||
                                        (exchange->fails_over && is_failure(status)));
}

bool exchange_stale(const struct exchange *exchange)
{
    return exchange->verdict == VERDICT_IS_MISS && exchange->stale &&
           !exchange_is_over(exchange);
}

void exchange_forget_stale(struct exchange *exchange)
{
    if (exchange->stale && exchange->verdict == VERDICT_IS_MISS)
        entry_free(&exchange->entry);
    exchange->stale = exchange->validates = exchange->fails_over = false;
}

/* The entry that was kept, as it is or as a 304 confirms it. */
static bool open_stale(struct exchange *exchange, unsigned status,
                       const struct headers *fields)
{
    if (exchange->validates && status == 304)
        return exchange_edge_confirm(exchange, fields);
    if (!exchange->fails_over)
        return false;
    return exchange->edge ? exchange_edge_open(exchange)
                          : exchange_open(exchange, &exchange->request);
}

bool exchange_serve_stale(struct exchange *exchange, unsigned status,
                          const struct headers *fields)
{
    if (!exchange_stale(exchange))
        return false;
    int saved = errno;
    bool good = open_stale(exchange, status, fields);
    exchange->stale = good && !exchange->validated;
    exchange->failure = status;
    exchange->waited_us = core_now_us() - exchange->begun_us;
    if (good)
        exchange_release(exchange);
    errno = saved;
    return good;
}

struct cache_mark exchange_mark(const struct exchange *exchange)
{
    const struct entry_label *label = &exchange->entry.label;
    int64_t now_ms = exchange_now_ms();
    return (struct cache_mark){
        .denied = exchange->denied,
        .edge = exchange->edge,
        .validated = exchange->validated,
        .age_s = lifetime_age(label, now_ms),
        .stale = exchange->stale,
        .partial = exchange->completed,
        .revalidated = exchange->revalidated,
        .expired_s = lifetime_expired(&exchange->policy, label, now_ms),
        .failure = exchange->failure,
    };
}
