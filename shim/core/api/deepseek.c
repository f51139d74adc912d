/* SPDX-License-Identifier: MIT */
/* DeepSeek (https://api-docs.deepseek.com), with and without /v1. */
#include "compatible.h"

static const char *const hosts[] = {"api.deepseek.com", NULL};

static const struct operation operations[] = {
    ROW_CHAT("/chat/completions", NULL),
    ROW_CHAT("/v1/chat/completions", NULL),
    ROW_CHAT("/beta/chat/completions", NULL),
    ROW_COMPLETIONS("/beta/completions", NULL),
    ROW_COMPLETIONS("/beta/v1/completions", NULL),
    ROW_RESPONSES("/responses"),
    ROW_RESPONSES("/v1/responses"),
    ROW_MESSAGES("/anthropic/v1/messages"),
    {0},
};

const struct dialect dialect_deepseek = {
    .name = "deepseek",
    .hosts = hosts,
    .operations = operations,
};
