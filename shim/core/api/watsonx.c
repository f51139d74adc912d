/* SPDX-License-Identifier: MIT */
/* IBM watsonx.ai (https://cloud.ibm.com/apidocs/watsonx-ai): OpenAI's chat under other
 * names, streams by path and without a terminal event. */
#include "compatible.h"

static const char *const chat_content[] = {
    "choices/*/message/content", "choices/*/message/tool_calls",
    "choices/*/delta/content", "choices/*/delta/tool_calls", NULL};

static const struct form form_chat = {
    .needs = "messages[] model_id",
    .texts = texts_openai_chat,
    .model = "model_id",
    .choices = "n",
    .chance = {.at = "temperature"},
    .content = chat_content,
    .finish = {"choices", "finish_reason", NULL},
    .usage = USAGE({"usage/prompt_tokens", NULL, USAGE_IN, 0},
                   {"usage/completion_tokens", NULL, USAGE_OUT, 0}),
};

static const char *const generation_content[] = {"results/*/generated_text", NULL};

static const struct form form_generation = {
    .needs = "input model_id",
    .texts = texts_input,
    .model = "model_id",
    .chance = {.at = "parameters/decoding_method", .none = "\"greedy\""},
    .content = generation_content,
    .usage = USAGE({"results/*/input_token_count", NULL, USAGE_IN, 0},
                   {"results/*/generated_token_count", NULL, USAGE_OUT, 0}),
};

static const struct texts inputs_texts[] = {
    {.each = "", .at = "inputs/*"},
    {0},
};

static const char *const embeddings_content[] = {"results/*/embedding", NULL};

static const struct itemised embeddings_itemised = {
    false, NULL, "embedding", "input_token_count", NULL,
};

static const struct form form_embeddings = {
    .needs = "inputs[] model_id",
    .texts = inputs_texts,
    .model = "model_id",
    .inputs = "inputs",
    .outputs = "results",
    .itemised = &embeddings_itemised,
    .content = embeddings_content,
    .usage = USAGE({"input_token_count", NULL, USAGE_IN, 0}),
};

static const char *const hosts[] = {"*.ml.cloud.ibm.com", NULL};

static const struct operation operations[] = {
    ROW_ONCE("chat", "/ml/v1/text/chat", form_chat, NULL),
    {"chat", "/ml/v1/text/chat_stream", &form_chat, NULL, STREAMED_ALWAYS,
     STREAM_SSE_PLAIN, REASON_NONE},
    ROW_ONCE("generation", "/ml/v1/text/generation", form_generation, NULL),
    ROW_ONCE("embeddings", "/ml/v1/text/embeddings", form_embeddings, NULL),
    {0},
};

const struct dialect dialect_watsonx = {
    .name = "watsonx",
    .hosts = hosts,
    .operations = operations,
    .error = ERROR_WATSONX,
};
