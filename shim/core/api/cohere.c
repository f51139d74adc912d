/* SPDX-License-Identifier: MIT */
/* Cohere (https://docs.cohere.com/reference), versions 1 and 2. */
#include "dialect.h"

static const struct refusal chat_refusals[] = {
    {"connectors", IF_SET, NULL, REASON_LIVE_TOOLS},
    {"tools/*/type", IF_BEGINS_NOT, "function", REASON_LIVE_TOOLS},
    {"conversation_id", IF_SET, NULL, REASON_STATEFUL},
    {"messages/*/content/*/image_url/url", IF_BEGINS_NOT, "data:", REASON_REMOTE_OBJECT},
    {0},
};

static const struct texts chat_texts[] = {
    {.each = "messages/*", .at = "tool_plan", PROMPT_MODEL},
    {.each = "messages/*", .at = "content/*/document/**", PROMPT_TOOL},
    {.more = texts_openai_chat},
};

static const struct texts chat1_texts[] = {
    {.each = "", .at = "preamble", PROMPT_SYSTEM},
    {.each = "chat_history/*", .at = "message"},
    {.each = "", .at = "message", PROMPT_USER},
    {.each = "", .at = "documents/**"},
    {.each = "", .at = "tool_results/*/call/parameters/**", PROMPT_MODEL},
    {.each = "", .at = "tool_results/*/outputs/**", PROMPT_TOOL},
    {.each = "chat_history/*", .at = "tool_calls/*/parameters/**", PROMPT_MODEL},
    {.each = "chat_history/*", .at = "tool_results/*/outputs/**", PROMPT_TOOL},
    {0},
};

static const char *const chat_content[] = {
    "message/content",
    "message/tool_calls",
    "delta/message/content/text",
    "delta/message/tool_calls",
    NULL,
};

/* What is billed; `tokens` also counts the vendor's own preamble, and `cached_tokens`
 * counts parts of that preamble, which nobody pays for: left out. */
/* clang-format off */
#define COHERE_USAGE(AT, STREAM) USAGE(                                                  \
    {AT "billed_units/input_tokens|" STREAM "billed_units/input_tokens", NULL,            \
     USAGE_IN, 0},                                                                        \
    {AT "tokens/input_tokens|" STREAM "tokens/input_tokens", NULL, USAGE_IN, 1},          \
    {AT "billed_units/output_tokens|" STREAM "billed_units/output_tokens", NULL,          \
     USAGE_OUT, 0},                                                                       \
    {AT "tokens/output_tokens|" STREAM "tokens/output_tokens", NULL, USAGE_OUT, 1}        \
)
/* clang-format on */

static const struct said said[] = {
    {"message", "role content", NULL, NULL}, /* a stream's begins with an empty one */
    {"message/content/*", "type text", "text", "text"},
    {"delta/message", "role content", NULL, NULL},
    {"delta/message/content", "type text", "text", "text"},
    {0},
};

static const struct dialogue dialogue = {
    .turns = "messages",
    .content = "content",
    .members = "",
    .types = "text",
    .said = said,
    .finish = "finish_reason|delta/finish_reason",
    .normal = "COMPLETE",
};

static const struct form form_chat = {
    .needs = "model messages[]",
    .texts = chat_texts,
    .layout = layout_openai_chat,
    .model = "model",
    .refusals = chat_refusals,
    .chance = {.at = "temperature"},
    .content = chat_content,
    .finish = {NULL, "finish_reason", NULL},
    .usage = COHERE_USAGE("usage/", "delta/usage/"),
    .dialogue = &dialogue,
};

static const char *const chat1_content[] = {"text", "tool_calls", "search_queries", NULL};

static const struct form form_chat1 = {
    .needs = "message",
    .texts = chat1_texts,
    .model = "model",
    .refusals = chat_refusals,
    .chance = {.at = "temperature"},
    .content = chat1_content,
    .finish = {NULL, "finish_reason", NULL},
    .stream_finish = {NULL, "event_type", "stream-end"},
    .usage = COHERE_USAGE("meta/", "response/meta/"),
};

static const char *const generate_content[] = {"generations/*/text", "text", NULL};

static const struct form form_generate = {
    .needs = "prompt",
    .texts = texts_prompt,
    .model = "model",
    .chance = {.at = "temperature"},
    .content = generate_content,
    .stream_finish = {NULL, "is_finished", NULL},
    .usage = COHERE_USAGE("meta/", "response/meta/"),
};

static const struct refusal embed_refusals[] = {
    {"images/*", IF_BEGINS_NOT, "data:", REASON_REMOTE_OBJECT},
    {"inputs/*/content/*/image_url/url", IF_BEGINS_NOT, "data:", REASON_REMOTE_OBJECT},
    {0},
};

static const struct texts embed_texts[] = {
    {.each = "", .at = "texts/*|inputs/*/content/*/text"},
    {0},
};

static const char *const embed_content[] = {"embeddings/*", "embeddings/?/*", NULL};

/* `embeddings` is a list, or an object with a list of each of the `embedding_types`. */
static const struct itemised embed_itemised = {
    .kinds = true,
    .vector = "",
    .echoes = "texts|images",
    .costs = "meta/billed_units|meta/tokens",
};

const struct form form_cohere_embed = {
    .needs = "texts[]|images[]|inputs[]",
    .texts = embed_texts,
    .model = "model",
    .inputs = "texts|images|inputs",
    .outputs = "embeddings|embeddings/?",
    .itemised = &embed_itemised,
    .refusals = embed_refusals,
    .content = embed_content,
    .usage = USAGE({"meta/billed_units/input_tokens", NULL, USAGE_IN, 0},
                   {"meta/billed_units/images", NULL, USAGE_IN, 1}),
};

static const char *const classify_content[] = {"classifications", NULL};

static const struct texts classify_texts[] = {
    {.each = "", .at = "inputs/*|examples/*/text"},
    {0},
};

static const struct form form_classify = {
    .needs = "inputs[]",
    .texts = classify_texts,
    .model = "model",
    .content = classify_content,
};

static const char *const summarize_content[] = {"summary", NULL};

static const struct texts summarize_texts[] = {
    {.each = "", .at = "text|additional_command", PROMPT_USER},
    {0},
};

static const struct form form_summarize = {
    .needs = "text",
    .texts = summarize_texts,
    .model = "model",
    .chance = {.at = "temperature"},
    .content = summarize_content,
    .usage = COHERE_USAGE("meta/", "meta/"),
};

static const char *const ignored[] = {"priority", NULL};

static const char *const hosts[] = {"api.cohere.com", "api.cohere.ai", NULL};

static const struct operation operations[] = {
    {"chat", "/v2/chat", &form_chat, ignored, STREAMED_IF_ASKED, STREAM_SSE_COHERE,
     REASON_NONE},
    {"chat", "/v1/chat", &form_chat1, ignored, STREAMED_IF_ASKED, STREAM_NDJSON,
     REASON_NONE},
    {"generate", "/v1/generate", &form_generate, ignored, STREAMED_IF_ASKED,
     STREAM_NDJSON, REASON_NONE},
    {"embed", "/v2/embed", &form_cohere_embed, ignored, STREAMED_NEVER, STREAM_NONE,
     REASON_NONE},
    {"embed", "/v1/embed", &form_cohere_embed, ignored, STREAMED_NEVER, STREAM_NONE,
     REASON_NONE},
    {"rerank", "/v2/rerank", &form_rerank, ignored, STREAMED_NEVER, STREAM_NONE,
     REASON_NONE},
    {"rerank", "/v1/rerank", &form_rerank, ignored, STREAMED_NEVER, STREAM_NONE,
     REASON_NONE},
    {"tokenize", "/v1/tokenize", &form_tokenize, NULL, STREAMED_NEVER, STREAM_NONE,
     REASON_NONE},
    {"detokenize", "/v1/detokenize", &form_tokenize, NULL, STREAMED_NEVER, STREAM_NONE,
     REASON_NONE},
    {"classify", "/v1/classify", &form_classify, NULL, STREAMED_NEVER, STREAM_NONE,
     REASON_NONE},
    {"summarize", "/v1/summarize", &form_summarize, NULL, STREAMED_NEVER, STREAM_NONE,
     REASON_NONE},
    {"chat", "/compatibility/v1/chat/completions", &form_openai_chat, NULL,
     STREAMED_IF_ASKED, STREAM_SSE_DONE, REASON_NONE},
    {"embeddings", "/compatibility/v1/embeddings", &form_openai_embeddings, NULL,
     STREAMED_NEVER, STREAM_NONE, REASON_NONE},
    STATEFUL("/v1/connectors**"),
    STATEFUL("/v1/datasets**"),
    STATEFUL("/v1/embed-jobs**"),
    STATEFUL("/v1/finetuning/**"),
    {0},
};

const struct dialect dialect_cohere = {
    .name = "cohere",
    .hosts = hosts,
    .operations = operations,
    .error = ERROR_COHERE,
};
