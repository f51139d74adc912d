/* SPDX-License-Identifier: MIT */
/* See import_entry.h. */
#include "import_entry.h"

#include "shim/core/api/sensitive.h"
#include "shim/core/ignoring.h"
#include "shim/core/keys.h"

struct sealing {
    struct tenant tenant;
    uint8_t key[STORE_KEY_SIZE], alias[STORE_KEY_SIZE];
};

static bool fail(char problem[CASSETTE_PROBLEM_SIZE], const char *what, enum reason why)
{
    snprintf(problem, CASSETTE_PROBLEM_SIZE, "%s: %s", what, reason_meaning(why));
    return false;
}

static void fill_label(struct cassette_entry *entry, const struct config *config,
                       const struct call *call)
{
    struct entry_label *label = &entry->label;
    const struct response *response = &entry->response;
    struct usage usage = {0};
    api_usage(call, response, &usage);
    if (!usage.known && response->status < 300)
        api_estimate(call, entry->request.body, response, &usage);
    span_copy_text(span_text(api_dialect_name(call)), label->dialect,
                   sizeof(label->dialect));
    span_copy_text(span_text(api_operation_name(call)), label->operation,
                   sizeof(label->operation));
    span_copy_text(span_text(call->model), label->model, sizeof(label->model));
    span_copy_text(entry->request.host, label->host, sizeof(label->host));
    span_copy_text(span_text(config->tenant), label->tenant, sizeof(label->tenant));
    label->port = entry->request.port;
    label->status = (uint16_t)response->status;
    label->stream = call->stream != STREAM_NONE;
    label->stochastic = call->stochastic;
    usage_note(&usage, label);
    label->first_byte_us = response->first_byte_us;
    label->last_byte_us = response->last_byte_us;
    label->request_bytes = entry->request.body.size;
    label->response_bytes = response->body.size;
}

bool import_check(struct cassette_entry *entry, const struct config *config,
                  struct call *call, char problem[CASSETTE_PROBLEM_SIZE])
{
    enum reason reason = api_recognise(&entry->request, call);
    if (reason != REASON_NONE)
        return fail(problem, "such a request is never answered from the store", reason);
    if (!api_is_refusal(entry->response.status))
        reason = api_check(call, &entry->response);
    if (reason != REASON_NONE)
        return fail(problem, "such an answer is never kept", reason);
    if (!sensitive_in_call(call, entry->request.body, &entry->label.sensitive))
        return fail(problem, "the prompt cannot be looked through", REASON_NO_MEMORY);
    fill_label(entry, config, call);
    return true;
}

static void find_policy(const struct cassette_entry *entry, const struct config *config,
                        struct policy *policy)
{
    const struct entry_label *label = &entry->label;
    struct policy_facts facts =
        config_facts(config, &entry->request, span_text(label->program));
    facts.dialect = span_text(label->dialect);
    facts.operation = span_text(label->operation);
    facts.model = span_text(label->model);
    policy_find(config, &facts, policy);
}

/* The tenant of the entry's request with the credential in it. */
static int find_tenant(const struct cassette_entry *entry, const struct call *call,
                       const struct config *config, struct credential *credential,
                       struct store *store, struct tenant *tenant)
{
    struct request asked = entry->request;
    const struct headers *headers = &entry->request.headers;
    int result = STORE_OK;
    asked.headers = (struct headers){0};
    for (size_t i = 0; result == STORE_OK && i < headers->count; i++)
        if (headers_add(&asked.headers, headers->at[i].name, headers->at[i].value) != 0)
            result = STORE_NO_MEMORY;
    if (result == STORE_OK && credential_add(credential, call, &asked.headers) != 0)
        result = STORE_NO_MEMORY;
    if (result == STORE_OK)
        result = keys_tenant(config, store, &asked, true, tenant);
    headers_free(&asked.headers);
    return result;
}

/* Those of the cassette, and the label that it belongs to now. */
static void add_tags(const struct cassette_entry *entry, struct buffer *out)
{
    struct buffer tenant = {0};
    buffer_append_span(out, buffer_span(&entry->tags));
    if (!entry->label.tenant[0])
        return;
    buffer_append_text(&tenant, "tenant:");
    buffer_append_text(&tenant, entry->label.tenant);
    buffer_append_framed(out, buffer_span(&tenant));
    out->failed |= !buffer_ok(&tenant);
    buffer_free(&tenant);
}

/* Leaves out of the call's canonical form what the rules say. A store_result. */
static int ignore(struct call *call, struct span body, struct ignoring *ignoring)
{
    if (!ignoring)
        return STORE_OK;
    enum reason reason = api_canonicalise(call, body, ignoring_json(ignoring));
    return reason == REASON_NONE ? STORE_OK : STORE_NO_MEMORY;
}

/* Those that a program would ask for. A store_result. */
static int derive_keys(const struct cassette_entry *entry, const struct call *call,
                       const struct config *config, const struct policy *policy,
                       struct sealing *sealing)
{
    const struct request *request = &entry->request;
    keys_alias(config, &sealing->tenant, request, sealing->alias);
    if (keys_exact(policy, &sealing->tenant, request, call, sealing->key) != 0)
        return STORE_NO_MEMORY;
    if (entry->label.ordinal)
        keys_sample(&sealing->tenant, entry->label.ordinal, sealing->key);
    return STORE_OK;
}

/* Stores the entry, whose key leaves out what |ignoring| says. */
static int keep(const struct cassette_entry *entry, const struct sealing *sealing,
                const struct ignoring *ignoring, struct store *store)
{
    struct buffer packed = {0}, tags = {0}, ignored = {0};
    record_pack(&entry->request, &entry->response, (struct span){0}, &packed);
    add_tags(entry, &tags);
    ignoring_used(ignoring, &ignored);
    struct entry_notes notes = {.tags = buffer_span(&tags),
                                .ignored = buffer_span(&ignored)};
    int result = STORE_NO_MEMORY;
    if (buffer_ok(&packed) && buffer_ok(&tags) && buffer_ok(&ignored))
        result = store_record(store, &sealing->tenant, sealing->key,
                              entry->label.ordinal ? NULL : sealing->alias, &entry->label,
                              &notes, buffer_span(&packed));
    buffer_free(&packed);
    buffer_free(&tags);
    buffer_free(&ignored);
    return result;
}

int import_store(const struct cassette_entry *entry, struct call *call,
                 const struct config *config, struct credential *credential,
                 struct store *into)
{
    struct sealing sealing;
    struct policy policy;
    bool failed;
    find_policy(entry, config, &policy);
    if (entry->label.sensitive && policy.pii == PII_SKIP)
        return STORE_MISS;
    struct ignoring *ignoring = ignoring_new(config, &policy, &failed);
    int result = failed ? STORE_NO_MEMORY : ignore(call, entry->request.body, ignoring);
    if (result == STORE_OK)
        result = find_tenant(entry, call, config, credential, into, &sealing.tenant);
    if (result == STORE_OK)
        result = derive_keys(entry, call, config, &policy, &sealing);
    if (result == STORE_OK)
        result = keep(entry, &sealing, ignoring, into);
    ignoring_free(ignoring);
    return result;
}
