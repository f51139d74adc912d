/* SPDX-License-Identifier: MIT */
/* See explanation.h: the steps that exchange_begin() takes in a host. */
#include "explanation.h"

#include "settings.h"
#include "shim/core/api/edge_call.h"
#include "shim/core/api/edge_fresh.h"
#include "shim/core/keys.h"
#include "store/records.h"

#include <sodium.h>

static void find_policy(struct explanation *out, const char *program)
{
    struct policy_facts facts =
        config_facts(out->config, out->request, span_text(program));
    facts.dialect = span_text(api_dialect_name(&out->call));
    facts.operation = span_text(api_operation_name(&out->call));
    facts.model = span_text(out->call.model);
    policy_find(out->config, &facts, &out->policy);
}

/* `stochastic = zero`: the request that is asked instead. */
static enum reason remove_chance(struct explanation *out)
{
    if (!out->call.stochastic || out->policy.stochastic != STOCHASTIC_ZERO)
        return REASON_NONE;
    enum reason reason = api_without_chance(out->request, &out->call, &out->changed);
    if (reason != REASON_NONE)
        return reason;
    out->asked.body = buffer_span(&out->changed);
    api_call_free(&out->call);
    return api_recognise(&out->asked, &out->call);
}

static enum reason judge_edge(struct explanation *out)
{
    struct edge_control asked;
    edge_control_read(&out->request->headers, &asked);
    edge_call_of(out->request, &out->call);
    out->edge = true;
    if (out->policy.mode == MODE_OFF)
        return REASON_MODE_OFF;
    return edge_may_look_up(out->request, &asked);
}

static enum reason judge(struct explanation *out, const char *program)
{
    bool failed;
    enum reason reason = api_recognise(out->request, &out->call);
    find_policy(out, program);
    if (edge_call_method(out->request->method) &&
        policy_wants_edge(out->config, &out->policy, out->request))
        return judge_edge(out);
    if (reason != REASON_NONE)
        return reason;
    if (out->policy.mode == MODE_OFF)
        return REASON_MODE_OFF;
    if (out->call.stochastic && out->policy.stochastic == STOCHASTIC_SKIP)
        return REASON_STOCHASTIC;
    reason = remove_chance(out);
    if (reason != REASON_NONE)
        return reason;
    out->ignoring = ignoring_new(out->config, &out->policy, &failed);
    if (failed)
        return REASON_NO_MEMORY;
    return out->ignoring ? api_canonicalise(&out->call, out->asked.body,
                                            ignoring_json(out->ignoring))
                         : REASON_NONE;
}

/* Sets |key| to that of the variant. */
static int make_variant_key(struct explanation *out)
{
    uint8_t alias[STORE_KEY_SIZE];
    struct entry latest;
    struct record record;
    keys_edge(&out->policy, &out->tenant, out->request, alias);
    int result = store_find_by_alias(out->store, &out->tenant, alias, out->key, &latest);
    if (result != STORE_OK)
        return result;
    if (record_unpack(buffer_span(&latest.payload), &record) == 0) {
        keys_edge_variant(&out->policy, &out->tenant, out->request,
                          &record.response.headers, record.request.body, out->key);
        record_free(&record);
    }
    entry_free(&latest);
    return STORE_OK;
}

static int make_key(struct explanation *out)
{
    if (out->edge)
        return make_variant_key(out);
    return keys_exact(&out->policy, &out->tenant, out->request, &out->call, out->key) == 0
               ? STORE_OK
               : STORE_NO_MEMORY;
}

/* What another message with its words has been answered by. */
static bool find_words(struct explanation *out)
{
    uint8_t key[STORE_KEY_SIZE];
    if (store_find_by_alias(out->store, &out->tenant, out->paraphrase.words, key,
                            &out->entry) != STORE_OK)
        return false;
    if (!paraphrase_fits(&out->paraphrase, &out->entry.label)) {
        entry_free(&out->entry);
        return false;
    }
    memcpy(out->key, key, sizeof(key));
    return true;
}

/* The words as they are, then with misspelt ones put right. */
static bool find_paraphrase(struct explanation *out, const struct paraphrase_of *of)
{
    if (find_words(out))
        return true;
    out->folded = paraphrase_fold(of, out->store, &out->paraphrase);
    return out->folded && find_words(out);
}

static void look_up_words(struct explanation *out)
{
    const struct policy *policy = &out->policy;
    struct paraphrase_of of = {policy, &out->tenant, &out->asked, &out->call};
    bool sampled = policy->stochastic == STOCHASTIC_SAMPLES && out->call.stochastic;
    out->lexical = policy->lexical != LEXICAL_TIER_OFF && !out->edge && !sampled;
    if (out->lexical && paraphrase_make(&of, &out->paraphrase) && out->has_tenant &&
        !out->found)
        out->paraphrased = find_paraphrase(out, &of);
}

/* `prompt_cache`: what a miss would be given. */
static void find_mark(struct explanation *out)
{
    out->marks = out->policy.prompt_cache != PROMPT_CACHE_OFF && !out->edge;
    if (out->marks)
        out->mark = prefix_mark_of(&out->asked, &out->call,
                                   out->policy.prompt_cache == PROMPT_CACHE_SALT);
}

static bool note_added(void *context, const struct journal_record *record)
{
    struct explanation *out = context;
    const char *tag = NULL;
    size_t begins = strlen(JOURNAL_TAG_ADDED);
    if (record->verdict != VERDICT_MISS ||
        memcmp(record->key, out->key, STORE_KEY_SIZE) != 0 ||
        record->time_ms < out->added_ms)
        return true;
    out->added[0] = 0;
    out->added_ms = record->time_ms;
    while ((tag = journal_next_tag(record, tag)))
        if (strncmp(tag, JOURNAL_TAG_ADDED, begins) == 0)
            snprintf(out->added, sizeof(out->added), "%s", tag + begins);
    return true;
}

static int look_up(struct explanation *out, const struct tenant *tenant)
{
    int result = STORE_OK;
    if (tenant)
        out->tenant = *tenant;
    else
        result = keys_tenant(out->config, out->store, out->request, false, &out->tenant);
    out->has_tenant = result == STORE_OK;
    if (result == STORE_OK)
        result = make_key(out);
    if (result == STORE_OK)
        result = store_find_anywhere(out->store, &out->tenant, out->key, &out->entry);
    out->found = result == STORE_OK;
    look_up_words(out);
    if (result == STORE_OK || result == STORE_MISS)
        result = out->has_tenant ? store_each_record(out->store, note_added, out, NULL)
                                 : STORE_OK;
    return result;
}

int explanation_make(const struct config *config, struct store *store,
                     const struct request *request, const char *program,
                     const struct tenant *tenant, struct explanation *out)
{
    *out = (struct explanation){
        .config = config, .store = store, .request = request, .asked = *request};
    out->reason = judge(out, program);
    if (out->reason == REASON_NONE)
        find_mark(out);
    int result = out->reason == REASON_NONE ? look_up(out, tenant) : STORE_OK;
    return settings_status(result, "the store cannot be asked");
}

void explanation_free(struct explanation *explanation)
{
    if (explanation->found || explanation->paraphrased)
        entry_free(&explanation->entry);
    paraphrase_free(&explanation->paraphrase);
    ignoring_free(explanation->ignoring);
    api_call_free(&explanation->call);
    buffer_free(&explanation->changed);
    sodium_memzero(&explanation->tenant, sizeof explanation->tenant);
}
