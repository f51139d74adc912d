/* SPDX-License-Identifier: MIT */
/* Mistral (https://docs.mistral.ai/api). */
#include "dialect.h"

static const struct refusal ocr_refusals[] = {
    {"document/document_url", IF_BEGINS_NOT, "data:", REASON_REMOTE_OBJECT},
    {"document/image_url", IF_BEGINS_NOT, "data:", REASON_REMOTE_OBJECT},
    {"document/image_url/url", IF_BEGINS_NOT, "data:", REASON_REMOTE_OBJECT},
    {"document/file_id", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {0},
};

static const char *const ocr_content[] = {"pages", NULL};

static const struct form form_ocr = {
    .needs = "model document",
    .model = "model",
    .refusals = ocr_refusals,
    .content = ocr_content,
};

static const char *const ignored[] = {"metadata", "prompt_cache_key", "service_tier",
                                      NULL};

static const char *const hosts[] = {"api.mistral.ai", "codestral.mistral.ai", NULL};

static const struct operation operations[] = {
    {"chat", "/v1/chat/completions", &form_openai_chat, ignored, STREAMED_IF_ASKED,
     STREAM_SSE_DONE, REASON_NONE},
    {"fim", "/v1/fim/completions", &form_fim, ignored, STREAMED_IF_ASKED, STREAM_SSE_DONE,
     REASON_NONE},
    {"embeddings", "/v1/embeddings", &form_openai_embeddings, ignored, STREAMED_NEVER,
     STREAM_NONE, REASON_NONE},
    {"moderations", "/v1/moderations", &form_openai_moderation, NULL, STREAMED_NEVER,
     STREAM_NONE, REASON_NONE},
    {"moderations", "/v1/chat/moderations", &form_openai_moderation, NULL, STREAMED_NEVER,
     STREAM_NONE, REASON_NONE},
    {"classifications", "/v1/classifications", &form_openai_moderation, NULL,
     STREAMED_NEVER, STREAM_NONE, REASON_NONE},
    {"classifications", "/v1/chat/classifications", &form_openai_moderation, NULL,
     STREAMED_NEVER, STREAM_NONE, REASON_NONE},
    {"ocr", "/v1/ocr", &form_ocr, NULL, STREAMED_NEVER, STREAM_NONE, REASON_NONE},
    STATEFUL("/v1/agents**"), /* an agent is configured at Mistral's */
    STATEFUL("/v1/conversations**"),
    STATEFUL("/v1/batch/**"),
    STATEFUL("/v1/files**"),
    STATEFUL("/v1/libraries**"),
    STATEFUL("/v1/fine_tuning/**"),
    {0},
};

const struct dialect dialect_mistral = {
    .name = "mistral",
    .hosts = hosts,
    .operations = operations,
    .error = ERROR_MISTRAL,
};
