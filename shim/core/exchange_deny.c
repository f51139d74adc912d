/* SPDX-License-Identifier: MIT */
/* Replay mode: only the store answers. What it does not answer is denied with an error that
 * looks like the provider's, so that the levels serve it like any recording. */
#include "exchange_parts.h"

#include "denial.h"
#include "known_hosts.h"
#include "store/memory.h"

/* Stands for every request that even a refusal could not be made for. Never written to. */
static struct exchange lost = {.verdict = VERDICT_IS_LOST, .ended = true};

static bool replaying(void)
{
    return core_config()->mode == MODE_REPLAY;
}

/* The one place that says which hosts replay mode shuts off altogether. */
bool exchange_confines(struct span host, uint16_t port)
{
    return replaying() && (config_known_host(core_config(), host, port) ||
                           known_host_answers(host, port));
}

bool exchange_must_deny(const struct request *request, enum reason reason)
{
    return replaying() &&
           (reason != REASON_NOT_LLM || exchange_confines(request->host, request->port));
}

static void end_line(struct exchange *exchange, enum reason reason)
{
    exchange->line.status = 504;
    exchange->line.response_bytes = exchange->record.response.body.size;
    exchange->line.last_byte_us = core_now_us() - exchange->begun_us;
    exchange_line_end(exchange, &exchange->line,
                      reason == REASON_NONE ? VERDICT_MISS : VERDICT_BYPASS,
                      REASON_REPLAY);
}

/* Turns |exchange| into the refusal. |store|: where the nearest recording is looked for; it
 * may be NULL. */
static struct exchange *deny(struct exchange *exchange, struct store *store,
                             const struct request *request, enum reason reason)
{
    struct nearest nearest = {0};
    struct denial denial = {.request = request,
                            .call = &exchange->call,
                            .reason = reason,
                            .nearest = &nearest,
                            .now_ms = exchange_now_ms()};
    if (reason == REASON_NONE && store && exchange->has_tenant)
        nearest_find(store, &exchange->tenant, request, &exchange->call, NULL, &nearest);
    exchange->verdict = VERDICT_IS_BYPASS;
    int result = denial_record(&denial, &exchange->entry.payload, &exchange->record);
    nearest_free(&nearest);
    end_line(exchange, reason);
    if (result != 0) {
        buffer_free(&exchange->entry.payload);
        exchange_free(exchange);
        return &lost;
    }
    exchange->verdict = VERDICT_IS_HIT;
    exchange->denied = true;
    return exchange;
}

struct exchange *exchange_replayed(struct exchange *exchange, struct store *store,
                                   const struct request *request, enum reason reason)
{
    if (exchange_must_deny(request, reason))
        return deny(exchange, store, request, reason);
    exchange->ended = true; /* nobody's business */
    exchange_free(exchange);
    return NULL;
}

struct exchange *exchange_deny(const struct request *request, enum reason reason,
                               enum journal_level level)
{
    struct exchange *exchange = memory_new(sizeof *exchange);
    if (!exchange)
        return &lost;
    exchange->begun_us = core_now_us();
    exchange->generation = core_generation();
    exchange_line_begin(&exchange->line, request, level);
    (void)!api_recognise(request, &exchange->call);
    exchange_line_call(&exchange->line, &exchange->call);
    return deny(exchange, NULL, request, reason);
}

struct exchange *exchange_deny_unjudged(const struct request *request, enum reason reason,
                                        enum journal_level level)
{
    struct call call;
    if (!replaying())
        return NULL;
    if (api_recognise(request, &call) == REASON_NOT_LLM)
        reason = REASON_NOT_LLM;
    api_call_free(&call);
    return exchange_must_deny(request, reason) ? exchange_deny(request, reason, level)
                                               : NULL;
}
