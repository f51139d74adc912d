/* SPDX-License-Identifier: MIT */
/* Requests that are not looked up, but whose answers tell something of stored ones: what is written
 * to (RFC 9111, 4.4), and HEAD (4.3.5). */
#include "exchange_parts.h"

#include "api/edge_fresh.h"
#include "store/memory.h"

#include <errno.h>

/* Is |request| one of them, by the rules in |policy|? */
static bool is_watched(const struct request *request, struct policy *policy)
{
    struct policy_facts facts =
        config_facts(core_config(), request, span_text(core_program()));
    policy_find(core_config(), &facts, policy);
    if (!policy_wants_edge(core_config(), policy, request))
        return false;
    return span_is(request->method, "HEAD") ? policy->mode == MODE_AUTO
                                            : policy->mode != MODE_OFF;
}

/* A HEAD that says no-store leaves nothing. */
static bool may_be_watched(const struct request *request)
{
    struct edge_control asked;
    if (core_config()->mode == MODE_REPLAY)
        return false;
    if (!span_is(request->method, "HEAD"))
        return !edge_call_safe(request->method);
    edge_control_read(&request->headers, &asked);
    return edge_may_look_up(request, &asked) == REASON_NONE;
}

struct exchange *exchange_watch_begin(const struct request *head)
{
    struct policy policy;
    struct request request = *head;
    request.body = (struct span){0};
    if (!may_be_watched(&request) || !is_watched(&request, &policy))
        return NULL;
    struct exchange *exchange = memory_new(sizeof *exchange);
    if (!exchange)
        return NULL;
    exchange->ended = exchange->edge = true;
    exchange->generation = core_generation();
    exchange->begun_us = core_now_us();
    exchange->policy = policy;
    edge_call_of(&request, &exchange->call);
    if (exchange_keep_request(exchange, &request) == 0)
        return exchange;
    exchange_free(exchange);
    return NULL;
}

static bool is_head(const struct exchange *exchange)
{
    return span_is(exchange->request.method, "HEAD");
}

void exchange_watch_end(struct exchange *exchange, unsigned status,
                        const struct headers *fields)
{
    int saved = errno;
    struct store *store = core_store();
    bool good =
        is_head(exchange) ? status == 200 && fields : status >= 200 && status <= 399;
    if (good && store && exchange->generation == core_generation() &&
        exchange_find_tenant(exchange, store, &exchange->request, false) == STORE_OK) {
        if (is_head(exchange))
            exchange_edge_compare(exchange, store, fields);
        else
            exchange_written(exchange, store);
    }
    errno = saved;
}
