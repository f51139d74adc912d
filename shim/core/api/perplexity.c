/* SPDX-License-Identifier: MIT */
/* Perplexity (https://docs.perplexity.ai/api-reference): every answer comes from a web
 * search made for it, so none is reusable but embeddings. */
#include "compatible.h"

static const char *const hosts[] = {"api.perplexity.ai", NULL};

static const struct operation operations[] = {
    BYPASS("chat", "/chat/completions", REASON_LIVE_TOOLS),
    BYPASS("chat", "/v1/chat/completions", REASON_LIVE_TOOLS),
    BYPASS("responses", "/v1/responses", REASON_LIVE_TOOLS),
    BYPASS("search", "/search", REASON_LIVE_TOOLS),
    STATEFUL("/async/**"),
    ROW_EMBEDDINGS("/v1/embeddings", NULL),
    {0},
};

const struct dialect dialect_perplexity = {
    .name = "perplexity",
    .hosts = hosts,
    .operations = operations,
};
