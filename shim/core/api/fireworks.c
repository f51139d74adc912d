/* SPDX-License-Identifier: MIT */
/* Fireworks (https://docs.fireworks.ai/api-reference). */
#include "compatible.h"

static const char *const ignored[] = {"user", "prompt_cache_isolation_key", NULL};

static const char *const hosts[] = {"api.fireworks.ai", NULL};

static const struct operation operations[] = {
    ROW_CHAT("/inference/v1/chat/completions", ignored),
    ROW_COMPLETIONS("/inference/v1/completions", ignored),
    ROW_RESPONSES("/inference/v1/responses"),
    ROW_MESSAGES("/inference/v1/messages"),
    ROW_EMBEDDINGS("/inference/v1/embeddings", ignored),
    ROW_RERANK("/inference/v1/rerank"),
    {0},
};

const struct dialect dialect_fireworks = {
    .name = "fireworks",
    .hosts = hosts,
    .operations = operations,
};
