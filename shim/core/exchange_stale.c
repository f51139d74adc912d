/* SPDX-License-Identifier: MIT */
/* Entries that have expired, and serving them when upstream fails (RFC 5861, 4). */
#include "exchange_parts.h"

#include <errno.h>

/* -- how old an entry is --------------------------------------------------------------- */

static uint64_t age_of(const struct entry *entry)
{
    int64_t age_ms = exchange_now_ms() - entry->label.created_ms;
    return age_ms > 0 ? (uint64_t)age_ms / 1000 : 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t exchange_lifetime(const struct exchange *exchange, unsigned status,
                           bool sensitive)
{
    const struct policy *policy = &exchange->policy;
    uint64_t lifetime_s = policy->ttl_s;
    if (status >= 400)
        lifetime_s = least(lifetime_s, policy->negative_ttl_s);
    if (sensitive && policy->pii == PII_SHORT)
        lifetime_s = least(lifetime_s, policy->pii_ttl_s);
    return lifetime_s;
}

/* Both who recorded the answer and who asks for it may have wanted it not to get old. */
static uint64_t lifetime_of(const struct exchange *exchange)
{
    const struct entry_label *label = &exchange->entry.label;
    return least(label->ttl_s,
                 exchange_lifetime(exchange, label->status, label->sensitive));
}

/* Seconds beyond its time to live. */
static uint64_t expired_since(const struct exchange *exchange)
{
    uint64_t age_s = age_of(&exchange->entry), lifetime_s = lifetime_of(exchange);
    return age_s > lifetime_s ? age_s - lifetime_s : 0;
}

static bool is_expired(const struct exchange *exchange)
{
    return lifetime_of(exchange) == 0 || expired_since(exchange) > 0 ||
           age_of(&exchange->entry) > exchange->policy.max_age_s;
}

/* In case upstream fails. */
static bool is_worth_keeping(const struct exchange *exchange)
{
    const struct policy *policy = &exchange->policy;
    return policy->mode == MODE_AUTO && policy->stale_if_error_s > 0 &&
           expired_since(exchange) <= policy->stale_if_error_s &&
           age_of(&exchange->entry) <= policy->max_age_s &&
           exchange->entry.label.status < 400;
}

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

bool exchange_is_fresh(struct exchange *exchange, struct store *store)
{
    if (core_config()->mode == MODE_REPLAY || !is_expired(exchange))
        return true; /* in replay mode nobody would renew it */
    take_newer(exchange, store);
    if (!is_expired(exchange))
        return true;
    exchange->stale = is_worth_keeping(exchange);
    if (!exchange->stale)
        entry_free(&exchange->entry);
    return false;
}

/* -- when upstream fails ----------------------------------------------------------------- */

bool exchange_is_failure(unsigned status)
{
    return status == 429 || status == 500 || (status >= 502 && status <= 504) ||
           status == 529; /* Anthropic: overloaded */
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
    exchange->stale = false;
}

bool exchange_serve_stale(struct exchange *exchange, unsigned status)
{
    if (!exchange_stale(exchange))
        return false;
    int saved = errno;
    bool good = exchange_open(exchange, &exchange->request);
    exchange->stale = good;
    exchange->failure = status;
    exchange->waited_us = core_now_us() - exchange->begun_us;
    if (good)
        exchange_release(exchange);
    errno = saved;
    return good;
}

struct cache_mark exchange_mark(const struct exchange *exchange)
{
    return (struct cache_mark){
        .denied = exchange->denied,
        .age_s = age_of(&exchange->entry),
        .stale = exchange->stale,
        .expired_s = expired_since(exchange),
        .failure = exchange->failure,
    };
}
