/* SPDX-License-Identifier: MIT */
/* What is kept of the answer to a GET, and what a 304 makes of it. */
#include "exchange_parts.h"

#include "api/edge_condition.h"
#include "api/edge_fresh.h"
#include "api/edge_list.h"
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

/* -- what an answer lacks ----------------------------------------------------------------- */

/* The Vary of the record that the address' alias leads to. */
static void find_vary(const struct exchange *exchange, struct store *store,
                      struct buffer *out)
{
    struct entry entry;
    struct record record;
    struct span name;
    uint8_t alias[STORE_KEY_SIZE], key[STORE_KEY_SIZE];
    keys_edge(&exchange->policy, &exchange->tenant, &exchange->request, alias);
    if (store_find_by_alias(store, &exchange->tenant, alias, key, &entry) != STORE_OK)
        return;
    if (record_unpack(buffer_span(&entry.payload), &record) == 0) {
        struct edge_list list = edge_list_begin(&record.response.headers, "Vary");
        while (edge_list_next(&list, &name)) {
            buffer_append_text(out, out->size ? ", " : "");
            buffer_append_span(out, name);
        }
        record_free(&record);
    }
    entry_free(&entry);
}

static int add_missing(struct headers *headers, const char *name, struct span value)
{
    if (!value.size || headers_find(headers, name))
        return 0;
    return headers_add(headers, span_text(name), value);
}

enum reason exchange_edge_complete(const struct exchange *exchange, struct store *store,
                                   const struct headers *received, struct edge_whole *out)
{
    *out = (struct edge_whole){0};
    for (size_t i = 0; i < received->count; i++)
        if (headers_add(&out->headers, received->at[i].name, received->at[i].value) != 0)
            return REASON_NO_MEMORY;
    edge_date_format(exchange_now_ms() / 1000, out->date);
    if (store && exchange->has_tenant && !headers_find(received, "Vary"))
        find_vary(exchange, store, &out->vary);
    if (!buffer_ok(&out->vary) ||
        add_missing(&out->headers, "Date", span_text(out->date)) != 0 ||
        add_missing(&out->headers, "Vary", buffer_span(&out->vary)) != 0)
        return REASON_NO_MEMORY;
    return REASON_NONE;
}

void exchange_edge_free_whole(struct edge_whole *whole)
{
    headers_free(&whole->headers);
    buffer_free(&whole->vary);
}

/* -- what is kept of it ------------------------------------------------------------------- */

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
    struct edge_whole whole;
    struct buffer packed = {0};
    struct record *record = &exchange->record;
    struct response response = record->response;
    bool good = exchange_edge_complete(exchange, NULL, fields, &whole) == REASON_NONE &&
                edge_condition_update(&response.headers, &whole.headers, &updated) == 0;
    response.headers = updated;
    if (good)
        record_pack(&record->request, &response, (struct span){0}, &packed);
    headers_free(&updated);
    exchange_edge_free_whole(&whole);
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

/* Under the same key, unless Vary has changed, what `entry` holds now. */
static void record_again(struct exchange *exchange, struct store *store)
{
    struct entry_label *label = &exchange->entry.label;
    struct buffer tags = {0};
    if (exchange_edge_keys(exchange, store, &exchange->record.response.headers) !=
        REASON_NONE)
        return;
    exchange_tags(exchange, &tags);
    struct entry_notes notes = {.tags = buffer_span(&tags)};
    if (buffer_ok(&tags))
        (void)!store_record(store, &exchange->tenant, exchange->key, exchange->alias,
                            label, &notes, buffer_span(&exchange->entry.payload));
    buffer_free(&tags);
}

/* The entry as |fields| update it. */
static bool renew(struct exchange *exchange, struct store *store,
                  const struct headers *fields)
{
    if (!update(exchange, fields))
        return false;
    exchange_edge_label(exchange, fields, &exchange->record.response.headers,
                        &exchange->entry.label);
    if (store)
        record_again(exchange, store);
    return true;
}

bool exchange_edge_confirm(struct exchange *exchange, const struct headers *fields)
{
    struct record *record = &exchange->record;
    int64_t now_s = exchange_now_ms() / 1000;
    if (record_unpack(buffer_span(&exchange->entry.payload), record) != 0)
        return false;
    if (edge_condition_confirms(fields, &record->response.headers, now_s) &&
        !renew(exchange, core_store(), fields))
        return false;
    exchange->validated = true;
    exchange_edge_serve(exchange, &exchange->request);
    return true;
}

static enum edge_sameness compare(const struct exchange *exchange,
                                  const struct headers *fields)
{
    const struct response *stored = &exchange->record.response;
    if (stored->status != 200)
        return EDGE_OTHER;
    return edge_condition_compare(fields, &stored->headers, stored->body.size);
}

void exchange_edge_compare(struct exchange *exchange, struct store *store,
                           const struct headers *fields)
{
    if (!exchange_edge_find(exchange, store, &exchange->request))
        return;
    enum edge_sameness sameness = compare(exchange, fields);
    if (sameness == EDGE_OTHER) {
        exchange->entry.label.ttl_s = 0;
        record_again(exchange, store);
    } else if (sameness == EDGE_SAME && !renew(exchange, store, fields)) {
        entry_free(&exchange->entry); /* the record is free already */
        return;
    }
    exchange_edge_forget(exchange);
}
