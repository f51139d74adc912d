/* SPDX-License-Identifier: MIT */
/* Ollama's own API (https://github.com/ollama/ollama/blob/main/docs/api.md): streams
 * unless told not to. Its /v1 paths are OpenAI's (compatible.c). */
#include "dialect.h"

/* An empty prompt loads a model, keep_alive 0 unloads it: those are commands. */
static const struct refusal chat_refusals[] = {
    {"messages", IF_UNSET, NULL, REASON_OPERATION},
    {"keep_alive", IF_ZERO, NULL, REASON_OPERATION},
    {0},
};

static const struct refusal generate_refusals[] = {
    {"prompt", IF_UNSET, NULL, REASON_OPERATION},
    {"keep_alive", IF_ZERO, NULL, REASON_OPERATION},
    {0},
};

static const struct refusal embed_refusals[] = {
    {"keep_alive", IF_ZERO, NULL, REASON_OPERATION},
    {0},
};

/* clang-format off */
#define OLLAMA_USAGE USAGE(                                                              \
    {"prompt_eval_count", NULL, USAGE_IN, 0},                                             \
    {"eval_count", NULL, USAGE_OUT, 0}                                                    \
)
/* clang-format on */

static const char *const chat_content[] = {"message/content", "message/tool_calls", NULL};

static const struct form form_chat = {
    .needs = "model messages[]",
    .texts = texts_openai_chat,
    .model = "model",
    .refusals = chat_refusals,
    .chance = {.at = "options/temperature"},
    .content = chat_content,
    .finish = {NULL, "done", NULL},
    .usage = OLLAMA_USAGE,
    .error = ERROR_OLLAMA,
};

static const struct texts generate_texts[] = {
    {.each = "", .at = "system", PROMPT_SYSTEM},
    {.more = texts_prompt},
};

static const char *const generate_content[] = {"response", NULL};

static const struct form form_generate = {
    .needs = "model",
    .texts = generate_texts,
    .model = "model",
    .refusals = generate_refusals,
    .chance = {.at = "options/temperature"},
    .content = generate_content,
    .finish = {NULL, "done", NULL},
    .usage = OLLAMA_USAGE,
    .error = ERROR_OLLAMA,
};

static const char *const embed_content[] = {"embeddings/*", NULL};

static const struct itemised embed_itemised = {true, NULL, "", "prompt_eval_count", NULL};

static const struct form form_embed = {
    .needs = "model input",
    .texts = texts_input,
    .model = "model",
    .inputs = "input",
    .outputs = "embeddings",
    .itemised = &embed_itemised,
    .refusals = embed_refusals,
    .content = embed_content,
    .usage = OLLAMA_USAGE,
    .error = ERROR_OLLAMA,
};

static const char *const embedding_content[] = {"embedding", NULL};

static const struct form form_embedding = {
    .needs = "model prompt",
    .texts = texts_prompt,
    .model = "model",
    .refusals = embed_refusals,
    .content = embedding_content,
    .error = ERROR_OLLAMA,
};

static const char *const ignored[] = {
    "keep_alive",       "options/num_thread", "options/num_gpu",
    "options/use_mmap", "options/num_batch",  NULL,
};

static const char *const mixed_hosts[] = {"ollama.com", NULL};

static const struct operation operations[] = {
    {"chat", "/api/chat", &form_chat, ignored, STREAMED_UNLESS_DENIED, STREAM_NDJSON,
     REASON_NONE},
    {"generate", "/api/generate", &form_generate, ignored, STREAMED_UNLESS_DENIED,
     STREAM_NDJSON, REASON_NONE},
    {"embed", "/api/embed", &form_embed, ignored, STREAMED_NEVER, STREAM_NONE,
     REASON_NONE},
    {"embeddings", "/api/embeddings", &form_embedding, ignored, STREAMED_NEVER,
     STREAM_NONE, REASON_NONE},
    {0},
};

const struct dialect dialect_ollama = {
    .name = "ollama",
    .mixed_hosts = mixed_hosts,
    .operations = operations,
    .anywhere = operations,
};
