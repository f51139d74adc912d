/* SPDX-License-Identifier: MIT */
/* Doctor: the embedding model that the semantic layer asks. */
#include "doctor.h"

#include "print.h"
#include "shim/core/embedder_ask.h"

#include <stdlib.h>
#include <sysexits.h>

static void ask(struct doctor *doctor, const struct embedder *embedder)
{
    struct vector *vector = malloc(sizeof(*vector));
    enum embedded embedded =
        vector ? embedder_ask(embedder, span_text("Is anybody there?"), vector)
               : EMBEDDED_MEMORY;
    if (embedded == EMBEDDED_OK)
        doctor_good("semantic", "%s at %s answers with vectors of %zu numbers",
                    embedder->model, embedder->host, vector->dimensions);
    else
        doctor_problem(doctor, EX_UNAVAILABLE, "semantic",
                       "no vector from %s at %s%s within %u ms: %s; calls go to their "
                       "providers",
                       embedder->model, embedder->host, embedder->path,
                       embedder->deadline_ms, embedded_text(embedded));
    free(vector);
}

void doctor_semantic(struct doctor *doctor, const struct config *config)
{
    if (config->embedder && config->embedder->model[0])
        ask(doctor, config->embedder);
    else if (config->policy.semantic != SEMANTIC_TIER_OFF)
        doctor_problem(doctor, EX_CONFIG, "semantic",
                       "semantic is on, but nobody is asked: set semantic_url and "
                       "semantic_model");
}
