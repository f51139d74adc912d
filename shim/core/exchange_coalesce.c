/* SPDX-License-Identifier: MIT */
/* The same question from several at the same time: one holds the lease and asks upstream, the
 * others wait until it lets go of it, which it does when its answer lies in the store, when it
 * has got none that could be kept, or when it dies. Whoever finds no answer then tries to get
 * the lease itself. */
#include "exchange_parts.h"

#include "follow_helper.h"

#include <errno.h>
#include <stdatomic.h>

#define FOLLOWERS_LIMIT 64    /* of a process: each has a helper */
#define ROUNDS_LIMIT    100   /* leaders that one follower waits for */
#define LONGEST_WAIT_S  86400 /* whatever the setting says */
#define GRACE_US        1000000

static _Atomic int followers;

static bool may_coalesce(const struct exchange *exchange)
{
    const struct policy *policy = &exchange->policy;
    return policy->coalesce && policy->stochastic != STOCHASTIC_SAMPLES &&
           core_config()->mode != MODE_REPLAY &&
           (policy->mode == MODE_AUTO || policy->mode == MODE_RECORD);
}

bool exchange_has_keys(struct exchange *exchange, struct store *store)
{
    if (exchange->has_tenant)
        return true;
    if (exchange_find_tenant(exchange, store, &exchange->request, true) != STORE_OK)
        return false;
    exchange->has_tenant = exchange_make_key(exchange, &exchange->request) == 0;
    return exchange->has_tenant;
}

static uint64_t longest_wait_us(const struct exchange *exchange)
{
    uint64_t wait_s = exchange->policy.coalesce_wait_s;
    return (wait_s < LONGEST_WAIT_S ? wait_s : LONGEST_WAIT_S) * 1000000;
}

static uint64_t time_left_us(const struct exchange *exchange)
{
    uint64_t most = longest_wait_us(exchange);
    uint64_t waited = core_now_us() - exchange->begun_us;
    return waited < most ? most - waited : 0;
}

/* True: the exchange is a hit now. */
static bool look_again(struct exchange *exchange, struct store *store)
{
    exchange_forget_stale(exchange);
    if (!exchange_find(exchange, store, &exchange->request) &&
        !exchange_find_items(exchange, store))
        return false;
    exchange->line.coalesced = true;
    return true;
}

/* Another one may have had the lease, and given it back, since we looked into the store. */
static void compete(struct exchange *exchange, struct store *store)
{
    int result = lease_take(store, &exchange->tenant, exchange->key, &exchange->lease);
    if (result == STORE_BUSY)
        exchange->verdict = VERDICT_IS_WAIT;
    else if (result == STORE_OK && look_again(exchange, store))
        exchange_release(exchange);
}

void exchange_compete(struct exchange *exchange, struct store *store)
{
    if (may_coalesce(exchange) && time_left_us(exchange) > 0 &&
        exchange_has_keys(exchange, store))
        compete(exchange, store);
}

static void stop_following(struct exchange *exchange)
{
    if (exchange->following)
        atomic_fetch_sub(&followers, 1);
    exchange->following = false;
}

void exchange_release(struct exchange *exchange)
{
    stop_following(exchange);
    struct store *store = exchange->lease.held ? core_store() : NULL;
    if (store)
        lease_release(store, &exchange->lease);
}

/* -- followers --------------------------------------------------------------------------- */

bool exchange_leader_is_here(const struct exchange *exchange)
{
    return exchange->lease.near;
}

/* For whatever it waits for. */
static bool start_helper(struct exchange *exchange, int far)
{
    uint64_t left_us = time_left_us(exchange);
    if (exchange_near_waits(exchange))
        return exchange_near_ask(exchange, far);
    return left_us > 0 &&
           follow_helper_start(far, exchange->lease.place, (left_us + 999) / 1000);
}

static bool follow(struct exchange *exchange, int far)
{
    if (exchange_is_over(exchange) || exchange->rounds++ == ROUNDS_LIMIT)
        return false;
    exchange->following = true;
    if (atomic_fetch_add(&followers, 1) < FOLLOWERS_LIMIT && start_helper(exchange, far))
        return true;
    stop_following(exchange);
    return false;
}

bool exchange_follow(struct exchange *exchange, int far)
{
    int saved = errno;
    bool following = follow(exchange, far);
    errno = saved;
    return following;
}

bool exchange_is_overdue(const struct exchange *exchange)
{
    uint64_t most = exchange_near_waits(exchange) ? exchange_near_patience_us()
                                                  : longest_wait_us(exchange);
    return core_now_us() - exchange->begun_us > most + GRACE_US;
}

enum verdict exchange_again(struct exchange *exchange)
{
    int saved = errno;
    struct store *store = exchange_is_over(exchange) ? NULL : core_store();
    bool near = exchange_near_waits(exchange);
    stop_following(exchange);
    exchange->verdict = VERDICT_IS_MISS;
    if (store &&
        !(near ? exchange_near_find(exchange, store) : look_again(exchange, store)))
        exchange_compete(exchange, store);
    errno = saved;
    return exchange->verdict;
}

void exchange_go_alone(struct exchange *exchange)
{
    stop_following(exchange);
    exchange_near_give_up(exchange);
    exchange->verdict = VERDICT_IS_MISS;
}
