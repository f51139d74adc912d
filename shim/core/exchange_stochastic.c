/* SPDX-License-Identifier: MIT */
/* Answers that are drawn at random: asking for the likeliest one instead, and keeping
 * several. */
#include "exchange_parts.h"

#include "keys.h"

/* -- temperature 0 ------------------------------------------------------------------ */

/* What |asked| asks for now must be an LLM call that leaves nothing to chance. */
static enum reason recognise_anew(struct exchange *exchange, const struct request *asked)
{
    struct call call;
    enum reason reason = api_recognise(asked, &call);
    if (reason == REASON_NONE && call.stochastic)
        reason = REASON_STOCHASTIC;
    if (reason == REASON_NONE) {
        struct call before = exchange->call;
        exchange->call = call;
        call = before;
    }
    api_call_free(&call);
    return reason;
}

/* An observed program gets the answer to what it has asked. */
static bool wants_zero(const struct exchange *exchange)
{
    return exchange->policy.stochastic == STOCHASTIC_ZERO &&
           exchange->policy.mode != MODE_OBSERVE;
}

enum reason exchange_remove_chance(struct exchange *exchange, struct request *asked)
{
    if (!wants_zero(exchange) || !exchange->call.stochastic)
        return REASON_NONE;
    struct request changed = *asked;
    enum reason reason =
        api_without_chance(asked, &exchange->call, &exchange->changed_body);
    changed.body = buffer_span(&exchange->changed_body);
    if (reason == REASON_NONE)
        reason = recognise_anew(exchange, &changed);
    if (reason == REASON_NONE) {
        *asked = changed;
        exchange->changed = true;
        return REASON_NONE;
    }
    buffer_free(&exchange->changed_body);
    /* In replay mode nothing is sent: what is recorded may be served. */
    return core_config()->mode == MODE_REPLAY ? REASON_NONE : reason;
}

bool exchange_is_left_to_chance(const struct exchange *exchange)
{
    return exchange->entry.label.stochastic && wants_zero(exchange) &&
           core_config()->mode != MODE_REPLAY;
}

struct span exchange_upstream_body(const struct exchange *exchange)
{
    bool changed = exchange->changed && exchange->verdict == VERDICT_IS_MISS;
    return changed ? exchange->request.body : exchange_partial_body(exchange);
}

/* -- samples ------------------------------------------------------------------------ */

bool exchange_wants_sample(const struct exchange *exchange, bool stochastic)
{
    return stochastic && exchange->policy.stochastic == STOCHASTIC_SAMPLES;
}

enum reason exchange_choose_sample(struct exchange *exchange, bool stochastic)
{
    uint32_t samples = exchange->policy.samples;
    if (!exchange_wants_sample(exchange, stochastic))
        return REASON_NONE;
    if (!exchange->counted && samples_take(exchange->key, &exchange->sample) != 0)
        return REASON_NO_MEMORY;
    exchange->counted = true;
    exchange->ordinal = samples ? (uint32_t)(exchange->sample.number % samples) : 0;
    if (exchange->ordinal)
        keys_sample(&exchange->tenant, exchange->ordinal, exchange->key);
    return REASON_NONE;
}

void exchange_return_sample(const struct exchange *exchange)
{
    bool answered = exchange->verdict == VERDICT_IS_HIT && !exchange->denied;
    if (exchange->counted && !answered && !exchange->observed &&
        !exchange->line.recorded && exchange->generation == core_generation())
        samples_return(&exchange->sample);
}
