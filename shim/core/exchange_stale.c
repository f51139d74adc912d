/* SPDX-License-Identifier: MIT */
/* Entries that have expired (PREECHO_TTL), and serving them when upstream fails
 * (PREECHO_STALE_IF_ERROR; RFC 5861, 4). */
#include "exchange_parts.h"

#include <errno.h>

/* -- how old an entry is --------------------------------------------------------------- */

static uint64_t age_of(const struct entry *entry)
{
    int64_t age_ms = exchange_now_ms() - entry->label.created_ms;
    return age_ms > 0 ? (uint64_t)age_ms / 1000 : 0;
}

/* Seconds beyond its time to live. */
static uint64_t expired_since(const struct entry *entry)
{
    uint64_t age_s = age_of(entry), ttl_s = core_config()->ttl_s;
    return age_s > ttl_s ? age_s - ttl_s : 0;
}

static bool is_expired(const struct entry *entry)
{
    return core_config()->ttl_s == 0 || expired_since(entry) > 0;
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
    const struct config *config = core_config();
    if (config->mode == MODE_REPLAY || !is_expired(&exchange->entry))
        return true; /* in replay mode nobody would renew it */
    take_newer(exchange, store);
    if (!is_expired(&exchange->entry))
        return true;
    exchange->stale = config->mode == MODE_AUTO && config->stale_if_error_s > 0 &&
                      expired_since(&exchange->entry) <= config->stale_if_error_s;
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
    errno = saved;
    return good;
}

struct cache_mark exchange_mark(const struct exchange *exchange)
{
    return (struct cache_mark){
        .denied = exchange->denied,
        .age_s = age_of(&exchange->entry),
        .stale = exchange->stale,
        .expired_s = expired_since(&exchange->entry),
        .failure = exchange->failure,
    };
}
