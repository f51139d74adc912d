/* SPDX-License-Identifier: MIT */
/* Azure OpenAI and AI Foundry
 * (https://learn.microsoft.com/azure/ai-services/openai/reference): OpenAI's and
 * Anthropic's forms under other paths. The deployment in the path names the model. */
#include "dialect.h"

static const char *const hosts[] = {
    "*.openai.azure.com",
    "*.services.ai.azure.com",
    NULL,
};

static const char *const mixed_hosts[] = {
    "*.cognitiveservices.azure.com",
    "*.azure-api.net",
    NULL,
};

#define DEPLOYMENT "**/openai/deployments/$/"

static const struct operation operations[] = {
    {"chat", DEPLOYMENT "chat/completions", &form_openai_chat, ignored_openai_chat,
     STREAMED_IF_ASKED, STREAM_SSE_DONE, REASON_NONE},
    {"completions", DEPLOYMENT "completions", &form_openai_completion, ignored_user,
     STREAMED_IF_ASKED, STREAM_SSE_DONE, REASON_NONE},
    {"embeddings", DEPLOYMENT "embeddings", &form_openai_embeddings, ignored_user,
     STREAMED_NEVER, STREAM_NONE, REASON_NONE},
    {"speech", DEPLOYMENT "audio/speech", &form_openai_speech, NULL, STREAMED_NEVER,
     STREAM_NONE, REASON_NONE},
    BYPASS("images", DEPLOYMENT "images/**", REASON_OPERATION),
    {"chat", "**/openai/v1/chat/completions", &form_openai_chat, ignored_openai_chat,
     STREAMED_IF_ASKED, STREAM_SSE_DONE, REASON_NONE},
    {"completions", "**/openai/v1/completions", &form_openai_completion, ignored_user,
     STREAMED_IF_ASKED, STREAM_SSE_DONE, REASON_NONE},
    {"embeddings", "**/openai/v1/embeddings", &form_openai_embeddings, ignored_user,
     STREAMED_NEVER, STREAM_NONE, REASON_NONE},
    {"responses", "**/openai/v1/responses", &form_openai_responses,
     ignored_openai_responses, STREAMED_IF_ASKED, STREAM_SSE_RESPONSES, REASON_NONE},
    {"responses", "**/openai/responses", &form_openai_responses, ignored_openai_responses,
     STREAMED_IF_ASKED, STREAM_SSE_RESPONSES, REASON_NONE},
    {"chat", "**/models/chat/completions", &form_openai_chat, ignored_openai_chat,
     STREAMED_IF_ASKED, STREAM_SSE_DONE, REASON_NONE},
    {"embeddings", "**/models/embeddings", &form_openai_embeddings, ignored_user,
     STREAMED_NEVER, STREAM_NONE, REASON_NONE},
    {"messages", "**/anthropic/v1/messages", &form_anthropic_messages, ignored_anthropic,
     STREAMED_IF_ASKED, STREAM_SSE_ANTHROPIC, REASON_NONE},
    {"count-tokens", "**/anthropic/v1/messages/count_tokens", &form_anthropic_count,
     ignored_anthropic, STREAMED_NEVER, STREAM_NONE, REASON_NONE},
    {0},
};

/* Azure's own paths, behind API gateways under other names. Every member counts there. */
static const struct operation anywhere[] = {
    {"chat", DEPLOYMENT "chat/completions", &form_openai_chat, NULL, STREAMED_IF_ASKED,
     STREAM_SSE_DONE, REASON_NONE},
    {"completions", DEPLOYMENT "completions", &form_openai_completion, NULL,
     STREAMED_IF_ASKED, STREAM_SSE_DONE, REASON_NONE},
    {"embeddings", DEPLOYMENT "embeddings", &form_openai_embeddings, NULL, STREAMED_NEVER,
     STREAM_NONE, REASON_NONE},
    {0},
};

const struct dialect dialect_azure = {
    .name = "azure",
    .hosts = hosts,
    .mixed_hosts = mixed_hosts,
    .operations = operations,
    .anywhere = anywhere,
};
