/* SPDX-License-Identifier: MIT */
/* Addresses that are written to (RFC 9111, 4.4). All variants of an answer belong to an epoch, which
 * is a part of their keys and stands in their records. Writing puts a record in the place of the
 * latest one that says no more than that another epoch has begun: older ones are found no more. */
#include "exchange_parts.h"

#include "keys.h"
#include "store/memory.h"

#include <errno.h>
#include <sodium.h>

bool exchange_epoch_take(struct span from, uint8_t epoch[EDGE_EPOCH_SIZE])
{
    if (from.size != EDGE_EPOCH_SIZE)
        return false;
    memcpy(epoch, from.at, EDGE_EPOCH_SIZE);
    return true;
}

struct span exchange_epoch(const struct exchange *exchange)
{
    return span_of(exchange->epoch, EDGE_EPOCH_SIZE);
}

/* What `alias` leads to now: zeroes when that is nothing. */
static void latest_epoch(const struct exchange *exchange, struct store *store,
                         uint8_t epoch[EDGE_EPOCH_SIZE])
{
    struct entry entry;
    struct record record;
    uint8_t key[STORE_KEY_SIZE];
    memset(epoch, 0, EDGE_EPOCH_SIZE);
    if (store_find_by_alias(store, &exchange->tenant, exchange->alias, key, &entry) !=
        STORE_OK)
        return;
    if (record_unpack(buffer_span(&entry.payload), &record) == 0) {
        (void)!exchange_epoch_take(record.request.body, epoch);
        record_free(&record);
    }
    entry_free(&entry);
}

bool exchange_epoch_keep(struct exchange *exchange, struct store *store)
{
    uint8_t latest[EDGE_EPOCH_SIZE];
    keys_edge(&exchange->policy, &exchange->tenant, &exchange->request, exchange->alias);
    latest_epoch(exchange, store, latest);
    bool known = !sodium_is_zero(exchange->epoch, sizeof exchange->epoch);
    if (!sodium_is_zero(latest, sizeof latest) &&
        memcmp(latest, exchange->epoch, sizeof latest) != 0)
        return false;
    if (!known)
        randombytes_buf(exchange->epoch, sizeof exchange->epoch);
    exchange->request.body = exchange_epoch(exchange);
    return true;
}

/* -- writing ------------------------------------------------------------------------------ */

struct exchange *exchange_write_begin(const struct request *head)
{
    struct policy policy;
    if (edge_call_safe(head->method) || core_config()->mode == MODE_REPLAY)
        return NULL;
    struct policy_facts facts =
        config_facts(core_config(), head, span_text(core_program()));
    policy_find(core_config(), &facts, &policy);
    if (policy.mode == MODE_OFF || !policy_wants_edge(core_config(), &policy, head))
        return NULL;
    struct exchange *exchange = memory_new(sizeof *exchange);
    struct request request = *head;
    request.body = (struct span){0};
    if (!exchange)
        return NULL;
    exchange->ended = exchange->edge = true;
    exchange->generation = core_generation();
    exchange->policy = policy;
    if (exchange_keep_request(exchange, &request) == 0)
        return exchange;
    exchange_free(exchange);
    return NULL;
}

/* In the place of what `alias` leads to: a record that says that an epoch has begun. */
static void begin_epoch(struct exchange *exchange, struct store *store)
{
    struct response response = {.version = 11};
    struct entry_label label = {.created_ms = exchange_now_ms()};
    struct buffer packed = {0};
    randombytes_buf(exchange->epoch, sizeof exchange->epoch);
    exchange->request.body = exchange_epoch(exchange);
    keys_edge_variant(&exchange->policy, &exchange->tenant, &exchange->request,
                      &response.headers, exchange_epoch(exchange), exchange->key);
    span_copy_text(span_text("http"), label.dialect, sizeof label.dialect);
    span_copy_text(span_text(EDGE_WRITTEN_OPERATION), label.operation,
                   sizeof label.operation);
    span_copy_text(exchange->request.host, label.host, sizeof label.host);
    label.port = exchange->request.port;
    record_pack(&exchange->request, &response, (struct span){0}, &packed);
    if (buffer_ok(&packed))
        (void)!store_record(store, &exchange->tenant, exchange->key, exchange->alias,
                            &label, NULL, buffer_span(&packed));
    buffer_free(&packed);
}

void exchange_write_end(struct exchange *exchange, unsigned status)
{
    uint8_t latest[EDGE_EPOCH_SIZE];
    int saved = errno;
    struct store *store = core_store();
    bool good = status >= 200 && status <= 399;
    if (good && store && exchange->generation == core_generation() &&
        exchange_find_tenant(exchange, store, &exchange->request, false) == STORE_OK) {
        keys_edge(&exchange->policy, &exchange->tenant, &exchange->request,
                  exchange->alias);
        latest_epoch(exchange, store, latest);
        if (!sodium_is_zero(latest, sizeof latest))
            begin_epoch(exchange, store);
    }
    errno = saved;
}
