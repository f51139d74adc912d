/* SPDX-License-Identifier: MIT */
/* What is kept of the answer to a GET, and what a 304 makes of it. */
#include "exchange_parts.h"

#include "api/edge_condition.h"
#include "api/edge_fresh.h"
#include "keys.h"

enum reason exchange_edge_keys(struct exchange *exchange, struct store *store,
                               const struct headers *response)
{
    if (!exchange->has_tenant) {
        int result = exchange_find_tenant(exchange, store, &exchange->request, true);
        if (result != STORE_OK)
            return result == STORE_NO_MEMORY ? REASON_NO_MEMORY : REASON_IDENTITY;
    }
    if (!exchange_epoch_keep(exchange, store))
        return REASON_OVERTAKEN;
    keys_edge_variant(&exchange->policy, &exchange->tenant, &exchange->request, response,
                      exchange_epoch(exchange), exchange->key);
    exchange_note_key(exchange);
    return REASON_NONE;
}

static uint64_t guess_most(const struct exchange *exchange)
{
    const struct policy *policy = &exchange->policy;
    return policy->edge == EDGE_HEURISTIC ? policy->ttl_s : 0;
}

enum reason exchange_edge_check(const struct exchange *exchange,
                                const struct response *response)
{
    enum reason reason = edge_may_store(&exchange->request.headers, response);
    bool guessed = reason == REASON_NO_FRESHNESS &&
                   edge_lifetime(&response->headers, guess_most(exchange),
                                 exchange_now_ms() / 1000) > 0;
    return guessed ? REASON_NONE : reason;
}

void exchange_edge_label(const struct exchange *exchange, const struct headers *message,
                         const struct headers *stored, struct entry_label *label)
{
    int64_t now_ms = exchange_now_ms();
    uint64_t delay_s = (core_now_us() - exchange->begun_us) / 1000000;
    uint64_t age_s = edge_initial_age(message, now_ms / 1000, delay_s);
    label->ttl_s = edge_lifetime(stored, guess_most(exchange), now_ms / 1000);
    label->created_ms = now_ms - (int64_t)age_s * 1000;
}

/* The stored answer with its new fields, in `entry` and `record`, whose bytes are made anew: what a
 * level has noted besides speaks of the old ones. */
static bool update(struct exchange *exchange, const struct headers *fields)
{
    struct headers updated = {0};
    struct buffer packed = {0};
    struct record *record = &exchange->record;
    struct response response = record->response;
    bool good = edge_condition_update(&response.headers, fields, &updated) == 0;
    response.headers = updated;
    if (good)
        record_pack(&record->request, &response, (struct span){0}, &packed);
    headers_free(&updated);
    record_free(record);
    if (!good || !buffer_ok(&packed) ||
        record_unpack(buffer_span(&packed), record) != 0) {
        buffer_free(&packed);
        return false;
    }
    buffer_free(&exchange->entry.payload);
    exchange->entry.payload = packed;
    return true;
}

/* Under the same key, unless Vary has changed. */
static void record_again(struct exchange *exchange, const struct headers *fields)
{
    const struct headers *headers = &exchange->record.response.headers;
    struct entry_label *label = &exchange->entry.label;
    struct buffer tags = {0};
    struct store *store = core_store();
    exchange_edge_label(exchange, fields, headers, label);
    if (!store || exchange_edge_keys(exchange, store, headers) != REASON_NONE)
        return;
    exchange_tags(exchange, &tags);
    struct entry_notes notes = {.tags = buffer_span(&tags)};
    if (buffer_ok(&tags))
        (void)!store_record(store, &exchange->tenant, exchange->key, exchange->alias,
                            label, &notes, buffer_span(&exchange->entry.payload));
    buffer_free(&tags);
}

bool exchange_edge_confirm(struct exchange *exchange, const struct headers *fields)
{
    struct record *record = &exchange->record;
    int64_t now_s = exchange_now_ms() / 1000;
    if (record_unpack(buffer_span(&exchange->entry.payload), record) != 0)
        return false;
    if (edge_condition_confirms(fields, &record->response.headers, now_s)) {
        if (!update(exchange, fields))
            return false;
        record_again(exchange, fields);
    }
    exchange->validated = true;
    exchange_edge_serve(exchange, &exchange->request);
    return true;
}
