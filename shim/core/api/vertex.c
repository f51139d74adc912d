/* SPDX-License-Identifier: MIT */
/* Google Vertex AI (https://cloud.google.com/vertex-ai/docs/reference/rest): Gemini's
 * forms, and those of other makers behind rawPredict. */
#include "dialect.h"

static const struct refusal predict_refusals[] = {
    {"instances/*/prompt", IF_SET, NULL, REASON_OPERATION}, /* pictures, films */
    {"instances/*/image/gcsUri", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {"instances/*/video/gcsUri", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {0},
};

static const struct texts predict_texts[] = {
    {.each = "instances/*", .at = "title|content|text"},
    {0},
};

static const char *const predict_content[] = {
    "predictions/*/embeddings/values",
    "predictions/*/textEmbedding",
    "predictions/*/imageEmbedding",
    "predictions/*/videoEmbeddings",
    NULL,
};

static const struct itemised predict_itemised = {
    false, NULL, "embeddings/values", "metadata", NULL,
};

static const struct form form_predict = {
    .needs = "instances[]",
    .texts = predict_texts,
    .inputs = "instances",
    .outputs = "predictions",
    .itemised = &predict_itemised,
    .refusals = predict_refusals,
    .content = predict_content,
    .usage =
        USAGE({"predictions/*/embeddings/statistics/token_count", NULL, USAGE_IN, 0}),
};

static const struct texts rank_texts[] = {
    {.each = "", .at = "query|records/*/title|records/*/content"},
    {0},
};

static const char *const rank_content[] = {"records", NULL};

static const struct form form_rank = {
    .needs = "query records[]",
    .texts = rank_texts,
    .model = "model",
    .content = rank_content,
};

static const char *const hosts[] = {
    "*-aiplatform.googleapis.com",
    "aiplatform.googleapis.com",
    "aiplatform.*.rep.googleapis.com",
    NULL,
};

static const char *const mixed_hosts[] = {"discoveryengine.googleapis.com", NULL};

#define MODELS(PUBLISHER) "/**publishers/" PUBLISHER "/models"
#define GENERATE(PATH)                                                                   \
    {"generateContent",                                                                  \
     PATH "/$:generateContent",                                                          \
     &form_gemini_generate,                                                              \
     ignored_gemini,                                                                     \
     STREAMED_NEVER,                                                                     \
     STREAM_NONE,                                                                        \
     REASON_NONE},                                                                       \
    {                                                                                    \
        "streamGenerateContent", PATH "/$:streamGenerateContent", &form_gemini_generate, \
            ignored_gemini, STREAMED_ALWAYS, STREAM_JSON_ARRAY, REASON_NONE              \
    }

#define OPERATIONS                                                                       \
    GENERATE(MODELS("google")), {"predict",      MODELS("google") "/$:predict",          \
                                 &form_predict,  NULL,                                   \
                                 STREAMED_NEVER, STREAM_NONE,                            \
                                 REASON_NONE},                                           \
        {"embedContent",     MODELS("google") "/$:embedContent",                         \
         &form_gemini_embed, NULL,                                                       \
         STREAMED_NEVER,     STREAM_NONE,                                                \
         REASON_NONE},                                                                   \
        {"countTokens",      MODELS("google") "/$:countTokens",                          \
         &form_gemini_count, NULL,                                                       \
         STREAMED_NEVER,     STREAM_NONE,                                                \
         REASON_NONE},                                                                   \
        {"computeTokens",    MODELS("google") "/$:computeTokens",                        \
         &form_gemini_count, NULL,                                                       \
         STREAMED_NEVER,     STREAM_NONE,                                                \
         REASON_NONE},                                                                   \
        {"count-tokens",                                                                 \
         MODELS("anthropic") "/count-tokens:rawPredict",                                 \
         &form_anthropic_count,                                                          \
         ignored_anthropic,                                                              \
         STREAMED_NEVER,                                                                 \
         STREAM_NONE,                                                                    \
         REASON_NONE},                                                                   \
        {"messages",                                                                     \
         MODELS("anthropic") "/$:rawPredict",                                            \
         &form_anthropic_messages,                                                       \
         ignored_anthropic,                                                              \
         STREAMED_IF_ASKED,                                                              \
         STREAM_SSE_ANTHROPIC,                                                           \
         REASON_NONE},                                                                   \
        {"messages",                                                                     \
         MODELS("anthropic") "/$:streamRawPredict",                                      \
         &form_anthropic_messages,                                                       \
         ignored_anthropic,                                                              \
         STREAMED_ALWAYS,                                                                \
         STREAM_SSE_ANTHROPIC,                                                           \
         REASON_NONE},                                                                   \
        {"chat",     MODELS("*") "/$:rawPredict", &form_openai_chat,                     \
         NULL,       STREAMED_IF_ASKED,           STREAM_SSE_DONE,                       \
         REASON_NONE},                                                                   \
        {"chat",                                                                         \
         MODELS("*") "/$:streamRawPredict",                                              \
         &form_openai_chat,                                                              \
         NULL,                                                                           \
         STREAMED_ALWAYS,                                                                \
         STREAM_SSE_DONE,                                                                \
         REASON_NONE},                                                                   \
        {"fim",      MODELS("*") "/$:rawPredict", &form_fim,                             \
         NULL,       STREAMED_IF_ASKED,           STREAM_SSE_DONE,                       \
         REASON_NONE},                                                                   \
    {                                                                                    \
        "chat", "/**/endpoints/openapi/chat/completions", &form_openai_chat, NULL,       \
            STREAMED_IF_ASKED, STREAM_SSE_DONE, REASON_NONE                              \
    }

static const struct operation operations[] = {
    OPERATIONS,
    GENERATE("/**/endpoints"), /* tuned models */
    {"rank", "/**/rankingConfigs/*:rank", &form_rank, NULL, STREAMED_NEVER, STREAM_NONE,
     REASON_NONE},
    STATEFUL("/**:predictLongRunning"),
    STATEFUL("/**/cachedContents**"),
    STATEFUL("/**/batchPredictionJobs**"),
    STATEFUL("/**/reasoningEngines**"),
    {0},
};

static const struct operation anywhere[] = {OPERATIONS, {0}};

const struct dialect dialect_vertex = {
    .name = "vertex",
    .hosts = hosts,
    .mixed_hosts = mixed_hosts,
    .operations = operations,
    .anywhere = anywhere,
    .error = ERROR_GOOGLE,
};
