/* SPDX-License-Identifier: MIT */
/* The Gemini API (https://ai.google.dev/api/generate-content). The model and the method
 * stand in the path; both spellings of members, camelCase and snake_case, are accepted
 * there. */
#include "dialect.h"

#define FUNCTIONS "functionDeclarations function_declarations"

static const struct refusal generate_refusals[] = {
    {"tools/*", IF_HAS_OTHER, FUNCTIONS, REASON_LIVE_TOOLS},
    {"tools", IF_HAS_OTHER, FUNCTIONS, REASON_LIVE_TOOLS}, /* one tool, no list */
    {"cachedContent", IF_SET, NULL, REASON_STATEFUL},
    {"cached_content", IF_SET, NULL, REASON_STATEFUL},
    {"contents/*/parts/*/fileData", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {"contents/*/parts/*/file_data", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {"systemInstruction/parts/*/fileData", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {"system_instruction/parts/*/file_data", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {0},
};

#define INSTRUCTION                                                                      \
    "systemInstruction/parts/*/text|systemInstruction/parts/text|"                       \
    "system_instruction/parts/*/text|system_instruction/parts/text"
#define CALLS                                                                            \
    "parts/*/functionCall/args/**|parts/*/function_call/args/**|"                        \
    "parts/*/executableCode/code|parts/*/executable_code/code"
#define RESULTS                                                                          \
    "parts/*/functionResponse/response/**|parts/*/function_response/response/**|"        \
    "parts/*/codeExecutionResult/output|parts/*/code_execution_result/output"

/* One turn or one part need not stand in a list. */
const struct texts texts_gemini[] = {
    {.each = "", .at = INSTRUCTION, PROMPT_SYSTEM},
    {.each = "contents/*", .at = "parts/*/text|parts/text"},
    {.each = "contents", .at = "parts/*/text|parts/text"},
    {.each = "contents/*", .at = CALLS, PROMPT_MODEL},
    {.each = "contents/*", .at = RESULTS, PROMPT_TOOL},
    {0},
};

static const struct texts count_texts[] = {
    {.each = "generateContentRequest", .at = INSTRUCTION, PROMPT_SYSTEM},
    {.each = "generateContentRequest/contents/*", .at = "parts/*/text|parts/text"},
    {.each = "generateContentRequest/contents/*", .at = CALLS, PROMPT_MODEL},
    {.each = "generateContentRequest/contents/*", .at = RESULTS, PROMPT_TOOL},
    {.each = "instances/*", .at = "content|prompt|text"},
    {.more = texts_gemini},
};

static const struct texts embed_texts[] = {
    {.each = "", .at = "title|content/parts/*/text|content/parts/text"},
    {.each = "requests/*", .at = "title|content/parts/*/text|content/parts/text"},
    {0},
};

static const char *const generate_content[] = {
    "candidates/*/content/parts/*/text",
    "candidates/*/content/parts/*/functionCall",
    "candidates/*/content/parts/*/inlineData",
    NULL,
};

/* Thoughts are counted beside the candidates, prompts of tools beside the prompt; cached
 * tokens within the prompt. */
const struct form form_gemini_generate = {
    .needs = "contents",
    .texts = texts_gemini,
    .choices = "generationConfig/candidateCount|generation_config/candidate_count",
    .refusals = generate_refusals,
    .chance = {.at = "generationConfig/temperature|generation_config/temperature"},
    .content = generate_content,
    .finish = {"candidates", "finishReason", NULL},
    .usage = USAGE({"usageMetadata/promptTokenCount", NULL, USAGE_IN, 0},
                   {"usageMetadata/toolUsePromptTokenCount", NULL, USAGE_IN, 0},
                   {"usageMetadata/candidatesTokenCount", NULL, USAGE_OUT, 0},
                   {"usageMetadata/thoughtsTokenCount", NULL, USAGE_OUT, 0},
                   {"usageMetadata/cachedContentTokenCount", NULL, USAGE_CACHED, 0}),
};

static const struct refusal count_refusals[] = {
    {"contents/*/parts/*/fileData", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {"contents/*/parts/*/file_data", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {"generateContentRequest/contents/*/parts/*/fileData", IF_SET, NULL,
     REASON_REMOTE_OBJECT},
    {"generateContentRequest/cachedContent", IF_SET, NULL, REASON_STATEFUL},
    {"cachedContent", IF_SET, NULL, REASON_STATEFUL},
    {0},
};

static const char *const count_content[] = {"totalTokens", "tokensInfo", NULL};

const struct form form_gemini_count = {
    .needs = "contents|generateContentRequest|instances",
    .texts = count_texts,
    .refusals = count_refusals,
    .content = count_content,
};

static const struct refusal embed_refusals[] = {
    {"content/parts/*/fileData", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {"content/parts/*/file_data", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {"requests/*/content/parts/*/fileData", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {"requests/*/content/parts/*/file_data", IF_SET, NULL, REASON_REMOTE_OBJECT},
    {0},
};

static const char *const embed_content[] = {"embedding/values", NULL};
static const char *const batch_content[] = {"embeddings/*/values", NULL};

const struct form form_gemini_embed = {
    .needs = "content",
    .texts = embed_texts,
    .refusals = embed_refusals,
    .content = embed_content,
    .usage = USAGE({"usageMetadata/promptTokenCount", NULL, USAGE_IN, 0}),
};

static const struct itemised batch_itemised = {false, NULL, "values", "usageMetadata",
                                               NULL};

static const struct form form_batch_embed = {
    .needs = "requests[]",
    .texts = embed_texts,
    .inputs = "requests",
    .outputs = "embeddings",
    .itemised = &batch_itemised,
    .refusals = embed_refusals,
    .content = batch_content,
    .usage = USAGE({"usageMetadata/promptTokenCount", NULL, USAGE_IN, 0}),
};

const char *const ignored_gemini[] = {"labels", "serviceTier", "service_tier", NULL};

static const char *const hosts[] = {"generativelanguage.googleapis.com", NULL};

#define GENERATE(MODELS)                                                                 \
    {"generateContent",                                                                  \
     MODELS "/$:generateContent",                                                        \
     &form_gemini_generate,                                                              \
     ignored_gemini,                                                                     \
     STREAMED_NEVER,                                                                     \
     STREAM_NONE,                                                                        \
     REASON_NONE},                                                                       \
    {                                                                                    \
        "streamGenerateContent", MODELS "/$:streamGenerateContent",                      \
            &form_gemini_generate, ignored_gemini, STREAMED_ALWAYS, STREAM_JSON_ARRAY,   \
            REASON_NONE                                                                  \
    }

static const struct operation operations[] = {
    GENERATE("/*/models"),
    GENERATE("/*/tunedModels"),
    {"embedContent", "/*/models/$:embedContent", &form_gemini_embed, NULL, STREAMED_NEVER,
     STREAM_NONE, REASON_NONE},
    {"batchEmbedContents", "/*/models/$:batchEmbedContents", &form_batch_embed, NULL,
     STREAMED_NEVER, STREAM_NONE, REASON_NONE},
    {"countTokens", "/*/models/$:countTokens", &form_gemini_count, NULL, STREAMED_NEVER,
     STREAM_NONE, REASON_NONE},
    {"chat", "/*/openai/chat/completions", &form_openai_chat, NULL, STREAMED_IF_ASKED,
     STREAM_SSE_DONE, REASON_NONE},
    {"embeddings", "/*/openai/embeddings", &form_openai_embeddings, ignored_user,
     STREAMED_NEVER, STREAM_NONE, REASON_NONE},
    BYPASS("images", "/*/models/$:predict", REASON_OPERATION),
    STATEFUL("/*/models/*:predictLongRunning"),
    STATEFUL("/*/models/*:batchGenerateContent"),
    STATEFUL("/*/models/*:asyncBatchEmbedContent"),
    STATEFUL("/*/interactions**"),
    STATEFUL("/upload/**"),
    STATEFUL("/*/files**"),
    STATEFUL("/*/cachedContents**"),
    STATEFUL("/*/operations**"),
    STATEFUL("/*/corpora**"),
    STATEFUL("/*/fileSearchStores**"),
    {0},
};

/* Behind gateways, whatever comes before. */
static const struct operation anywhere[] = {
    GENERATE("**/models"),
    {"embedContent", "**/models/$:embedContent", &form_gemini_embed, NULL, STREAMED_NEVER,
     STREAM_NONE, REASON_NONE},
    {"batchEmbedContents", "**/models/$:batchEmbedContents", &form_batch_embed, NULL,
     STREAMED_NEVER, STREAM_NONE, REASON_NONE},
    {"countTokens", "**/models/$:countTokens", &form_gemini_count, NULL, STREAMED_NEVER,
     STREAM_NONE, REASON_NONE},
    {0},
};

const struct dialect dialect_gemini = {
    .name = "gemini",
    .hosts = hosts,
    .operations = operations,
    .anywhere = anywhere,
    .error = ERROR_GOOGLE,
};
