/* SPDX-License-Identifier: MIT */
/* See policy.h. */
#include "config_parts.h"

bool policy_has(const struct policy *policy, unsigned number)
{
    return policy->rules[number / 64] >> (number % 64) & 1;
}

void policy_set(struct policy *policy, enum setting_id id, uint64_t number,
                struct span text)
{
    switch (id) {
    case SETTING_MODE:
        policy->mode = (enum mode)number;
        break;
    case SETTING_EDGE:
        policy->edge = (enum edge)number;
        break;
    case SETTING_TTL:
        policy->ttl_s = number;
        break;
    case SETTING_MAX_AGE:
        policy->max_age_s = number;
        break;
    case SETTING_NEGATIVE_TTL:
        policy->negative_ttl_s = number;
        break;
    case SETTING_STALE_IF_ERROR:
        policy->stale_if_error_s = number;
        break;
    case SETTING_STALE_WHILE_REVALIDATE:
        policy->stale_while_revalidate_s = number;
        break;
    case SETTING_VERSION:
        policy->version = text;
        break;
    case SETTING_ON_MODEL_CHANGE:
        policy->on_model_change = (enum model_change)number;
        break;
    case SETTING_STOCHASTIC:
        policy->stochastic = (enum stochastic)number;
        break;
    case SETTING_SAMPLES:
        policy->samples = (uint32_t)number;
        break;
    case SETTING_COALESCE:
        policy->coalesce = number != 0;
        break;
    case SETTING_COALESCE_WAIT:
        policy->coalesce_wait_s = number;
        break;
    case SETTING_EMBEDDING:
        policy->embedding = number != 0;
        break;
    case SETTING_LEXICAL:
        policy->lexical = (enum lexical_tier)number;
        break;
    case SETTING_SEMANTIC:
        policy->semantic = (enum semantic_tier)number;
        break;
    case SETTING_SEMANTIC_CANARY:
        policy->semantic_canary = (uint32_t)number;
        break;
    case SETTING_PROMPT_CACHE:
        policy->prompt_cache = (enum prompt_cache)number;
        break;
    case SETTING_PII:
        policy->pii = (enum pii)number;
        break;
    case SETTING_PII_TTL:
        policy->pii_ttl_s = number;
        break;
    case SETTING_QUOTA:
        policy->quota = number;
        break;
    case SETTING_MAX_SIZE:
        policy->max_size = number;
        break;
    case SETTING_PUBLIC:
        policy->public = number != 0;
        break;
    case SETTING_CACHE_CONTROL:
        policy->cache_control = text;
        break;
    case SETTING_VARY:
        policy->vary = text;
        break;
    default:
        break;
    }
}

bool policy_wants_edge(const struct config *config, const struct policy *policy,
                       const struct request *head)
{
    if (policy->edge == EDGE_KNOWN)
        return config_known_host(config, head->host, head->port);
    return policy->edge != EDGE_OFF;
}

static void apply(const struct config *config, struct policy *out)
{
    for (size_t i = 0; i < config_count(config); i++) {
        const struct assignment *assignment = config_at(config, i);
        if (policy_has(out, assignment->section))
            policy_set(out, (enum setting_id)assignment->setting, assignment->number,
                       config_text(config, assignment->text));
    }
}

void policy_find(const struct config *config, const struct policy_facts *facts,
                 struct policy *out)
{
    *out = config->policy;
    if (section_count(config)) {
        for (unsigned number = 1; number <= section_count(config); number++)
            if (section_matches(config, number, facts) == SECTION_YES)
                out->rules[number / 64] |= (uint64_t)1 << (number % 64);
        apply(config, out);
    }
    if (config->mode == MODE_REPLAY)
        out->mode = MODE_REPLAY;
}

bool policy_may_publish(const struct config *config, const struct policy_facts *facts)
{
    for (size_t i = 0; i < config_count(config); i++) {
        const struct assignment *assignment = config_at(config, i);
        if (assignment->setting == SETTING_PUBLIC && assignment->number &&
            section_matches(config, assignment->section, facts) != SECTION_NO)
            return true;
    }
    return false;
}
