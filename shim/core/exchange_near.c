/* SPDX-License-Identifier: MIT */
/* The semantic layer's second tier: a last user message that an embedding model finds near a recorded
 * one, while everything else of the request is equal. The program waits for the embedding as it would
 * for another's answer (VERDICT_IS_WAIT); then the nearest entries are looked at, and the first that
 * the guards leave is served, if a certificate permits it and no canary is drawn, or kept to be
 * compared. Whatever goes wrong, the request goes upstream, and the journal says why. */
#include "exchange_parts.h"

#include "api/guard.h"
#include "api/question.h"
#include "api/sensitive.h"
#include "embedding_job.h"
#include "keys.h"
#include "log.h"
#include "store/certificates.h"
#include "store/memory.h"
#include "store/near.h"

#include <sodium.h>
#include <stdatomic.h>

/* Less similar candidates are of no interest to a certificate. */
#define LEAST_COSINE (CERTIFY_LOOSEST / 1000.0)

struct near_question {
    bool over; /* there is a vector, or there will be none */
    struct question question;
    uint8_t partition[VECTOR_PARTITION_SIZE];
    struct embedding_job *job;
    const struct vector *vector; /* the job's; NULL: none */
};

/* -- waiting for the embedding --------------------------------------------------------------- */

/* Which of several samples would be another's is not to be said; in replay mode nobody waits. */
static bool is_wanted(const struct exchange *exchange)
{
    const struct policy *policy = &exchange->policy;
    return policy->semantic != SEMANTIC_TIER_OFF && core_config()->embedder &&
           core_config()->mode != MODE_REPLAY && !exchange->edge &&
           (policy->mode == MODE_AUTO || policy->mode == MODE_RECORD) &&
           !exchange_wants_sample(exchange, exchange->call.stochastic);
}

/* |more|: what the rules leave out of |call|'s request. */
static bool read_question(const struct call *call, struct span body,
                          const struct json_ignoring *more, struct question *out)
{
    struct json_ignoring copy = {0};
    if (more)
        copy = *more; /* what is left out is noted when it is recorded */
    return question_of(call, body, &copy, out) == QUESTION_FOUND;
}

static bool has_text(struct exchange *exchange, const struct question *question)
{
    if (question->text.size > EMBEDDER_TEXT)
        exchange->remark = REASON_EMBEDDING_TEXT;
    return question->text.size > 0 && question->text.size <= EMBEDDER_TEXT;
}

/* What the rules keep out of the store, or in it for a while alone, is no model's business either. */
static bool is_confidential(const struct exchange *exchange)
{
    uint32_t kinds = 0;
    return exchange->policy.pii != PII_CACHE &&
           (!sensitive_in_call(&exchange->call, exchange->request.body, &kinds) || kinds);
}

/* The question, if it is one that another's answer may answer. */
static struct near_question *prepare(struct exchange *exchange, struct store *store)
{
    const struct request *request = &exchange->request;
    const struct call *call = &exchange->call;
    struct near_question *near = memory_new(sizeof *near);
    if (near && read_question(call, request->body, call->more, &near->question) &&
        has_text(exchange, &near->question) && !is_confidential(exchange) &&
        exchange_has_keys(exchange, store)) {
        keys_partition(&exchange->policy, &exchange->tenant, request, call,
                       buffer_span(&near->question.rest), near->partition);
        return near;
    }
    if (near)
        question_free(&near->question);
    memory_free(near);
    return NULL;
}

void exchange_near_begin(struct exchange *exchange, struct store *store)
{
    if (!is_wanted(exchange))
        return;
    exchange->near = prepare(exchange, store);
    if (!exchange->near)
        return;
    exchange->compared = true;
    exchange->verdict = VERDICT_IS_WAIT;
}

bool exchange_near_waits(const struct exchange *exchange)
{
    return exchange->near && !exchange->near->over;
}

bool exchange_near_ask(struct exchange *exchange, int far)
{
    struct near_question *near = exchange->near;
    near->job = embedding_job_start(core_config()->embedder,
                                    buffer_span(&near->question.text), far);
    return near->job != NULL;
}

uint64_t exchange_near_patience_us(void)
{
    return core_config()->embedder->deadline_ms * UINT64_C(1000);
}

void exchange_near_give_up(struct exchange *exchange)
{
    if (!exchange_near_waits(exchange))
        return;
    exchange->near->over = true;
    exchange->remark = REASON_EMBEDDING_HELPER;
}

void exchange_near_free(struct exchange *exchange)
{
    struct near_question *near = exchange->near;
    if (!near)
        return;
    question_free(&near->question);
    embedding_job_free(near->job);
    memory_free(near);
    exchange->near = NULL;
}

/* -- a candidate ----------------------------------------------------------------------------- */

/* Makes the exchange a hit with the entry |key|, for now. */
static bool open_entry(struct exchange *exchange, struct store *store,
                       const uint8_t key[STORE_KEY_SIZE])
{
    if (store_find(store, &exchange->tenant, key, &exchange->entry) != STORE_OK)
        return false;
    if (!exchange_is_forbidden(exchange) && exchange_is_good(exchange, store))
        return exchange_open(exchange, &exchange->request);
    entry_free(&exchange->entry);
    return false;
}

/* What speaks against giving the opened entry's answer. That all but the messages is equal the
 * partition says already; this costs little and would catch a mistake in it. */
static enum guard judge(const struct exchange *exchange)
{
    const struct question *asked = &exchange->near->question;
    const struct request *request = &exchange->record.request;
    struct question stored = {0};
    struct call call = {0};
    enum guard guard = GUARD_DIFFERENCE;
    if (api_recognise(request, &call) == REASON_NONE &&
        read_question(&call, request->body, exchange->call.more, &stored) &&
        span_equal(buffer_span(&stored.rest), buffer_span(&asked->rest)))
        guard = guard_between(buffer_span(&asked->text), buffer_span(&stored.text));
    question_free(&stored);
    api_call_free(&call);
    return guard;
}

static struct sample sample_of(const struct exchange *exchange,
                               const struct near_one *one, enum guard guard)
{
    double cosine = one->cosine < 1 ? one->cosine : 1;
    struct sample sample = {.similarity = (uint32_t)(cosine * CERTIFICATE_ONE),
                            .guard = (uint8_t)guard};
    memcpy(sample.candidate, one->key, sizeof sample.candidate);
    exchange_semantic_scope(exchange, span_text(core_config()->embedder->model),
                            GUARD_VERSION, &sample.scope);
    return sample;
}

/* Once in a process. */
static void tell(const struct exchange *exchange, enum certificate_state state,
                 const struct certificate_scope *scope)
{
    static _Atomic unsigned told; /* states, as bits */
    unsigned bit = 1U << state;
    if (exchange->policy.semantic == SEMANTIC_TIER_SERVE &&
        !(atomic_fetch_or(&told, bit) & bit))
        log_line(LOG_INFO, "semantic: %s, by %s: nothing is served; certificate: %s",
                 scope->class, scope->model, certificate_state_name(state));
}

static bool is_certified(const struct exchange *exchange, struct store *store,
                         const struct sample *sample)
{
    const struct certificate_scope *scope = &sample->scope;
    struct certificate certificate;
    int result = store_certificate(store, &exchange->tenant, scope, &certificate);
    enum certificate_state state = certificate_state(
        result == STORE_OK ? &certificate : NULL, scope, exchange_now_ms());
    if (state != CERTIFICATE_VALID) {
        tell(exchange, state, scope);
        return false;
    }
    return sample->similarity >= certificate.threshold;
}

/* No guard has forbidden it. True: it is served. */
static bool settle(struct exchange *exchange, struct store *store, struct sample *sample)
{
    const struct policy *policy = &exchange->policy;
    exchange->admitted = is_certified(exchange, store, sample);
    bool serves = policy->semantic == SEMANTIC_TIER_SERVE && exchange->admitted;
    sample->canary = serves && randombytes_uniform(100) < policy->semantic_canary;
    if (serves && !sample->canary)
        exchange_semantic_serve(exchange, sample->candidate);
    else
        exchange_semantic_keep(exchange, sample);
    return serves && !sample->canary;
}

/* True: the exchange is a hit. |*more|: the next candidate is to be looked at. */
static bool try(struct exchange *exchange, struct store *store,
                const struct near_one *one, bool *more)
{
    struct journal_record before = exchange->line;
    *more = true;
    if (!open_entry(exchange, store, one->key))
        return false;
    enum guard guard = judge(exchange);
    struct sample sample = sample_of(exchange, one, guard);
    *more = guard != GUARD_NONE;
    if (guard == GUARD_NONE && settle(exchange, store, &sample))
        return true;
    if (guard != GUARD_NONE && !exchange->sampled)
        exchange_semantic_keep(exchange, &sample);
    exchange_semantic_forget(exchange, &before);
    return false;
}

/* -- finding --------------------------------------------------------------------------------- */

static bool search(struct exchange *exchange, struct store *store)
{
    const struct near_question *asked = exchange->near;
    struct near near;
    bool more = true;
    if (store_near(store, &exchange->tenant, asked->partition,
                   span_text(core_config()->embedder->model), asked->vector,
                   &near) != STORE_OK)
        return false;
    for (size_t i = 0; more && i < near.count; i++)
        if (near.list[i].cosine < LEAST_COSINE)
            break;
        else if (try(exchange, store, &near.list[i], &more))
            return true;
    return false;
}

/* The entry that is replaced has a vector, too, so the new one needs it: also of what is stale. */
bool exchange_near_find(struct exchange *exchange, struct store *store)
{
    struct near_question *near = exchange->near;
    near->over = true;
    enum embedded embedded = embedding_job_take(near->job, &near->vector);
    if (embedded != EMBEDDED_OK)
        exchange->remark =
            (enum reason)(REASON_EMBEDDING_LATE + embedded - EMBEDDED_LATE);
    return near->vector && !exchange->stale && search(exchange, store);
}

void exchange_near_note(const struct exchange *exchange, struct buffer *out)
{
    const struct near_question *near = exchange->near;
    if (near && near->vector)
        vector_note_encode(near->partition, span_text(core_config()->embedder->model),
                           near->vector, out);
}
