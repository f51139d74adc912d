/* SPDX-License-Identifier: MIT */
/* xAI (https://docs.x.ai/docs/api-reference). */
#include "compatible.h"

static const char *const ignored[] = {"user", "prompt_cache_key", NULL};

static const char *const hosts[] = {"api.x.ai", "*.api.x.ai", NULL};

static const struct operation operations[] = {
    {"chat", "/v1/chat/completions", &form_xai_chat, ignored, STREAMED_IF_ASKED,
     STREAM_SSE_DONE, REASON_NONE},
    ROW_COMPLETIONS("/v1/completions", ignored),
    ROW_RESPONSES("/v1/responses"),
    ROW_MESSAGES("/v1/messages"),
    ROW_EMBEDDINGS("/v1/embeddings", ignored),
    ROW_ONCE("tokenize", "/v1/tokenize-text", form_tokenize, NULL),
    BYPASS("images", "/v1/images/**", REASON_OPERATION),
    STATEFUL("/v1/videos/**"),
    STATEFUL("/v1/chat/deferred-completion/**"),
    {0},
};

const struct dialect dialect_xai = {
    .name = "xai",
    .hosts = hosts,
    .operations = operations,
};
