/* SPDX-License-Identifier: MIT */
/* May an answer be kept, how old is it, how long is it fresh, and may it be used for a request: RFC
 * 9111, sections 3, 4.2 and 5.2 as a private cache follows them. Pure; any thread. Times: seconds. */
#ifndef CORE_EDGE_FRESH_H
#define CORE_EDGE_FRESH_H

#include "edge_control.h"
#include "store/reason.h"

/* May |response| to |request|, a GET, be kept (RFC 9111, 3)? REASON_NONE, REASON_STATUS,
 * REASON_NO_STORE: somebody forbids it; REASON_NO_FRESHNESS: there is neither a time nor a
 * validator. Beyond the standard: no redirection, whose follower may be libcurl, and no status that
 * says that something failed. */
MUST_USE enum reason edge_may_store(const struct headers *request,
                                    const struct response *response);

/* How old |response| was when it came, at |now_s|, after |delay_s| (RFC 9111, 4.2.3). */
uint64_t edge_initial_age(const struct headers *response, int64_t now_s,
                          uint64_t delay_s);
/* How long it is fresh from its generation on (RFC 9111, 4.2.1). Where it does not say (4.2.2): 0 if
 * |guess_most_s| is 0; else, but no longer than that, a tenth of the time since its last change, a
 * day at most; and where it does not say that either, |guess_most_s|, unless that is for ever. */
uint64_t edge_lifetime(const struct headers *response, uint64_t guess_most_s,
                       int64_t now_s);

/* What a stored answer is good for. */
enum edge_use {
    EDGE_USE_AS_IS,
    EDGE_USE_MEANWHILE, /* and fetch a new one */
    EDGE_USE_VALIDATED, /* when upstream has said that it still holds */
};

/* A stored answer: its fields, and what was found out when it was recorded. */
struct edge_stored {
    const struct headers *headers;
    uint64_t age_s;
    uint64_t lifetime_s;
    uint64_t
        meanwhile_s;    /* the rules' stale-while-revalidate, where the answer has none */
    uint64_t failing_s; /* likewise stale-if-error */
};

enum edge_use edge_use_for(const struct edge_control *request,
                           const struct edge_stored *stored);
/* May it be served when upstream cannot be reached or fails (4.2.4; RFC 5861, 4)? */
bool edge_use_failing(const struct edge_control *request,
                      const struct edge_stored *stored);

#endif
