/* SPDX-License-Identifier: MIT */
/* Together (https://docs.together.ai/reference). */
#include "compatible.h"

static const char *const hosts[] = {"api.together.xyz", "api.together.ai", NULL};

static const struct operation operations[] = {
    ROW_CHAT("/v1/chat/completions", NULL),
    ROW_COMPLETIONS("/v1/completions", NULL),
    ROW_EMBEDDINGS("/v1/embeddings", NULL),
    ROW_RERANK("/v1/rerank"),
    BYPASS("images", "/v1/images/**", REASON_OPERATION),
    STATEFUL("/v1/files**"),
    STATEFUL("/v1/batches**"),
    STATEFUL("/v1/fine-tunes**"),
    {0},
};

const struct dialect dialect_together = {
    .name = "together",
    .hosts = hosts,
    .operations = operations,
};
