/* SPDX-License-Identifier: MIT */
/* Anthropic (https://docs.anthropic.com/en/api/messages), also spoken by Vertex, Bedrock,
 * Azure and local servers. */
#include "dialect.h"

/* Tools that the client runs have a type of their own (bash, text editor, computer);
 * every other named type runs at Anthropic's. */
#define CLIENT_TOOLS "custom bash_ text_editor_ computer_"
#define BLOCK        "messages/*/content/*/"
#define RESULT_BLOCK "messages/*/content/*/content/*/"

const struct refusal refusals_anthropic[] = {
    {"tools/*/type", IF_BEGINS_NOT, CLIENT_TOOLS, REASON_LIVE_TOOLS},
    {"mcp_servers", IF_SET, NULL, REASON_LIVE_TOOLS},
    {"container", IF_SET, NULL, REASON_STATEFUL},
    {"model", IF_CONTAINS, ":online", REASON_LIVE_TOOLS},
    {"plugins", IF_SET, NULL, REASON_LIVE_TOOLS},
    {BLOCK "source/type", IF_BEGINS_NOT, "base64 text content", REASON_REMOTE_OBJECT},
    {BLOCK "source/content/*/source/type", IF_BEGINS_NOT, "base64 text",
     REASON_REMOTE_OBJECT},
    {RESULT_BLOCK "source/type", IF_BEGINS_NOT, "base64 text content",
     REASON_REMOTE_OBJECT},
    {BLOCK "type", IF_IS, "container_upload", REASON_REMOTE_OBJECT},
    {0},
};

/* A tool's call is a block of the answer, its result one of the next question; documents are
 * blocks of either. */
const struct texts texts_anthropic[] = {
    {.each = "", .at = "system|system/*/text", PROMPT_SYSTEM},
    {.each = "messages/*", .at = "content|content/*/text|content/*/thinking"},
    {.each = "messages/*/content/*", .at = "input/**", PROMPT_MODEL},
    {.each = "messages/*/content/*",
     .at = "title|context|source/content|source/content/*/text",
     PROMPT_USER},
    {.each = "messages/*/content/*",
     .at = "source/data",
     PROMPT_USER,
     "source/type",
     "text"},
    {.each = "messages/*/content/*", .at = "content|content/*/text", PROMPT_TOOL},
    {.each = "messages/*/content/*/content/*",
     .at = "source/data",
     PROMPT_TOOL,
     "source/type",
     "text"},
    {0},
};

static const char *const content[] = {
    "content/*/text",
    "content/*/name",
    "content_block/text",
    "content_block/name",
    "delta/text",
    "delta/partial_json",
    NULL,
};

/* Tokens read from and written to the prompt cache are counted beside input_tokens. */
/* clang-format off */
#define ANTHROPIC_USAGE USAGE(                                                           \
    {"usage/input_tokens|message/usage/input_tokens", NULL, USAGE_IN, 0},                 \
    {"usage/output_tokens|message/usage/output_tokens", NULL, USAGE_OUT, 0},              \
    {"usage/cache_read_input_tokens|message/usage/cache_read_input_tokens", NULL,         \
     USAGE_CACHED_BESIDE, 0},                                                             \
    {"usage/cache_creation_input_tokens|message/usage/cache_creation_input_tokens", NULL, \
     USAGE_WRITTEN_BESIDE, 0}                                                             \
)
/* clang-format on */

/* The first two of them break the cache of the messages, not that of tools and system texts. */
const struct layout layout_anthropic[] = {
    {"tools", SEGMENT_TOOLS},          {"system", SEGMENT_SYSTEM},
    {"tool_choice", SEGMENT_SETTINGS}, {"thinking", SEGMENT_SETTINGS},
    {"messages", SEGMENT_TURNS},       {0},
};

/* Who lets Claude think cannot choose the temperature. */
const struct refusal fixed_anthropic[] = {
    {"thinking/type", IF_IS, "enabled adaptive", REASON_STOCHASTIC},
    {0},
};

/* A thought is a part of the answer, but none of its text. */
static const struct said said[] = {
    {"content/*", "type text thinking signature data", "text thinking redacted_thinking",
     "text"},
    {"content_block", "type text thinking signature data",
     "text thinking redacted_thinking", "text"},
    {"delta", "type text thinking signature stop_reason",
     "text_delta thinking_delta signature_delta", "text"},
    {0},
};

const struct dialogue dialogue_anthropic = {
    .turns = "messages",
    .content = "content",
    .members = "",
    .types = "text",
    .said = said,
    .finish = "stop_reason|delta/stop_reason",
    .normal = "end_turn",
};

/* In the cloud's variants the model stands in the path and `anthropic_version` in the
 * body. */
const struct form form_anthropic_messages = {
    .needs = "messages[] max_tokens model|anthropic_version",
    .texts = texts_anthropic,
    .layout = layout_anthropic,
    .model = "model",
    .refusals = refusals_anthropic,
    .chance = {.at = "temperature", .fixed = fixed_anthropic},
    .content = content,
    .finish = {NULL, "stop_reason", NULL},
    .usage = ANTHROPIC_USAGE,
    .dialogue = &dialogue_anthropic,
    .error = ERROR_ANTHROPIC,
};

static const char *const complete_content[] = {"completion", NULL};

static const struct form form_complete = {
    .needs = "model prompt",
    .texts = texts_prompt,
    .model = "model",
    .chance = {.at = "temperature"},
    .content = complete_content,
    .finish = {NULL, "stop_reason", NULL},
};

static const char *const count_content[] = {"input_tokens", NULL};

const struct form form_anthropic_count = {
    .needs = "messages[]",
    .texts = texts_anthropic,
    .model = "model",
    .refusals = refusals_anthropic,
    .content = count_content,
    .error = ERROR_ANTHROPIC,
};

const char *const ignored_anthropic[] = {
    "metadata/user_id",
    "service_tier",
    "cache_control",
    "system/*/cache_control",
    "tools/*/cache_control",
    "messages/*/content/*/cache_control",
    "messages/*/content/*/content/*/cache_control",
    NULL,
};

static const char *const hosts[] = {"api.anthropic.com", NULL};

static const struct operation operations[] = {
    {"messages", "/v1/messages", &form_anthropic_messages, ignored_anthropic,
     STREAMED_IF_ASKED, STREAM_SSE_ANTHROPIC, REASON_NONE},
    {"count-tokens", "/v1/messages/count_tokens", &form_anthropic_count,
     ignored_anthropic, STREAMED_NEVER, STREAM_NONE, REASON_NONE},
    {"complete", "/v1/complete", &form_complete, NULL, STREAMED_IF_ASKED,
     STREAM_SSE_PLAIN, REASON_NONE},
    STATEFUL("/v1/messages/batches**"),
    STATEFUL("/v1/files**"),
    STATEFUL("/v1/sessions**"),
    STATEFUL("/v1/agents**"),
    STATEFUL("/v1/skills**"),
    {0},
};

const struct dialect dialect_anthropic = {
    .name = "anthropic",
    .hosts = hosts,
    .operations = operations,
    .error = ERROR_ANTHROPIC,
};
