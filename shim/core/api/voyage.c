/* SPDX-License-Identifier: MIT */
/* Voyage (https://docs.voyageai.com/reference): embeddings and rerankers. */
#include "compatible.h"

static const struct refusal inputs_refusals[] = {
    {"inputs/*/content/*/image_url", IF_BEGINS_NOT, "data:", REASON_REMOTE_OBJECT},
    {"inputs/*/content/*/video_url", IF_BEGINS_NOT, "data:", REASON_REMOTE_OBJECT},
    {0},
};

static const char *const inputs_content[] = {"data/*/embedding", "data/*/data", NULL};

static const struct texts inputs_texts[] = {
    {.each = "", .at = "inputs/*|inputs/*/*|inputs/*/content/*/text"},
    {0},
};

/* Documents with context, texts with pictures: one item of `data` for each of `inputs`.
 */
static const struct form form_inputs = {
    .needs = "model inputs[]",
    .texts = inputs_texts,
    .model = "model",
    .inputs = "inputs",
    .outputs = "data",
    .refusals = inputs_refusals,
    .content = inputs_content,
    .usage = USAGE({"usage/total_tokens", NULL, USAGE_IN, 0}),
};

static const char *const hosts[] = {"api.voyageai.com", NULL};

static const struct operation operations[] = {
    ROW_EMBEDDINGS("/v1/embeddings", NULL),
    ROW_ONCE("embeddings", "/v1/contextualizedembeddings", form_inputs, NULL),
    ROW_ONCE("embeddings", "/v1/multimodalembeddings", form_inputs, NULL),
    ROW_RERANK("/v1/rerank"),
    {0},
};

const struct dialect dialect_voyage = {
    .name = "voyage",
    .hosts = hosts,
    .operations = operations,
    .error = ERROR_VOYAGE,
};
