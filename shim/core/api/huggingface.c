/* SPDX-License-Identifier: MIT */
/* Hugging Face's servers: Text Generation Inference and Text Embeddings Inference with
 * their native paths (https://huggingface.github.io/text-generation-inference,
 * …/text-embeddings- inference), their hosted endpoints, and the router. No model is
 * named: the host and port are the model. */
#include "compatible.h"

/* A text, a list, pairs of texts, sentences by name. */
static const struct texts inputs_texts[] = {
    {.each = "", .at = "inputs/**"},
    {0},
};

static const char *const generate_content[] = {"generated_text", "*/generated_text",
                                               "token/text", NULL};

/* The server samples as soon as one of these is there; without parameters, too. */
static const struct refusal generate_also[] = {
    {"parameters", IF_UNSET, NULL, REASON_STOCHASTIC},
    {"parameters/temperature", IF_SET, NULL, REASON_STOCHASTIC},
    {"parameters/top_k", IF_SET, NULL, REASON_STOCHASTIC},
    {"parameters/top_p", IF_SET, NULL, REASON_STOCHASTIC},
    {"parameters/typical_p", IF_SET, NULL, REASON_STOCHASTIC},
    {0},
};

static const struct form form_generate = {
    .needs = "inputs",
    .texts = inputs_texts,
    .chance = {.at = "parameters/do_sample",
               .none = "false",
               .greedy = true,
               .also = generate_also},
    .content = generate_content,
    .stream_finish = {NULL, "generated_text", NULL},
    .usage = USAGE({NULL, "x-prompt-tokens", USAGE_IN, 0},
                   {NULL, "x-generated-tokens", USAGE_OUT, 0},
                   {"details/generated_tokens", NULL, USAGE_OUT, 1}),
    .error = ERROR_HUGGINGFACE,
};

static const char *const list_content[] = {"*", NULL};

static const struct itemised embed_itemised = {true, NULL, "", NULL, NULL};

static const struct form form_embed = {
    .needs = "inputs",
    .texts = inputs_texts,
    .inputs = "inputs",
    .outputs = "",
    .itemised = &embed_itemised,
    .content = list_content,
    .usage = USAGE({NULL, "x-compute-tokens", USAGE_IN, 0}),
    .error = ERROR_HUGGINGFACE,
};

/* A vector for each token, or pairs: as many as the text has. */
static const struct form form_embed_all = {
    .needs = "inputs",
    .texts = inputs_texts,
    .inputs = "inputs",
    .outputs = "",
    .content = list_content,
    .usage = USAGE({NULL, "x-compute-tokens", USAGE_IN, 0}),
    .error = ERROR_HUGGINGFACE,
};

/* Similarities, classes, tokens: a list of something. */
static const struct form form_list = {
    .needs = "inputs",
    .texts = inputs_texts,
    .content = list_content,
    .usage = USAGE({NULL, "x-compute-tokens", USAGE_IN, 0}),
    .error = ERROR_HUGGINGFACE,
};

static const struct form form_decode = {
    .needs = "ids",
    .content = list_content,
    .error = ERROR_HUGGINGFACE,
};

static const char *const hosts[] = {"router.huggingface.co",
                                    "*.endpoints.huggingface.cloud", NULL};

#define GENERATE(PATH)                                                                   \
    {                                                                                    \
        "generate", PATH, &form_generate, NULL, STREAMED_IF_ASKED, STREAM_SSE_PLAIN,     \
            REASON_NONE                                                                  \
    }

#define NATIVE                                                                           \
    GENERATE("/generate"), {"generate",      "/generate_stream", &form_generate, NULL,   \
                            STREAMED_ALWAYS, STREAM_SSE_PLAIN,   REASON_NONE},           \
        ROW_ONCE("embed", "/embed", form_embed, NULL),                                   \
        ROW_ONCE("embed", "/embed_all", form_embed_all, NULL),                           \
        ROW_ONCE("embed", "/embed_sparse", form_embed_all, NULL),                        \
        ROW_ONCE("similarity", "/similarity", form_list, NULL)

static const struct operation operations[] = {
    NATIVE,
    ROW_ONCE("predict", "/predict", form_list, NULL),
    ROW_ONCE("tokenize", "/tokenize", form_list, NULL),
    ROW_ONCE("decode", "/decode", form_decode, NULL),
    GENERATE("/"),
    ROW_CHAT("**/chat/completions", NULL),
    ROW_COMPLETIONS("**/v1/completions", NULL),
    ROW_RESPONSES("**/v1/responses"),
    ROW_EMBEDDINGS("**/v1/embeddings", NULL),
    ROW_EMBEDDINGS("/embeddings", NULL),
    ROW_RERANK("**/rerank"),
    {0},
};

/* "/predict" or "/tokenize" of an unknown host may be anything. */
static const struct operation anywhere[] = {NATIVE, {0}};

const struct dialect dialect_huggingface = {
    .name = "huggingface",
    .hosts = hosts,
    .operations = operations,
    .anywhere = anywhere,
};
