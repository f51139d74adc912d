/* SPDX-License-Identifier: MIT */
/* OpenRouter (https://openrouter.ai/docs). `usage` stays in the key: it changes the
 * answer's shape; so do `models`, `route`, `provider` and `transforms`, which choose who
 * answers. */
#include "compatible.h"

static const char *const hosts[] = {"openrouter.ai", NULL};

static const struct operation operations[] = {
    ROW_CHAT("/api/v1/chat/completions", ignored_user),
    ROW_COMPLETIONS("/api/v1/completions", ignored_user),
    ROW_RESPONSES("/api/v1/responses"),
    ROW_MESSAGES("/api/v1/messages"),
    ROW_EMBEDDINGS("/api/v1/embeddings", ignored_user),
    ROW_RERANK("/api/v1/rerank"),
    {0},
};

const struct dialect dialect_openrouter = {
    .name = "openrouter",
    .hosts = hosts,
    .operations = operations,
    .error = ERROR_OPENROUTER,
};
