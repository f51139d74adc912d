/* SPDX-License-Identifier: MIT */
/* GET and HEAD: a private cache after RFC 9111. What HTTP says of an answer is worked out once, when
 * it is recorded: an entry is as old as its Age and its transport make it (created_ms), and its time
 * to live is the freshness lifetime. Its alias leads to the variant that was recorded last, whose
 * Vary tells which one a request asks for. */
#include "exchange_parts.h"

#include "api/edge_call.h"
#include "api/edge_condition.h"
#include "api/edge_fresh.h"
#include "keys.h"
#include "lifetime.h"
#include "refresher.h"

/* -- which requests ----------------------------------------------------------------------- */

bool exchange_edge_wants(const struct request *head)
{
    struct policy policy;
    if (!edge_call_method(head->method))
        return false;
    struct policy_facts facts =
        config_facts(core_config(), head, span_text(core_program()));
    policy_find(core_config(), &facts, &policy);
    return policy_wants_edge(core_config(), &policy, head) &&
           !headers_find(&head->headers, "Upgrade");
}

/* -- finding ------------------------------------------------------------------------------ */

/* Of a found answer. */
static void forget(struct exchange *exchange)
{
    record_free(&exchange->record);
    entry_free(&exchange->entry);
}

/* The record that `alias` leads to, in `entry` and `record`. */
static bool find_latest(struct exchange *exchange, struct store *store,
                        const struct request *request)
{
    keys_edge(&exchange->policy, &exchange->tenant, request, exchange->alias);
    if (store_find_by_alias(store, &exchange->tenant, exchange->alias, exchange->key,
                            &exchange->entry) != STORE_OK)
        return false;
    if (record_unpack(buffer_span(&exchange->entry.payload), &exchange->record) == 0)
        return true;
    entry_free(&exchange->entry);
    return false;
}

/* Makes them those of the variant that |request| asks for. */
static bool find_variant(struct exchange *exchange, struct store *store,
                         const struct request *request)
{
    uint8_t wanted[STORE_KEY_SIZE];
    keys_edge_variant(&exchange->policy, &exchange->tenant, request,
                      &exchange->record.response.headers, exchange_epoch(exchange),
                      wanted);
    if (memcmp(wanted, exchange->key, sizeof wanted) == 0)
        return true;
    forget(exchange);
    memcpy(exchange->key, wanted, sizeof wanted);
    if (store_find(store, &exchange->tenant, wanted, &exchange->entry) != STORE_OK)
        return false;
    if (record_unpack(buffer_span(&exchange->entry.payload), &exchange->record) == 0)
        return true;
    entry_free(&exchange->entry);
    return false;
}

static bool find(struct exchange *exchange, struct store *store,
                 const struct request *request)
{
    if (!find_latest(exchange, store, request))
        return false;
    if (!exchange_epoch_take(exchange->record.request.body, exchange->epoch)) {
        forget(exchange);
        return false;
    }
    if (exchange->record.response.status == EDGE_WRITTEN) {
        forget(exchange);
        return false;
    }
    if (!find_variant(exchange, store, request))
        return false;
    exchange_note_key(exchange);
    return true;
}

/* -- serving ------------------------------------------------------------------------------ */

/* RFC 9111, 4.3.2: the metadata alone. */
static void make_unmodified(struct record *record)
{
    struct response *response = &record->response;
    response->status = 304;
    response->phrase = span_text("Not Modified");
    response->version = 11;
    response->body = (struct span){0};
    response->piece_count = 0;
    response->chunked = response->close_delimited = false;
    record->level = (struct span){0};
}

/* `entry` and `record` are the answer to |request|. */
void exchange_edge_serve(struct exchange *exchange, const struct request *request)
{
    struct record *record = &exchange->record;
    exchange->verdict = VERDICT_IS_HIT;
    exchange_line_hit(&exchange->line, &exchange->entry.label);
    record->request.method =
        span_is(request->method, "HEAD") ? span_text("HEAD") : span_text("GET");
    if (record->response.status == 200 && edge_condition_asked(&request->headers) &&
        edge_condition_unmodified(&request->headers, &record->response.headers,
                                  exchange_now_ms() / 1000))
        make_unmodified(record);
    exchange->line.status = (uint16_t)record->response.status;
}

bool exchange_edge_open(struct exchange *exchange)
{
    if (record_unpack(buffer_span(&exchange->entry.payload), &exchange->record) != 0) {
        entry_free(&exchange->entry);
        return false;
    }
    exchange_edge_serve(exchange, &exchange->request);
    return true;
}

/* -- judging ------------------------------------------------------------------------------ */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static struct edge_stored stored_of(const struct exchange *exchange)
{
    const struct policy *policy = &exchange->policy;
    const struct entry_label *label = &exchange->entry.label;
    return (struct edge_stored){
        .headers = &exchange->record.response.headers,
        .age_s = lifetime_age(label, exchange_now_ms()),
        .lifetime_s = least(label->ttl_s, policy->ttl_s),
        .meanwhile_s = policy->stale_while_revalidate_s,
        .failing_s = policy->stale_if_error_s,
    };
}

/* A miss that knows what was answered before. */
static void keep_stale(struct exchange *exchange, const struct request *request,
                       const struct edge_control *asked, const struct edge_stored *stored)
{
    exchange->fails_over =
        exchange->policy.mode == MODE_AUTO && edge_use_failing(asked, stored);
    exchange->validates = !edge_condition_asked(&request->headers) &&
                          edge_condition_possible(stored->headers);
    if (exchange->validates)
        edge_condition_make(stored->headers, &exchange->conditions);
    exchange->validates = exchange->validates && buffer_ok(&exchange->conditions);
    exchange->stale = exchange->validates || exchange->fails_over;
    record_free(&exchange->record);
    if (!exchange->stale)
        entry_free(&exchange->entry);
}

static bool starts_refresher(const struct exchange *exchange,
                             const struct request *request)
{
    return exchange->policy.mode == MODE_AUTO && span_is(request->method, "GET") &&
           !edge_condition_asked(&request->headers) &&
           refresher_start(core_config(), request, exchange->key);
}

/* Is the found answer good enough, as it is or while a new one is fetched? */
static bool is_good(struct exchange *exchange, const struct request *request,
                    const struct edge_control *asked, const struct edge_stored *stored)
{
    enum edge_use use = edge_use_for(asked, stored);
    if (core_config()->mode == MODE_REPLAY)
        return true;
    if (use == EDGE_USE_AS_IS)
        return true;
    exchange->revalidated =
        use == EDGE_USE_MEANWHILE && starts_refresher(exchange, request);
    return exchange->revalidated;
}

/* What becomes of it: a hit, or a miss that may know it. */
static void use(struct exchange *exchange, const struct request *request,
                const struct edge_control *asked)
{
    struct edge_stored stored = stored_of(exchange);
    enum mode mode = exchange->policy.mode;
    bool out =
        core_config()->mode != MODE_REPLAY &&
        lifetime_is_out(&exchange->policy, &exchange->entry.label, exchange_now_ms());
    bool good =
        !out && mode != MODE_REFRESH && is_good(exchange, request, asked, &stored);
    exchange->observed = good && mode == MODE_OBSERVE;
    if (good && !exchange->observed)
        exchange_edge_serve(exchange, request);
    else if (out || mode == MODE_REFRESH || mode == MODE_OBSERVE)
        forget(exchange);
    else
        keep_stale(exchange, request, asked, &stored);
}

/* Why |request| is not looked up, or REASON_NONE. */
static enum reason refusal(const struct exchange *exchange, const struct request *request,
                           const struct edge_control *asked)
{
    if (!policy_wants_edge(core_config(), &exchange->policy, request))
        return REASON_METHOD;
    if (edge_condition_is_foreign(&request->headers) || request->body.size)
        return REASON_PARTIAL;
    if (asked->no_store)
        return REASON_NO_STORE;
    return exchange_refusal(exchange, false, false);
}

/* RFC 9111, 5.2.1.7: a hit that says that there is none. */
static enum reason deny(struct exchange *exchange, const struct request *request)
{
    struct response response = {
        .status = 504, .version = 11, .phrase = span_text("Gateway Timeout")};
    entry_free(&exchange->entry);
    record_pack(request, &response, (struct span){0}, &exchange->entry.payload);
    if (!buffer_ok(&exchange->entry.payload) ||
        record_unpack(buffer_span(&exchange->entry.payload), &exchange->record) != 0)
        return REASON_NO_MEMORY;
    exchange->verdict = VERDICT_IS_HIT;
    exchange->denied = true;
    exchange->line.status = 504;
    exchange_line_end(exchange, &exchange->line, VERDICT_BYPASS, REASON_ONLY_IF_CACHED);
    return REASON_NONE;
}

/* There is no answer; REASON_NONE: upstream is asked. */
static enum reason miss(struct exchange *exchange, const struct request *request,
                        const struct edge_control *asked)
{
    if (core_config()->mode == MODE_REPLAY)
        return REASON_METHOD;
    if (asked->only_if_cached)
        return deny(exchange, request);
    exchange->verdict = VERDICT_IS_MISS;
    if (exchange_keep_request(exchange, request) != 0)
        return REASON_NO_MEMORY;
    /* What a HEAD is answered is not kept: it goes out as it is. */
    return span_is(request->method, "HEAD") ? REASON_METHOD : REASON_NONE;
}

static enum reason look_up(struct exchange *exchange, struct store *store,
                           const struct request *request,
                           const struct edge_control *asked)
{
    int result = exchange_find_tenant(exchange, store, request, false);
    if (result != STORE_OK && result != STORE_MISS)
        return result == STORE_NO_MEMORY ? REASON_NO_MEMORY : REASON_STORE;
    exchange->line.layer = LAYER_EDGE;
    if (exchange->has_tenant && find(exchange, store, request))
        use(exchange, request, asked);
    return exchange->verdict == VERDICT_IS_HIT ? REASON_NONE
                                               : miss(exchange, request, asked);
}

enum reason exchange_edge_judge(struct exchange *exchange, struct store *store,
                                const struct request *request)
{
    struct edge_control asked;
    edge_control_read(&request->headers, &asked);
    exchange->edge = true;
    edge_call_of(request, &exchange->call);
    exchange_line_call(&exchange->line, &exchange->call);
    exchange_policy_of_call(exchange, request);
    enum reason reason = refusal(exchange, request, &asked);
    if (reason == REASON_NONE)
        reason = look_up(exchange, store, request, &asked);
    if (reason == REASON_NONE)
        return reason;
    exchange->line.layer = LAYER_NONE;
    bool open = core_config()->mode == MODE_REPLAY &&
                !exchange_confines(request->host, request->port);
    return open ? REASON_NOT_LLM : reason;
}

struct span exchange_upstream_fields(const struct exchange *exchange)
{
    bool asks = exchange->verdict == VERDICT_IS_MISS && exchange->validates;
    return asks ? buffer_span(&exchange->conditions) : (struct span){0};
}
