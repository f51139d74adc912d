/* SPDX-License-Identifier: MIT */
/* The rules that hold for one request: the settings' last matching values, as config.h has read
 * them from files and the environment. Pure functions; any thread. */
#ifndef CORE_POLICY_H
#define CORE_POLICY_H

#include "api/message.h"

#define POLICY_RULES 256 /* sections that a configuration may have */

enum mode {
    MODE_AUTO,    /* serve what is recorded, record the rest */
    MODE_OFF,     /* as without preecho */
    MODE_REPLAY,  /* serve what is recorded, refuse the rest; of a whole process only */
    MODE_REFRESH, /* always call, and record the answer anew */
    MODE_RECORD,  /* as auto, but never serve what has expired */
    MODE_OBSERVE, /* serve nothing, count what would have been served */
};

/* What to do with answers that are drawn at random: temperature above zero. */
enum stochastic {
    STOCHASTIC_FIRST,   /* keep the first */
    STOCHASTIC_SKIP,    /* neither serve nor record */
    STOCHASTIC_ZERO,    /* ask with temperature 0 */
    STOCHASTIC_SAMPLES, /* the n-th request gets the n-th of |samples| answers */
};

/* Prompts that hold personal data or secrets. */
enum pii {
    PII_CACHE, /* like all others */
    PII_SHORT, /* for |pii_ttl_s| at most */
    PII_SKIP,  /* neither serve nor record */
};

enum model_change { MODEL_CHANGE_KEEP, MODEL_CHANGE_RETIRE };

/* What a request is known by. An empty text is not known (yet): no rule about it matches. */
struct policy_facts {
    struct span host;
    uint16_t port;
    struct span path; /* without the query */
    struct span program;
    struct span tenant; /* the label */
    struct span dialect;
    struct span operation;
    struct span model;
};

/* GET and HEAD as HTTP allows a cache to answer them (RFC 9111). */
enum edge {
    EDGE_OFF,
    EDGE_KNOWN, /* on known hosts */
    EDGE_ON,    /* on all */
    EDGE_HEURISTIC, /* and an answer that does not say how long it holds is judged by its age */
};

/* A last user message whose words are those of a recorded one (api/lexical.h). */
enum lexical_tier {
    LEXICAL_TIER_OFF,    /* not looked up, not recorded as one */
    LEXICAL_TIER_SHADOW, /* sent upstream; what would have been served is compared */
    LEXICAL_TIER_SERVE,
};

/* A last user message whose embedding is near that of a recorded one. */
enum semantic_tier {
    SEMANTIC_TIER_OFF,    /* no embedding is asked for */
    SEMANTIC_TIER_SHADOW, /* sent upstream; what would have been served is compared */
    SEMANTIC_TIER_SERVE,  /* under a valid certificate; else as above */
};

/* What upstream's prefix cache is told. */
enum prompt_cache {
    PROMPT_CACHE_OFF,  /* what the program tells it */
    PROMPT_CACHE_MARK, /* also what it can have again */
    PROMPT_CACHE_SALT, /* also whose it is */
};

struct policy {
    enum mode mode;
    enum edge edge;
    enum stochastic stochastic;
    enum pii pii;
    enum prompt_cache prompt_cache;
    enum model_change on_model_change;
    enum lexical_tier lexical;
    enum semantic_tier semantic;
    uint32_t semantic_canary; /* percent */
    bool coalesce;
    bool embedding; /* vectors one by one */
    bool public;    /* `preecho serve` may give it to anybody */
    uint32_t samples;
    uint64_t ttl_s;
    uint64_t max_age_s;      /* nothing older is served, not even as stale */
    uint64_t negative_ttl_s; /* of answers that refuse the request itself; 0: not kept */
    uint64_t stale_if_error_s;
    uint64_t stale_while_revalidate_s;
    uint64_t coalesce_wait_s;
    uint64_t pii_ttl_s;
    uint64_t max_size;         /* bytes of the whole store, 0 = no limit */
    uint64_t quota;            /* bytes of the tenant, 0 = no limit */
    struct span version;       /* part of the key; points into the configuration */
    struct span cache_control; /* of what is public; both point into the configuration */
    struct span vary;
    uint64_t rules[POLICY_RULES / 64]; /* which sections match, as bits: what lists are
                                          gathered from */
};

struct config;

/* True when the edge layer knows the address of |head|, for which |policy| holds. */
bool policy_wants_edge(const struct config *config, const struct policy *policy,
                       const struct request *head);

/* Fills |out| in. Spans point into |config|. */
void policy_find(const struct config *config, const struct policy_facts *facts,
                 struct policy *out);
/* False when no rule makes anything public of which |facts| are a part, whatever the others are. */
bool policy_may_publish(const struct config *config, const struct policy_facts *facts);

#endif
