/* SPDX-License-Identifier: MIT */
/* What preecho would make of one request: what it is recognised as, whose it is, which rules hold,
 * what is recorded. The same code as in a host, step by step. One thread. */
#ifndef TOOLS_EXPLANATION_H
#define TOOLS_EXPLANATION_H

#include "shim/core/api/prefix_mark.h"
#include "shim/core/config.h"
#include "shim/core/ignoring.h"
#include "shim/core/nearest.h"
#include "shim/core/paraphrase.h"

struct explanation {
    const struct config *config;
    struct store *store;
    const struct request *request;
    struct request
        asked; /* what would go upstream: |request|, perhaps with another body */
    struct buffer changed;
    struct call call;
    bool edge;          /* a GET or HEAD that the edge layer looks up */
    enum reason reason; /* REASON_NONE: it is looked up */
    struct policy policy;
    struct ignoring *ignoring;
    bool has_tenant; /* whoever asks has recorded something; |tenant|, |key| are known */
    struct tenant tenant;
    uint8_t key[STORE_KEY_SIZE];
    bool found; /* |entry| is what is recorded under |key| */
    struct entry entry;
    bool marks; /* the rules want something said to the provider's prefix cache: |mark| */
    enum prefix_mark mark;
    char added
        [32]; /* what the latest call of |key| that went upstream was given; "": nothing */
    int64_t added_ms;
    bool lexical; /* the rules want it to be looked up by its words, too: |paraphrase| */
    bool paraphrased; /* and so there is an answer: |entry|, of |key| */
    bool folded;      /* |paraphrase| has words that were taken for misspelt put right */
    struct paraphrase paraphrase;
};

/* Fills |out| in. |program| is the name of who asks, "" when that does not matter; |tenant| NULL:
 * from the request's credential. Free with explanation_free(), whatever the result. 0, or a code of
 * sysexits.h after a message. */
MUST_USE int explanation_make(const struct config *config, struct store *store,
                              const struct request *request, const char *program,
                              const struct tenant *tenant, struct explanation *out);
void explanation_free(struct explanation *explanation);

/* All of it on stdout. */
void explanation_print(const struct explanation *explanation);

#endif
