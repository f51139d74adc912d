/* SPDX-License-Identifier: MIT */
/* OpenAI (https://platform.openai.com/docs/api-reference), whose forms most others
 * follow. */
#include "dialect.h"

/* Models that search the web by themselves. */
#define LIVE_MODELS                                                                      \
    "-search-preview -search-api deep-research :online perplexity/ sonar "               \
    "groq/compound compound-beta"

#define CHAT_BLOCK "messages/*/content/*/"

/* Also what its imitators add: one list for all, since a gateway may stand before
 * anybody. */
static const struct refusal chat_refusals[] = {
    {"model", IF_CONTAINS, LIVE_MODELS, REASON_LIVE_TOOLS},
    {"web_search_options", IF_SET, NULL, REASON_LIVE_TOOLS},
    {"search_parameters", IF_SET, NULL, REASON_LIVE_TOOLS}, /* xAI */
    {"plugins", IF_SET, NULL, REASON_LIVE_TOOLS},           /* OpenRouter */
    {"enable_search", IF_SET, NULL, REASON_LIVE_TOOLS},     /* DashScope */
    {"search_settings", IF_SET, NULL, REASON_LIVE_TOOLS},   /* Groq */
    {"compound_custom", IF_SET, NULL, REASON_LIVE_TOOLS},   /* Groq */
    {"data_sources", IF_SET, NULL, REASON_LIVE_TOOLS},      /* Azure */
    {"mcp_servers", IF_SET, NULL, REASON_LIVE_TOOLS},
    {"tools/*/type", IF_BEGINS_NOT, "function custom", REASON_LIVE_TOOLS},
    {"previous_response_id", IF_SET, NULL, REASON_STATEFUL},
    {"conversation", IF_SET, NULL, REASON_STATEFUL},
    {"conversation_id", IF_SET, NULL, REASON_STATEFUL},
    {"thread_id", IF_SET, NULL, REASON_STATEFUL},
    {"assistant_id", IF_SET, NULL, REASON_STATEFUL},
    {"agent_id", IF_SET, NULL, REASON_STATEFUL}, /* Mistral */
    {"deferred", IF_SET, NULL, REASON_STATEFUL}, /* xAI */
    {"preset", IF_SET, NULL, REASON_STATEFUL},   /* OpenRouter */
    {"model", IF_CONTAINS, "@preset/", REASON_STATEFUL},
    {"messages/*/audio/id", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {CHAT_BLOCK "image_url/url", IF_BEGINS_NOT, "data:", REASON_REMOTE_OBJECT},
    {CHAT_BLOCK "image_url", IF_BEGINS_NOT, "data:", REASON_REMOTE_OBJECT},
    {CHAT_BLOCK "video_url/url", IF_BEGINS_NOT, "data:", REASON_REMOTE_OBJECT},
    {CHAT_BLOCK "audio_url/url", IF_BEGINS_NOT, "data:", REASON_REMOTE_OBJECT},
    {CHAT_BLOCK "input_audio/url", IF_BEGINS_NOT, "data:", REASON_REMOTE_OBJECT},
    {CHAT_BLOCK "document_url", IF_BEGINS_NOT, "data:", REASON_REMOTE_OBJECT},
    {CHAT_BLOCK "document_url/url", IF_BEGINS_NOT, "data:", REASON_REMOTE_OBJECT},
    {CHAT_BLOCK "file_url/url", IF_BEGINS_NOT, "data:", REASON_REMOTE_OBJECT},
    {CHAT_BLOCK "file/file_id", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {CHAT_BLOCK "file/file_url", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {CHAT_BLOCK "file/file_data", IF_BEGINS, "http: https:", REASON_REMOTE_OBJECT},
    {CHAT_BLOCK "file_id", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {0},
};

/* With what its imitators add, as above: thoughts, documents, arguments that are objects. */
#define CHAT_TURN                                                                        \
    "content|content/*/text|content/*/refusal|content/*/thinking|"                       \
    "content/*/thinking/*/text|refusal|reasoning_content|reasoning|thinking|"            \
    "tool_calls/*/function/arguments/**|tool_calls/*/custom/input|"                      \
    "function_call/arguments"

const struct texts texts_openai_chat[] = {
    {.each = "messages/*", .at = CHAT_TURN},
    {.each = "", .at = "documents/**"},
    {.each = "", .at = "prediction/content|prediction/content/*/text", PROMPT_MODEL},
    {0},
};

static const char *const chat_content[] = {
    "choices/*/message/content",
    "choices/*/delta/content",
    "choices/*/message/tool_calls",
    "choices/*/delta/tool_calls",
    "choices/*/message/function_call",
    "choices/*/delta/function_call",
    "choices/*/message/refusal",
    "choices/*/delta/refusal",
    "choices/*/message/audio",
    "choices/*/delta/audio",
    NULL,
};

/* clang-format off */
#define OPENAI_USAGE USAGE(                                                              \
    {"usage/prompt_tokens|x_groq/usage/prompt_tokens", NULL, USAGE_IN, 0},                \
    {"usage/completion_tokens|x_groq/usage/completion_tokens", NULL, USAGE_OUT, 0},       \
    {"usage/prompt_tokens_details/cached_tokens|"                                         \
     "x_groq/usage/prompt_tokens_details/cached_tokens", NULL, USAGE_CACHED, 0},          \
    {"usage/prompt_cache_hit_tokens", NULL, USAGE_CACHED, 1}, /* DeepSeek */              \
    {"usage/prompt_tokens_details/cache_write_tokens", NULL, USAGE_WRITTEN, 0}            \
)
/* clang-format on */

const struct form form_openai_chat = {
    .needs = "messages[]",
    .texts = texts_openai_chat,
    .model = "model",
    .choices = "n",
    .refusals = chat_refusals,
    .chance = {.at = "temperature"},
    .content = chat_content,
    .finish = {"choices", "finish_reason", NULL},
    .usage = OPENAI_USAGE,
};

/* xAI counts reasoning tokens beside the completion's. */
const struct form form_xai_chat = {
    .needs = "messages[]",
    .texts = texts_openai_chat,
    .model = "model",
    .choices = "n",
    .refusals = chat_refusals,
    .chance = {.at = "temperature"},
    .content = chat_content,
    .finish = {"choices", "finish_reason", NULL},
    .usage =
        USAGE({"usage/prompt_tokens", NULL, USAGE_IN, 0},
              {"usage/completion_tokens", NULL, USAGE_OUT, 0},
              {"usage/completion_tokens_details/reasoning_tokens", NULL, USAGE_OUT, 0},
              {"usage/prompt_tokens_details/cached_tokens", NULL, USAGE_CACHED, 0}),
};

/* A text, a list of such; tokens are passed over. */
const struct texts texts_prompt[] = {
    {.each = "", .at = "prompt|prompt/*|suffix", PROMPT_USER},
    {0},
};

static const struct refusal model_refusals[] = {
    {"model", IF_CONTAINS, LIVE_MODELS, REASON_LIVE_TOOLS},
    {0},
};

static const char *const completion_content[] = {"choices/*/text", NULL};

const struct form form_openai_completion = {
    .needs = "model prompt",
    .texts = texts_prompt,
    .model = "model",
    .choices = "n",
    .prompts = "prompt",
    .refusals = model_refusals,
    .chance = {.at = "temperature"},
    .content = completion_content,
    .finish = {"choices", "finish_reason", NULL},
    .usage = OPENAI_USAGE,
};

static const char *const fim_content[] = {
    "choices/*/message/content", "choices/*/delta/content", "choices/*/text", NULL};

/* Fill in the middle: asked like a completion, answered like a chat (Mistral). */
const struct form form_fim = {
    .needs = "model prompt",
    .texts = texts_prompt,
    .model = "model",
    .chance = {.at = "temperature"},
    .content = fim_content,
    .finish = {"choices", "finish_reason", NULL},
    .usage = OPENAI_USAGE,
};

/* `store` is no refusal: it is true unless denied, and nearly nobody denies it. A
 * repeated answer repeats its id; a request that refers to that id is stateful and goes
 * upstream, which kept the first answer under the same id. */
static const struct refusal responses_refusals[] = {
    {"model", IF_CONTAINS, LIVE_MODELS, REASON_LIVE_TOOLS},
    {"previous_response_id", IF_SET, NULL, REASON_STATEFUL},
    {"conversation", IF_SET, NULL, REASON_STATEFUL},
    {"background", IF_SET, NULL, REASON_STATEFUL},
    {"prompt", IF_LACKS, "version", REASON_STATEFUL},
    {"context_management", IF_SET, NULL, REASON_STATEFUL},
    {"input/*/type", IF_IS, "item_reference", REASON_STATEFUL},
    {"tools/*/type", IF_BEGINS_NOT, "function custom", REASON_LIVE_TOOLS},
    {"plugins", IF_SET, NULL, REASON_LIVE_TOOLS},
    {"search_parameters", IF_SET, NULL, REASON_LIVE_TOOLS},
    {"input/*/content/*/image_url", IF_BEGINS_NOT, "data:", REASON_REMOTE_OBJECT},
    {"input/*/content/*/image_url/url", IF_BEGINS_NOT, "data:", REASON_REMOTE_OBJECT},
    {"input/*/content/*/file_url", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {"input/*/content/*/file_id", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {"input/*/output/*/image_url", IF_BEGINS_NOT, "data:", REASON_REMOTE_OBJECT},
    {"input/*/output/*/file_url", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {"input/*/output/*/file_id", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {"prompt/variables/?/file_id", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {"prompt/variables/?/image_url", IF_BEGINS_NOT, "data:", REASON_REMOTE_OBJECT},
    {"prompt/variables/?/file_url", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {0},
};

#define RESPONSES_TEXTS                                                                  \
    {.each = "", .at = "instructions", PROMPT_SYSTEM},                                   \
        {.each = "", .at = "input", PROMPT_USER},                                        \
        {.each = "", .at = "prompt/variables/?|prompt/variables/?/text", PROMPT_USER},   \
        {.each = "input/*",                                                              \
         .at = "content|content/*/text|content/*/refusal|summary/*/text"},               \
        {.each = "input/*", .at = "arguments|input|code", PROMPT_MODEL},                 \
    {                                                                                    \
        .each = "input/*", .at = "output|output/*/text", PROMPT_TOOL                     \
    }

static const struct texts responses_texts[] = {RESPONSES_TEXTS, {0}};
static const struct texts count_texts[] = {RESPONSES_TEXTS, {.more = texts_openai_chat}};

static const char *const responses_content[] = {
    "output/*/content/*/text",
    "output/*/content/*/refusal",
    "output/*/arguments",
    "output/*/input",
    "output/*/encrypted_content",
    "response/output/*/content/*/text",
    "response/output/*/content/*/refusal",
    "response/output/*/arguments",
    "response/output/*/input",
    NULL,
};

/* clang-format off */
#define RESPONSES_USAGE USAGE(                                                           \
    {"usage/input_tokens|response/usage/input_tokens", NULL, USAGE_IN, 0},                \
    {"usage/output_tokens|response/usage/output_tokens", NULL, USAGE_OUT, 0},             \
    {"usage/input_tokens_details/cached_tokens|"                                          \
     "response/usage/input_tokens_details/cached_tokens", NULL, USAGE_CACHED, 0},         \
    {"usage/input_tokens_details/cache_write_tokens|"                                     \
     "response/usage/input_tokens_details/cache_write_tokens", NULL, USAGE_WRITTEN, 0}    \
)
/* clang-format on */

const struct form form_openai_responses = {
    .needs = "model|prompt input|prompt",
    .texts = responses_texts,
    .model = "model",
    .refusals = responses_refusals,
    .chance = {.at = "temperature"},
    .content = responses_content,
    .finish = {NULL, "status", "completed"},
    .usage = RESPONSES_USAGE,
};

/* The model draws it, but the operation knows no temperature. */
static const struct refusal compact_fixed[] = {
    {"input", IF_SET, NULL, REASON_STOCHASTIC},
    {0},
};

/* The compacted conversation has no status. */
static const struct form form_compact = {
    .needs = "model input",
    .texts = responses_texts,
    .model = "model",
    .refusals = responses_refusals,
    .chance = {.at = "temperature", .fixed = compact_fixed},
    .content = responses_content,
    .usage = RESPONSES_USAGE,
};

static const struct refusal embeddings_refusals[] = {
    {"input/*/image", IF_BEGINS, "http: https:", REASON_REMOTE_OBJECT}, /* Jina */
    {"input/*/url", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {"messages/*/content/*/image_url/url", IF_BEGINS_NOT, "data:", REASON_REMOTE_OBJECT},
    {0},
};

const struct texts texts_input[] = {
    {.each = "", .at = "input|input/*|input/*/text|input/*/content/*/text"},
    {.more = texts_openai_chat}, /* vLLM */
};

static const char *const embeddings_content[] = {"data/*/embedding", NULL};

/* Jina: the list is one text in pieces; DashScope: one vector for all. */
static const struct refusal embeddings_together[] = {
    {"late_chunking", IF_SET, NULL, REASON_OPERATION},
    {"enable_fusion", IF_SET, NULL, REASON_OPERATION},
    {0},
};

static const struct itemised embeddings_itemised = {
    true, "index", "embedding", "usage", embeddings_together,
};

const struct form form_openai_embeddings = {
    .needs = "input",
    .texts = texts_input,
    .model = "model",
    .inputs = "input",
    .outputs = "data",
    .itemised = &embeddings_itemised,
    .refusals = embeddings_refusals,
    .content = embeddings_content,
    .usage = USAGE({"usage/prompt_tokens|usage/total_tokens", NULL, USAGE_IN, 0}),
};

static const struct refusal moderation_refusals[] = {
    {"input/*/image_url/url", IF_BEGINS_NOT, "data:", REASON_REMOTE_OBJECT},
    {0},
};

/* Also of whole conversations (Mistral). */
static const struct texts moderation_texts[] = {
    {.each = "", .at = "input|input/*|input/*/text"},
    {.each = "input", .at = "messages/*/content|messages/*/content/*/text"},
    {.each = "input/*", .at = "content|content/*/text|messages/*/content"},
    {.each = "input/*/*", .at = "content|content/*/text"},
    {0},
};

static const char *const moderation_content[] = {"results", NULL};

const struct form form_openai_moderation = {
    .needs = "input",
    .texts = moderation_texts,
    .model = "model",
    .refusals = moderation_refusals,
    .content = moderation_content,
    .usage = USAGE({"usage/prompt_tokens", NULL, USAGE_IN, 0}),
};

static const char *const count_content[] = {"input_tokens", NULL};

const struct form form_openai_count = {
    .needs = "input|messages",
    .texts = count_texts,
    .model = "model",
    .refusals = responses_refusals,
    .content = count_content,
};

static const struct refusal speech_refusals[] = {
    {"stream_format", IF_IS, "sse", REASON_OPERATION},
    {0},
};

static const struct texts speech_texts[] = {
    {.each = "", .at = "input|instructions", PROMPT_USER},
    {0},
};

const struct form form_openai_speech = {
    .needs = "model input voice",
    .texts = speech_texts,
    .model = "model",
    .refusals = speech_refusals,
    .bytes = true,
};

/* service_tier: the answer names the tier that was used, not the one that was asked for.
 * `prediction` stays in the key: the answer's usage tells of it. */
const char *const ignored_openai_chat[] = {
    "user",
    "safety_identifier",
    "metadata",
    "store",
    "prompt_cache_key",
    "prompt_cache_retention",
    "prompt_cache_options",
    "messages/*/content/*/prompt_cache_breakpoint",
    "service_tier",
    "stream_options/include_obfuscation",
    NULL,
};

const char *const ignored_user[] = {"user", NULL};

/* The answer repeats the others, so a caller would read the first caller's values. */
const char *const ignored_openai_responses[] = {"stream_options/include_obfuscation",
                                                NULL};

static const char *const hosts[] = {"api.openai.com", "*.api.openai.com", NULL};

static const struct operation operations[] = {
    {"chat", "/v1/chat/completions", &form_openai_chat, ignored_openai_chat,
     STREAMED_IF_ASKED, STREAM_SSE_DONE, REASON_NONE},
    {"responses", "/v1/responses", &form_openai_responses, ignored_openai_responses,
     STREAMED_IF_ASKED, STREAM_SSE_RESPONSES, REASON_NONE},
    {"embeddings", "/v1/embeddings", &form_openai_embeddings, ignored_user,
     STREAMED_NEVER, STREAM_NONE, REASON_NONE},
    {"completions", "/v1/completions", &form_openai_completion, ignored_user,
     STREAMED_IF_ASKED, STREAM_SSE_DONE, REASON_NONE},
    {"compact", "/v1/responses/compact", &form_compact, NULL, STREAMED_NEVER, STREAM_NONE,
     REASON_NONE},
    {"count-tokens", "/v1/responses/input_tokens", &form_openai_count, NULL,
     STREAMED_NEVER, STREAM_NONE, REASON_NONE},
    {"moderations", "/v1/moderations", &form_openai_moderation, NULL, STREAMED_NEVER,
     STREAM_NONE, REASON_NONE},
    {"speech", "/v1/audio/speech", &form_openai_speech, NULL, STREAMED_NEVER, STREAM_NONE,
     REASON_NONE},
    /* Pictures are asked for to be different, and come as URLs that expire. */
    BYPASS("images", "/v1/images/**", REASON_OPERATION),
    STATEFUL("/v1/responses/**"),
    STATEFUL("/v1/chat/completions/**"),
    STATEFUL("/v1/assistants**"),
    STATEFUL("/v1/threads**"),
    STATEFUL("/v1/conversations**"),
    STATEFUL("/v1/batches**"),
    STATEFUL("/v1/files**"),
    STATEFUL("/v1/uploads**"),
    STATEFUL("/v1/vector_stores**"),
    STATEFUL("/v1/fine_tuning/**"),
    STATEFUL("/v1/containers**"),
    STATEFUL("/v1/evals**"),
    STATEFUL("/v1/skills**"),
    STATEFUL("/v1/chatkit/**"),
    STATEFUL("/v1/realtime**"),
    STATEFUL("/v1/videos**"),
    {0},
};

const struct dialect dialect_openai = {
    .name = "openai",
    .hosts = hosts,
    .operations = operations,
};
