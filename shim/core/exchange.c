/* SPDX-License-Identifier: MIT */
/* The look-up: alias first, since a byte-identical repeat needs no JSON, then the exact
 * key; and the life of an exchange. What becomes of a miss stands in exchange_commit.c.
 */
#include "exchange_parts.h"

#include "api/edge_call.h"
#include "store/memory.h"

#include <errno.h>
#include <sodium.h>

/* -- hits ---------------------------------------------------------------------------- */

static bool same_target(struct span target, struct span recorded)
{
    if (span_equal(target, recorded))
        return true;
    struct buffer public = {0};
    api_public_target(target, &public);
    bool same = buffer_ok(&public) && span_equal(buffer_span(&public), recorded);
    buffer_free(&public);
    return same;
}

/* The keys say so already; this costs nothing and would catch a mistake in them. */
static bool is_answer_to(const struct record *record, const struct request *request)
{
    return span_equal(record->request.method, request->method) &&
           span_equal_nocase(record->request.host, request->host) &&
           same_target(request->target, record->request.target);
}

bool exchange_open(struct exchange *exchange, const struct request *request)
{
    if (record_unpack(buffer_span(&exchange->entry.payload), &exchange->record) != 0) {
        entry_free(&exchange->entry);
        return false;
    }
    if (!is_answer_to(&exchange->record, request)) {
        record_free(&exchange->record);
        entry_free(&exchange->entry);
        return false;
    }
    exchange->verdict = VERDICT_IS_HIT;
    exchange_line_hit(&exchange->line, &exchange->entry.label);
    return true;
}

bool exchange_is_forbidden(const struct exchange *exchange)
{
    const struct entry_label *label = &exchange->entry.label;
    return exchange->policy.mode == MODE_REFRESH ||
           exchange_refusal(exchange, label->stochastic, label->sensitive) !=
               REASON_NONE ||
           exchange_is_left_to_chance(exchange);
}

void exchange_observe(struct exchange *exchange)
{
    record_free(&exchange->record);
    entry_free(&exchange->entry);
    exchange->verdict = VERDICT_IS_MISS;
    exchange->observed = true;
}

/* Takes a found entry over, whose rules are known, unless it must not be served, has expired or
 * is no answer to |request|. */
static bool accept(struct exchange *exchange, struct store *store,
                   const struct request *request)
{
    if (exchange_is_forbidden(exchange)) {
        entry_free(&exchange->entry);
        return false;
    }
    if (!exchange_is_fresh(exchange, store, request) || !exchange_open(exchange, request))
        return false;
    if (exchange->policy.mode == MODE_OBSERVE)
        exchange_observe(exchange);
    return true;
}

/* The alias led to the first of several samples; it may be another one's turn. */
static bool find_sample(struct exchange *exchange, struct store *store)
{
    enum reason reason =
        exchange_choose_sample(exchange, exchange->entry.label.stochastic);
    if (reason == REASON_NONE && exchange->ordinal == 0)
        return true;
    entry_free(&exchange->entry);
    return reason == REASON_NONE && store_find(store, &exchange->tenant, exchange->key,
                                               &exchange->entry) == STORE_OK;
}

static bool find_by_alias(struct exchange *exchange, struct store *store,
                          const struct request *request)
{
    if (store_find_by_alias(store, &exchange->tenant, exchange->alias, exchange->key,
                            &exchange->entry) != STORE_OK)
        return false;
    exchange_note_key(exchange);
    exchange_policy_of_entry(exchange, request);
    return find_sample(exchange, store) && accept(exchange, store, request);
}

bool exchange_find(struct exchange *exchange, struct store *store,
                   const struct request *request)
{
    /* One text may have been recorded among others. */
    int result =
        exchange->call.inputs == 1
            ? store_find_anywhere(store, &exchange->tenant, exchange->key,
                                  &exchange->entry)
            : store_find(store, &exchange->tenant, exchange->key, &exchange->entry);
    if (result != STORE_OK)
        return false;
    exchange_policy_of_entry(exchange, request);
    return accept(exchange, store, request);
}

static bool find_by_key(struct exchange *exchange, struct store *store,
                        const struct request *request)
{
    if (!exchange_find(exchange, store, request))
        return false;
    /* The next one who writes it like this need not parse. */
    if (core_config()->mode != MODE_REPLAY && !exchange->observed && !exchange->ordinal)
        (void)!store_record_alias(store, &exchange->tenant, exchange->alias,
                                  exchange->key);
    return true;
}

/* -- misses -------------------------------------------------------------------------- */

static struct span copy_span(struct buffer *copy, struct span span)
{
    size_t at = copy->size;
    buffer_append_span(copy, span);
    return span_of(copy->at + at, span.size);
}

static size_t head_size(const struct request *request)
{
    size_t size = request->method.size + request->host.size + request->target.size;
    for (size_t i = 0; i < request->headers.count; i++)
        size += request->headers.at[i].name.size + request->headers.at[i].value.size;
    return size;
}

/* All memory at once, so that spans stay valid and no copy of a credential is left
 * behind. */
int exchange_keep_request(struct exchange *exchange, const struct request *request)
{
    struct buffer *copy = &exchange->copy;
    struct request *kept = &exchange->request;
    exchange->secret_size = head_size(request);
    if (!buffer_room(copy, exchange->secret_size + request->body.size + 1))
        return -1;
    kept->tls = request->tls;
    kept->unverified = request->unverified;
    kept->port = request->port;
    kept->method = copy_span(copy, request->method);
    kept->host = copy_span(copy, request->host);
    kept->target = copy_span(copy, request->target);
    for (size_t i = 0; i < request->headers.count; i++) {
        const struct header *header = &request->headers.at[i];
        struct span name = copy_span(copy, header->name);
        if (headers_add(&kept->headers, name, copy_span(copy, header->value)) != 0)
            return -1;
    }
    kept->body = copy_span(copy, request->body);
    buffer_free(&exchange->changed_body);
    return 0;
}

/* -- the verdict --------------------------------------------------------------------- */

static enum reason tenant_reason(int result)
{
    return result == STORE_NO_MEMORY ? REASON_NO_MEMORY : REASON_STORE;
}

/* The key of the recognised call, as far as there is a tenant. Samples are counted by it,
 * so they do not wait for the first recording to bring one into being. */
static enum reason choose_key(struct exchange *exchange, struct store *store,
                              const struct request *request)
{
    bool stochastic = exchange->call.stochastic;
    if (!exchange->has_tenant && exchange_wants_sample(exchange, stochastic) &&
        core_config()->mode != MODE_REPLAY && exchange->policy.mode != MODE_OBSERVE) {
        int result = exchange_find_tenant(exchange, store, request, true);
        if (result != STORE_OK)
            return tenant_reason(result);
    }
    if (!exchange->has_tenant)
        return REASON_NONE;
    if (exchange_make_key(exchange, request) != 0)
        return REASON_NO_MEMORY;
    return exchange_choose_sample(exchange, stochastic);
}

/* One vector may be asked for in two ways; recorded is that of the batches. */
static enum reason find_as_item(struct exchange *exchange, struct store *store,
                                struct request *asked, bool *found)
{
    *found = false;
    if (!exchange_as_item(exchange, asked))
        return REASON_NONE;
    enum reason reason = api_canonicalise(&exchange->call, asked->body, NULL);
    if (reason != REASON_NONE || !exchange->has_tenant)
        return reason;
    if (exchange_make_key(exchange, asked) != 0)
        return REASON_NO_MEMORY;
    *found = !exchange->stale && find_by_key(exchange, store, asked);
    if (*found)
        exchange->line.layer = LAYER_EMBEDDING;
    return REASON_NONE;
}

/* Not to be found as it is. REASON_NONE: hit, miss or wait. */
static enum reason miss(struct exchange *exchange, struct store *store,
                        struct request *asked)
{
    bool found;
    enum reason reason = find_as_item(exchange, store, asked, &found);
    if (reason != REASON_NONE || found)
        return reason;
    exchange->verdict = VERDICT_IS_MISS;
    if (exchange_keep_request(exchange, asked) != 0)
        return REASON_NO_MEMORY;
    if (exchange_find_items(exchange, store))
        return REASON_NONE;
    exchange_near_begin(exchange, store);
    if (exchange->verdict == VERDICT_IS_MISS)
        exchange_compete(exchange, store);
    return REASON_NONE;
}

/* REASON_NONE: hit, miss or wait. A tenant that has never recorded cannot have a hit. */
static enum reason judge(struct exchange *exchange, struct store *store,
                         const struct request *request)
{
    int result = exchange_find_tenant(exchange, store, request, false);
    if (result != STORE_OK && result != STORE_MISS)
        return tenant_reason(result);
    if (exchange->has_tenant && find_by_alias(exchange, store, request))
        return REASON_NONE;
    enum reason reason = api_recognise(request, &exchange->call);
    exchange_line_call(&exchange->line, &exchange->call);
    exchange_policy_of_call(exchange, request);
    if (reason == REASON_NONE)
        reason = exchange_refusal(exchange, exchange->call.stochastic, false);
    struct request asked = *request;
    if (reason == REASON_NONE)
        reason = exchange_remove_chance(exchange, &asked);
    if (reason == REASON_NONE)
        reason = exchange_ignore(exchange, asked.body);
    if (reason == REASON_NONE)
        reason = choose_key(exchange, store, &asked);
    if (reason != REASON_NONE)
        return reason;
    if (exchange->has_tenant && !exchange->stale && find_by_key(exchange, store, &asked))
        return REASON_NONE;
    if (exchange_lexical_find(exchange, store, &asked))
        return REASON_NONE;
    return miss(exchange, store, &asked);
}

/* What the journal says beside the verdict. */
static void describe(struct exchange *exchange, const struct request *request,
                     enum reason reason)
{
    struct usage usage = {0};
    bool readable = reason != REASON_NOT_JSON;
    exchange_line_tags(&exchange->line, &exchange->policy, request, readable);
    if (reason == REASON_NONE || reason == REASON_MODE_OFF || !readable)
        return;
    api_estimate(&exchange->call, request->body, NULL, &usage);
    exchange_line_usage(&exchange->line, &usage);
}

/* Tells equal requests, as they are written, also of who has never recorded. */
static void find_alias(struct exchange *exchange, struct store *store,
                       const struct request *request, enum reason reason)
{
    if (!exchange->has_tenant && reason != REASON_MODE_OFF)
        (void)!exchange_find_tenant(exchange, store, request, true);
}

static struct exchange *begin(const struct request *request, struct store *store,
                              enum journal_level level)
{
    uint64_t begun_us = core_now_us();
    struct exchange *exchange = memory_new(sizeof *exchange);
    if (!exchange)
        return exchange_deny_unjudged(request, REASON_NO_MEMORY, level);
    exchange->begun_us = begun_us;
    exchange->generation = core_generation();
    exchange_line_begin(&exchange->line, request, level);
    enum reason reason = edge_call_method(request->method)
                             ? exchange_edge_judge(exchange, store, request)
                             : judge(exchange, store, request);
    if (reason != REASON_NOT_LLM)
        describe(exchange, request, reason);
    if (reason == REASON_NONE && exchange->verdict != VERDICT_IS_HIT)
        exchange_mark_prefix(exchange, store);
    exchange->line.lookup_us = core_now_us() - begun_us;
    exchange->waited_us = exchange->line.lookup_us;
    if (core_config()->mode == MODE_REPLAY && exchange->verdict != VERDICT_IS_HIT)
        return exchange_replayed(exchange, store, request, reason);
    if (reason == REASON_NONE)
        return exchange;
    exchange->verdict = VERDICT_IS_BYPASS;
    if (reason == REASON_NOT_LLM) {
        exchange->ended = true; /* nobody's business */
    } else {
        find_alias(exchange, store, request, reason);
        exchange_line_end(exchange, &exchange->line, VERDICT_BYPASS, reason);
    }
    exchange_free(exchange);
    return NULL;
}

bool exchange_may_begin(const struct request *head, enum reason *reason)
{
    return api_may_be_call(head, reason) || exchange_edge_wants(head);
}

struct exchange *exchange_begin(const struct request *request, enum journal_level level)
{
    int saved = errno;
    enum reason reason = REASON_NOT_LLM;
    struct exchange *exchange = NULL;
    bool candidate = exchange_may_begin(request, &reason);
    struct store *store = candidate ? core_store() : NULL;
    if (store)
        exchange = begin(request, store, level);
    else if (candidate)
        exchange = exchange_deny_unjudged(request, REASON_STORE, level);
    else if (exchange_must_deny(request, reason))
        exchange = exchange_deny(request, reason, level);
    else
        exchange_bypass(request, reason, level);
    errno = saved;
    return exchange;
}

void exchange_bypass(const struct request *head, enum reason reason,
                     enum journal_level level)
{
    if (reason == REASON_NOT_LLM)
        return;
    struct journal_record line;
    struct call call;
    exchange_line_begin(&line, head, level);
    (void)!api_recognise(head, &call);
    exchange_line_call(&line, &call);
    exchange_line_head_tags(&line, head, &call);
    api_call_free(&call);
    exchange_line_end(NULL, &line, VERDICT_BYPASS, reason);
}

/* -- questions and the end ----------------------------------------------------------- */

bool exchange_is_edge(const struct exchange *exchange)
{
    return exchange->edge;
}

enum verdict exchange_verdict(const struct exchange *exchange)
{
    return exchange->verdict;
}

const struct record *exchange_record(const struct exchange *exchange)
{
    return &exchange->record;
}

void exchange_served(struct exchange *exchange, uint64_t first_us, uint64_t last_us)
{
    if (exchange_is_over(exchange) || exchange->verdict != VERDICT_IS_HIT)
        return;
    struct journal_record *line = &exchange->line;
    line->first_byte_us = exchange->waited_us + first_us;
    line->last_byte_us = exchange->waited_us + last_us;
    if (!exchange->stale) {
        exchange_line_end(exchange, line, VERDICT_HIT,
                          exchange->validated     ? REASON_VALIDATED
                          : exchange->revalidated ? REASON_REVALIDATED
                                                  : REASON_NONE);
        return;
    }
    line->status = (uint16_t)exchange->failure;
    exchange_line_end(exchange, line, VERDICT_STALE,
                      exchange->failure ? REASON_STATUS : REASON_TRUNCATED);
}

/* A hit that could not be served went upstream like any other request; a stale one had been
 * there. */
void exchange_drop(struct exchange *exchange, enum reason reason, unsigned status)
{
    if (exchange_is_over(exchange))
        return;
    bool hit = exchange->verdict == VERDICT_IS_HIT;
    if (hit || exchange->observed)
        exchange_line_no_hit(&exchange->line);
    if (!hit)
        exchange->line.last_byte_us = core_now_us() - exchange->begun_us;
    exchange->line.status = (uint16_t)status;
    exchange_line_end(exchange, &exchange->line,
                      hit && !exchange->stale ? VERDICT_BYPASS : VERDICT_MISS, reason);
}

static void wipe(struct exchange *exchange)
{
    if (exchange->copy.at)
        sodium_memzero(exchange->copy.at, exchange->secret_size < exchange->copy.size
                                              ? exchange->secret_size
                                              : exchange->copy.size);
    sodium_memzero(&exchange->tenant, sizeof exchange->tenant);
}

void exchange_free(struct exchange *exchange)
{
    if (!exchange || exchange->verdict == VERDICT_IS_LOST)
        return;
    if (!exchange_is_over(exchange))
        exchange_drop(exchange, REASON_ABORTED, 0);
    exchange_return_sample(exchange);
    exchange_release(exchange);
    if (exchange->verdict == VERDICT_IS_HIT)
        record_free(&exchange->record);
    entry_free(&exchange->entry);
    exchange_free_batch(exchange);
    wipe(exchange);
    api_call_free(&exchange->call);
    ignoring_free(exchange->ignoring);
    headers_free(&exchange->request.headers);
    buffer_free(&exchange->copy);
    buffer_free(&exchange->changed_body);
    buffer_free(&exchange->marked_body);
    buffer_free(&exchange->conditions);
    buffer_free(&exchange->shadow);
    exchange_near_free(exchange);
    memory_free(exchange);
}
