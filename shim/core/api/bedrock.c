/* SPDX-License-Identifier: MIT */
/* AWS Bedrock (https://docs.aws.amazon.com/bedrock/latest/APIReference): Converse,
 * InvokeModel with the bodies of each model's maker, and the OpenAI- and Anthropic-like
 * hosts ("mantle"). */
#include "dialect.h"

static const struct refusal converse_refusals[] = {
    {"messages/*/content/*/?/source/s3Location", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {"messages/*/content/*/toolResult/content/*/?/source/s3Location", IF_SET, NULL,
     REASON_REMOTE_OBJECT},
    {"toolConfig/tools/*/systemTool", IF_SET, NULL, REASON_LIVE_TOOLS},
    {"additionalModelRequestFields/tools/*/type", IF_BEGINS_NOT,
     "custom bash_ text_editor_ computer_", REASON_LIVE_TOOLS},
    {"additionalModelRequestFields/mcp_servers", IF_SET, NULL, REASON_LIVE_TOOLS},
    {"guardrailConfig/guardrailVersion", IF_IS, "DRAFT", REASON_STATEFUL},
    {0},
};

#define CONVERSE_TURN                                                                    \
    "content/*/text|content/*/reasoningContent/reasoningText/text|"                      \
    "content/*/guardContent/text/text|content/*/citationsContent/content/*/text"
/* What a block holds besides: calls of tools, results, documents. */
#define CONVERSE_BLOCKS(BLOCKS)                                                          \
    {.each = BLOCKS, .at = "toolUse/input/**", PROMPT_MODEL},                            \
        {.each = BLOCKS,                                                                 \
         .at = "toolResult/content/*/text|toolResult/content/*/json/**",                 \
         PROMPT_TOOL},                                                                   \
    {                                                                                    \
        .each = BLOCKS,                                                                  \
        .at = "document/context|document/source/text|document/source/content/*/text",    \
        PROMPT_USER                                                                      \
    }

static const struct texts converse_texts[] = {
    {.each = "", .at = "system/*/text|system/*/guardContent/text/text", PROMPT_SYSTEM},
    {.each = "", .at = "promptVariables/?/text", PROMPT_USER},
    {.each = "messages/*", .at = CONVERSE_TURN},
    CONVERSE_BLOCKS("messages/*/content/*"),
    {0},
};

const struct layout layout_converse[] = {
    {"toolConfig/tools", SEGMENT_TOOLS},
    {"system", SEGMENT_SYSTEM},
    {"messages", SEGMENT_TURNS},
    {0},
};

static const char *const converse_content[] = {
    "output/message/content/*/text",
    "output/message/content/*/toolUse",
    "delta/text",
    "delta/toolUse",
    "start/toolUse",
    NULL,
};

static const struct refusal converse_fixed[] = {
    {"additionalModelRequestFields/thinking/type", IF_IS, "enabled adaptive",
     REASON_STOCHASTIC},
    {"additionalModelRequestFields/temperature", IF_SET, NULL, REASON_STOCHASTIC},
    {0},
};

#define MESSAGE "output/message"

static const struct said converse_said[] = {
    {MESSAGE, "role content", NULL, NULL},
    {MESSAGE "/content/*", "text reasoningContent", NULL, "text"},
    {"delta", "text reasoningContent", NULL, "text"},
    {"start", "", NULL, NULL},
    {0},
};

static const struct dialogue converse_dialogue = {
    .turns = "messages",
    .content = "content",
    .members = "",
    .types = "",
    .said = converse_said,
    .finish = "stopReason",
    .normal = "end_turn",
};

static const struct form form_converse = {
    .needs = "messages[]",
    .texts = converse_texts,
    .layout = layout_converse,
    .refusals = converse_refusals,
    .chance = {.at = "inferenceConfig/temperature", .fixed = converse_fixed},
    .content = converse_content,
    .finish = {NULL, "stopReason", NULL},
    .usage = USAGE({"usage/inputTokens", NULL, USAGE_IN, 0},
                   {"usage/outputTokens", NULL, USAGE_OUT, 0},
                   {"usage/cacheReadInputTokens", NULL, USAGE_CACHED_BESIDE, 0},
                   {"usage/cacheWriteInputTokens", NULL, USAGE_WRITTEN_BESIDE, 0}),
    .dialogue = &converse_dialogue,
};

static const struct refusal invoke_refusals[] = {
    {"tools/*/type", IF_BEGINS_NOT, "custom function bash_ text_editor_ computer_",
     REASON_LIVE_TOOLS},
    {"mcp_servers", IF_SET, NULL, REASON_LIVE_TOOLS},
    {"container", IF_SET, NULL, REASON_STATEFUL},
    {"messages/*/content/*/source/type", IF_IS, "url file", REASON_REMOTE_OBJECT},
    {"messages/*/content/*/?/source/s3Location", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {"mediaSource/s3Location", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {"taskType", IF_CONTAINS, "IMAGE VIDEO INPAINTING BACKGROUND", REASON_OPERATION},
    {"text_prompts", IF_SET, NULL, REASON_OPERATION},
    {0},
};

static const struct texts invoke_texts[] = {
    {.each = "", .at = "inputText|message|query|input|input/*|texts/*"},
    {.each = "", .at = "inputs/*/content/*/text|documents/**|preamble"},
    {.each = "", .at = "prompt|prompt/*|suffix", PROMPT_USER},
    {.each = "", .at = "singleEmbeddingParams/text/value"},
    {.each = "chat_history/*", .at = "message"},
    {.each = "messages/*", .at = "tool_calls/*/function/arguments/**", PROMPT_MODEL},
    CONVERSE_BLOCKS("messages/*/content/*"),
    {.more = texts_anthropic},
};

/* Whatever the makers call it: Claude, Titan, Llama, Mistral, Cohere, AI21, Nova. */
static const char *const invoke_content[] = {
    "content/*/text",
    "content/*/name",
    "results/*/outputText",
    "results",
    "embedding",
    "embeddings",
    "generation",
    "generations",
    "outputs/*/text",
    "choices/*/message/content",
    "choices/*/message/tool_calls",
    "choices/*/delta/content",
    "choices/*/text",
    "completions/*/data/text",
    "completion",
    "text",
    "message/content/*/text",
    "output/message/content/*/text",
    "output/message/content/*/toolUse",
    "delta/text",
    "delta/partial_json",
    "content_block/name",
    "contentBlockDelta/delta/text",
    "contentBlockDelta/delta/toolUse",
    "contentBlockStart/start/toolUse",
    "outputText",
    NULL,
};

#define METRICS "amazon-bedrock-invocationMetrics/"
#define START   "message/usage/" /* a stream's first event */

/* clang-format off */
#define INVOKE_CACHE                                                                      \
    {NULL, "x-amzn-bedrock-cache-read-input-token-count", USAGE_CACHED_BESIDE, 0},        \
    {METRICS "cacheReadInputTokenCount", NULL, USAGE_CACHED_BESIDE, 1},                   \
    {"usage/cache_read_input_tokens|" START "cache_read_input_tokens", NULL,              \
     USAGE_CACHED_BESIDE, 2},                                                             \
    {"usage/cacheReadInputTokenCount", NULL, USAGE_CACHED_BESIDE, 3},                     \
    {NULL, "x-amzn-bedrock-cache-write-input-token-count", USAGE_WRITTEN_BESIDE, 0},      \
    {METRICS "cacheWriteInputTokenCount", NULL, USAGE_WRITTEN_BESIDE, 1},                 \
    {"usage/cache_creation_input_tokens|" START "cache_creation_input_tokens", NULL,      \
     USAGE_WRITTEN_BESIDE, 2},                                                            \
    {"usage/cacheWriteInputTokenCount", NULL, USAGE_WRITTEN_BESIDE, 3}

#define INVOKE_ANSWER                                                                     \
    .texts = invoke_texts,                                                                \
    .refusals = invoke_refusals,                                                          \
    .content = invoke_content,                                                            \
    .usage = USAGE(INVOKE_CACHE,                                                         \
              {NULL, "x-amzn-bedrock-input-token-count", USAGE_IN, 0},                    \
              {METRICS "inputTokenCount", NULL, USAGE_IN, 1},                             \
              {"usage/input_tokens|message/usage/input_tokens", NULL, USAGE_IN, 2},       \
              {"usage/inputTokens", NULL, USAGE_IN, 3},                                   \
              {"inputTextTokenCount", NULL, USAGE_IN, 4},                                 \
              {"prompt_token_count", NULL, USAGE_IN, 5},                                  \
              {NULL, "x-amzn-bedrock-output-token-count", USAGE_OUT, 0},                  \
              {METRICS "outputTokenCount", NULL, USAGE_OUT, 1},                           \
              {"usage/output_tokens", NULL, USAGE_OUT, 2},                                \
              {"usage/outputTokens", NULL, USAGE_OUT, 3},                                 \
              {"results/*/tokenCount", NULL, USAGE_OUT, 4},                               \
              {"generation_token_count", NULL, USAGE_OUT, 5})
/* clang-format on */

/* Each maker's body has its temperature elsewhere. Where none is named, a member that its
 * model does not know would be refused: only Claude's body tells that it is Claude's. */
static const struct refusal invoke_fixed[] = {
    {"temperature", IF_UNSET, NULL, REASON_STOCHASTIC},
    {0},
};

static const struct form form_invoke_claude = {
    .needs = "messages[] anthropic_version",
    .layout = layout_anthropic,
    .chance = {.at = "temperature", .fixed = fixed_anthropic},
    .dialogue = &dialogue_anthropic,
    INVOKE_ANSWER,
};

static const struct form form_invoke_nova = {
    .needs = "messages[] inferenceConfig|schemaVersion",
    .chance = {.at = "inferenceConfig/temperature"},
    INVOKE_ANSWER,
};

static const struct form form_invoke_titan = {
    .needs = "inputText textGenerationConfig",
    .chance = {.at = "textGenerationConfig/temperature"},
    INVOKE_ANSWER,
};

static const struct form form_invoke_text = {
    .needs = "messages[]|prompt|message",
    .chance = {.at = "temperature", .fixed = invoke_fixed},
    INVOKE_ANSWER,
};

/* Vectors, rankings. */
static const struct form form_invoke = {
    .needs = "inputText|inputImage|texts|images|inputs|query|taskType|text_prompts|input",
    INVOKE_ANSWER,
};

#define COUNTED "input/converse"

/* A body to invoke with is in base64. */
static const struct texts count_texts[] = {
    {.each = COUNTED, .at = "system/*/text", PROMPT_SYSTEM},
    {.each = COUNTED "/messages/*", .at = CONVERSE_TURN},
    CONVERSE_BLOCKS(COUNTED "/messages/*/content/*"),
    {0},
};

static const char *const count_content[] = {"inputTokens", NULL};

static const struct form form_count = {
    .needs = "input",
    .texts = count_texts,
    .content = count_content,
};

static const char *const rerank_content[] = {"results", NULL};

#define SOURCE "sources/*/inlineDocumentSource/"

static const struct texts rerank_texts[] = {
    {.each = "", .at = "queries/*/textQuery/text|" SOURCE "textDocument/text"},
    {.each = "", .at = SOURCE "jsonDocument/**"},
    {0},
};

static const struct refusal rerank_refusals[] = {
    {"nextToken", IF_SET, NULL, REASON_STATEFUL},
    {0},
};

static const struct form form_bedrock_rerank = {
    .needs = "queries[] sources[]",
    .texts = rerank_texts,
    .refusals = rerank_refusals,
    .content = rerank_content,
};

static const char *const ignored_converse[] = {
    "requestMetadata",
    "performanceConfig",
    "serviceTier",
    "messages/*/content/*/cachePoint",
    "system/*/cachePoint",
    "toolConfig/tools/*/cachePoint",
    NULL,
};

static const char *const hosts[] = {
    "bedrock-runtime.*.amazonaws.com",
    "bedrock-runtime-fips.*.amazonaws.com",
    "bedrock-runtime.*.amazonaws.com.cn",
    "bedrock-runtime.*.amazonaws.eu",
    "vpce-*.bedrock-runtime.*.vpce.amazonaws.com",
    "bedrock-agent-runtime.*.amazonaws.com",
    "bedrock-mantle.*.api.aws",
    "runtime.sagemaker.*.amazonaws.com",
    NULL,
};

#define INVOKE(FORM)                                                                     \
    {"invoke",       "/model/$/invoke", &(FORM),    NULL,                                \
     STREAMED_NEVER, STREAM_NONE,       REASON_NONE},                                    \
    {                                                                                    \
        "invoke-stream", "/model/$/invoke-with-response-stream", &(FORM), NULL,          \
            STREAMED_ALWAYS, STREAM_AWS, REASON_NONE                                     \
    }

#define MODEL_OPERATIONS                                                                 \
    {"converse",     "/model/$/converse", &form_converse, ignored_converse,              \
     STREAMED_NEVER, STREAM_NONE,         REASON_NONE},                                  \
        {"converse-stream", "/model/$/converse-stream",                                  \
         &form_converse,    ignored_converse,                                            \
         STREAMED_ALWAYS,   STREAM_AWS,                                                  \
         REASON_NONE},                                                                   \
        INVOKE(form_invoke_claude), INVOKE(form_invoke_nova), INVOKE(form_invoke_titan), \
        INVOKE(form_invoke_text), INVOKE(form_invoke),                                   \
    {                                                                                    \
        "count-tokens", "/model/$/count-tokens", &form_count, NULL, STREAMED_NEVER,      \
            STREAM_NONE, REASON_NONE                                                     \
    }

static const struct operation operations[] = {
    MODEL_OPERATIONS,
    {"chat", "**/v1/chat/completions", &form_openai_chat, ignored_openai_chat,
     STREAMED_IF_ASKED, STREAM_SSE_DONE, REASON_NONE},
    {"responses", "**/v1/responses", &form_openai_responses, ignored_openai_responses,
     STREAMED_IF_ASKED, STREAM_SSE_RESPONSES, REASON_NONE},
    {"messages", "**/v1/messages", &form_anthropic_messages, ignored_anthropic,
     STREAMED_IF_ASKED, STREAM_SSE_ANTHROPIC, REASON_NONE},
    {"count-tokens", "**/v1/messages/count_tokens", &form_anthropic_count,
     ignored_anthropic, STREAMED_NEVER, STREAM_NONE, REASON_NONE},
    {"rerank", "/rerank", &form_bedrock_rerank, NULL, STREAMED_NEVER, STREAM_NONE,
     REASON_NONE},
    STATEFUL("/async-invoke**"),
    STATEFUL("/agents/**"),
    STATEFUL("/flows/**"),
    STATEFUL("/knowledgebases/**"),
    STATEFUL("/retrieveAndGenerate**"),
    {0},
};

static const struct operation anywhere[] = {MODEL_OPERATIONS, {0}};

const struct dialect dialect_bedrock = {
    .name = "bedrock",
    .hosts = hosts,
    .operations = operations,
    .anywhere = anywhere,
    .error = ERROR_AWS,
};
