/* SPDX-License-Identifier: MIT */
/* Everybody else who speaks OpenAI's, Anthropic's or a common rerank dialect: hosted ones
 * by name, local servers (vLLM, llama.cpp, LM Studio, SGLang, gateways …) by path and
 * body. Nobody knows what such a server makes of a member, so every member counts. */
#include "compatible.h"

static const struct refusal rerank_refusals[] = {
    {"documents/*/image", IF_BEGINS, "http: https:", REASON_REMOTE_OBJECT}, /* Jina */
    {"query", IF_BEGINS, "http: https:", REASON_REMOTE_OBJECT},
    {0},
};

/* A document is a text or has named ones. */
static const struct texts rerank_texts[] = {
    {.each = "", .at = "query|query/text|texts/*|documents/*|documents/*/?"},
    {0},
};

static const char *const rerank_content[] = {"results", "data", "*", NULL};

const struct form form_rerank = {
    .needs = "query documents[]|texts[]",
    .texts = rerank_texts,
    .model = "model",
    .refusals = rerank_refusals,
    .content = rerank_content,
    .usage = USAGE({"meta/billed_units/input_tokens", NULL, USAGE_IN, 0},
                   {"usage/prompt_tokens|usage/total_tokens", NULL, USAGE_IN, 1},
                   {NULL, "x-compute-tokens", USAGE_IN, 2}),
};

static const struct texts tokenize_texts[] = {
    {.each = "", .at = "text|prompt"},
    {.more = texts_openai_chat},
};

static const char *const tokenize_content[] = {"tokens",  "token_ids", "text",
                                               "content", "prompt",    NULL};

/* Cohere, xAI, llama.cpp: a text into tokens, or back. */
const struct form form_tokenize = {
    .needs = "text|tokens|messages",
    .texts = tokenize_texts,
    .model = "model",
    .content = tokenize_content,
};

/* vLLM. Without a model such a path may be anything: cards are "tokenized", too. */
static const struct form form_vllm_tokenize = {
    .needs = "model prompt|messages|tokens",
    .texts = tokenize_texts,
    .model = "model",
    .content = tokenize_content,
};

static const struct texts score_texts[] = {
    {.each = "", .at = "text_1|text_1/*|text_2|text_2/*|queries|queries/*"},
    {.each = "", .at = "data_1|data_1/*|data_2|data_2/*|input|input/*"},
    {.more = texts_openai_chat},
};

static const char *const score_content[] = {"data", NULL};

/* vLLM's /score, /pooling, /classify. */
static const struct form form_score = {
    .needs = "model text_1|queries|data_1|input|messages",
    .texts = score_texts,
    .model = "model",
    .content = score_content,
    .usage = USAGE({"usage/prompt_tokens", NULL, USAGE_IN, 0}),
};

static const struct refusal llamacpp_refusals[] = {
    {"id_slot", IF_SET, NULL, REASON_STATEFUL},
    {0},
};

static const struct texts llamacpp_texts[] = {
    {.each = "", .at = "prompt/prompt_string|prompt/*/prompt_string", PROMPT_USER},
    {.each = "", .at = "input_prefix|input_suffix|input_extra/*/text", PROMPT_USER},
    {.more = texts_prompt},
};

static const char *const llamacpp_content[] = {"content", "*/content", NULL};

/* llama.cpp's /completion and /infill. */
static const struct form form_llamacpp = {
    .needs = "prompt|input_prefix|input_suffix",
    .texts = llamacpp_texts,
    .refusals = llamacpp_refusals,
    .chance = {.at = "temperature"},
    .content = llamacpp_content,
    .stream_finish = {NULL, "stop", NULL},
    .usage = USAGE({"tokens_evaluated", NULL, USAGE_IN, 0},
                   {"tokens_predicted", NULL, USAGE_OUT, 0}),
};

static const struct texts llamacpp_embedding_texts[] = {
    {.each = "", .at = "content|content/*|input|input/*"},
    {0},
};

static const char *const llamacpp_embedding_content[] = {"embedding", "*/embedding",
                                                         NULL};

static const struct form form_llamacpp_embedding = {
    .needs = "content|input",
    .texts = llamacpp_embedding_texts,
    .content = llamacpp_embedding_content,
};

static const struct form form_lmstudio_chat = {
    .needs = "model input",
    .model = "model",
};

static const char *const hosts[] = {
    "api.cerebras.ai",
    "api.moonshot.ai",
    "api.moonshot.cn",
    "api.z.ai",
    "open.bigmodel.cn",
    "dashscope.aliyuncs.com",
    "dashscope-intl.aliyuncs.com",
    "api.minimax.io",
    "integrate.api.nvidia.com",
    "models.github.ai",
    "models.inference.ai.azure.com",
    "api.githubcopilot.com",
    "api.sambanova.ai",
    "api.deepinfra.com",
    "api.novita.ai",
    "api.studio.nebius.ai",
    "api.hyperbolic.xyz",
    "api.siliconflow.cn",
    "api.siliconflow.com",
    "api.lambdalabs.com",
    "api.ai21.com",
    "api.upstage.ai",
    "api.jina.ai",
    "ai-gateway.vercel.sh",
    "api.replicate.com", /* asynchronous: never cacheable, but known */
    NULL,
};

static const char *const mixed_hosts[] = {"*.cloud.databricks.com",
                                          "*.azuredatabricks.net", NULL};

static const struct operation operations[] = {
    ROW_CHAT("**/chat/completions", NULL),
    ROW_COMPLETIONS("**/completions", NULL),
    ROW_RESPONSES("**/responses"),
    ROW_MESSAGES("**/messages"),
    ROW_ONCE("count-tokens", "**/messages/count_tokens", form_anthropic_count, NULL),
    ROW_ONCE("count-tokens", "**/responses/input_tokens", form_openai_count, NULL),
    ROW_ONCE("count-tokens", "**/chat/completions/input_tokens", form_openai_count, NULL),
    ROW_EMBEDDINGS("**/embeddings", NULL),
    ROW_RERANK("**/rerank"),
    ROW_RERANK("**/reranking"),
    ROW_ONCE("score", "**/score", form_score, NULL),
    ROW_ONCE("pooling", "**/pooling", form_score, NULL),
    ROW_ONCE("classify", "**/classify", form_score, NULL),
    ROW_ONCE("moderations", "**/v1/moderations", form_openai_moderation, NULL),
    ROW_ONCE("embed", "**/v2/embed", form_cohere_embed, NULL),
    ROW_ONCE("speech", "**/v1/audio/speech", form_openai_speech, NULL),
    ROW_CHAT("**/serving-endpoints/$/invocations", NULL),
    ROW_COMPLETIONS("**/serving-endpoints/$/invocations", NULL),
    ROW_EMBEDDINGS("**/serving-endpoints/$/invocations", NULL),
    {"completion", "/completion", &form_llamacpp, NULL, STREAMED_IF_ASKED,
     STREAM_SSE_PLAIN, REASON_NONE},
    {"completion", "/completions", &form_llamacpp, NULL, STREAMED_IF_ASKED,
     STREAM_SSE_PLAIN, REASON_NONE},
    {"infill", "/infill", &form_llamacpp, NULL, STREAMED_IF_ASKED, STREAM_SSE_PLAIN,
     REASON_NONE},
    ROW_ONCE("embedding", "/embedding", form_llamacpp_embedding, NULL),
    ROW_ONCE("embedding", "/embeddings", form_llamacpp_embedding, NULL),
    ROW_ONCE("tokenize", "/tokenize", form_vllm_tokenize, NULL),
    ROW_ONCE("detokenize", "/detokenize", form_vllm_tokenize, NULL),
    ROW_ONCE("apply-template", "/apply-template", form_tokenize, NULL),
    {"chat", "/api/v1/chat", &form_lmstudio_chat, NULL, STREAMED_NEVER, STREAM_NONE,
     REASON_STATEFUL},
    {0},
};

const struct dialect dialect_compatible = {
    .name = "compatible",
    .hosts = hosts,
    .mixed_hosts = mixed_hosts,
    .operations = operations,
    .anywhere = operations,
};
