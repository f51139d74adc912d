/* SPDX-License-Identifier: MIT */
/* See publication.h. */
#include "publication.h"

#include "shim/core/api/edge_control.h"
#include "shim/core/keys.h"
#include "shim/core/lifetime.h"
#include "variant.h"

/* -- what could ever be given ---------------------------------------------------------- */

/* Of what a server was not proven to have said nobody is told. */
static bool is_recorded_by_get(const struct publication *publication)
{
    const struct request *request = &publication->record.request;
    return span_is(span_text(publication->entry.label.operation),
                   PUBLICATION_OPERATION) &&
           publication->record.response.status == 200 &&
           span_is(request->method, "GET") && !(request->tls && request->unverified);
}

int publication_read(struct store *store, const struct catalogue_place *place,
                     struct publication *out)
{
    int result = store_tenant_by_id(store, place->tenant, &out->tenant);
    if (result == STORE_OK)
        result = store_find(store, &out->tenant, place->key, &out->entry);
    if (result != STORE_OK)
        return result;
    memcpy(out->key, place->key, sizeof out->key);
    if (record_unpack(buffer_span(&out->entry.payload), &out->record) != 0) {
        entry_free(&out->entry);
        return STORE_MISS;
    }
    if (is_recorded_by_get(out))
        return STORE_OK;
    publication_free(out);
    return STORE_MISS;
}

void publication_free(struct publication *publication)
{
    record_free(&publication->record);
    entry_free(&publication->entry);
}

/* -- what may be given now ------------------------------------------------------------- */

static void find_policy(const struct config *config, struct publication *publication)
{
    const struct entry_label *label = &publication->entry.label;
    struct policy_facts facts =
        config_facts(config, &publication->record.request, span_text(label->program));
    facts.tenant = span_text(label->tenant);
    facts.dialect = span_text(label->dialect);
    facts.operation = span_text(label->operation);
    facts.model = span_text(label->model);
    policy_find(config, &facts, &publication->policy);
}

static bool rules_allow(const struct publication *publication)
{
    const struct policy *policy = &publication->policy;
    return policy->public && policy->mode != MODE_OFF &&
           !(policy->pii == PII_SKIP && publication->entry.label.sensitive);
}

/* A rule cannot make public what the server has said is for one person, or for nobody to keep. */
static bool server_allows(const struct publication *publication)
{
    struct edge_control control;
    edge_control_read(&publication->record.response.headers, &control);
    return !control.private && !control.no_store;
}

/* A program would find it under this key now: the rules' version is that of the recording, and nothing
 * was asked with that the record does not tell, a cookie for one. */
static bool is_told_whole(const struct publication *publication)
{
    const struct request *request = &publication->record.request;
    uint8_t key[STORE_KEY_SIZE];
    keys_edge_variant(&publication->policy, &publication->tenant, request,
                      &publication->record.response.headers, request->body, key);
    return memcmp(key, publication->key, sizeof key) == 0;
}

bool publication_is_public(const struct config *config, struct publication *publication)
{
    const struct record *record = &publication->record;
    find_policy(config, publication);
    return rules_allow(publication) && server_allows(publication) &&
           is_told_whole(publication) &&
           variant_answers(record, publication->policy.vary, &record->request.headers);
}

/* True when the entry |key| is of the same epoch. */
static bool shares_epoch(struct store *store, const struct publication *publication,
                         const uint8_t key[STORE_KEY_SIZE])
{
    struct entry entry;
    struct record record;
    bool same = false;
    if (store_find(store, &publication->tenant, key, &entry) != STORE_OK)
        return false;
    if (record_unpack(buffer_span(&entry.payload), &record) == 0) {
        same = span_equal(record.request.body, publication->record.request.body);
        record_free(&record);
    }
    entry_free(&entry);
    return same;
}

/* False when the address was written to since (RFC 9111, 4.4). */
static bool is_current(struct store *store, const struct publication *publication)
{
    uint8_t alias[STORE_KEY_SIZE], key[STORE_KEY_SIZE];
    keys_edge(&publication->policy, &publication->tenant, &publication->record.request,
              alias);
    return store_find_alias(store, &publication->tenant, alias, key) == STORE_OK &&
           (memcmp(key, publication->key, sizeof key) == 0 ||
            shares_epoch(store, publication, key));
}

static bool is_resource(const struct publication *publication,
                        const struct resource *resource)
{
    struct resource recorded;
    return resource_recorded(&publication->record.request, &recorded) &&
           resource_equal(&recorded, resource);
}

int publication_get(struct store *store, const struct config *config,
                    const struct catalogue_place *place, const struct resource *resource,
                    const struct headers *fields, int64_t now_ms, struct publication *out)
{
    int result = publication_read(store, place, out);
    if (result != STORE_OK)
        return result;
    if (publication_is_public(config, out) && is_resource(out, resource) &&
        !lifetime_is_over(&out->policy, &out->entry.label, now_ms) &&
        is_current(store, out) && variant_answers(&out->record, out->policy.vary, fields))
        return STORE_OK;
    publication_free(out);
    return STORE_MISS;
}

/* Takes |*next| over if it is better than |*best|. */
static void keep_better(struct publication *best, bool *found, struct publication *next)
{
    bool better = !*found || (next->record.request.tls && !best->record.request.tls);
    if (better && *found)
        publication_free(best);
    if (better)
        *best = *next;
    else
        publication_free(next);
    *found = true;
}

int publication_find(struct store *store, const struct config *config,
                     const struct catalogue_place *places, size_t count,
                     const struct resource *resource, const struct headers *fields,
                     int64_t now_ms, struct publication *out)
{
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        struct publication next;
        int result =
            publication_get(store, config, &places[i], resource, fields, now_ms, &next);
        if (result == STORE_OK)
            keep_better(out, &found, &next);
        else if (result != STORE_MISS && !found)
            return result;
        if (found && out->record.request.tls)
            break;
    }
    return found ? STORE_OK : STORE_MISS;
}
