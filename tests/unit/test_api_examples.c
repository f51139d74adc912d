/* SPDX-License-Identifier: MIT */
/* Every recorded exchange of tests/wire/examples: recognised as its name says or bypassed
 * for the right reason, kept or not as INDEX.tsv says, tokens counted. The expected
 * values below were read off the files, not computed by the code. */
#include "unit.h"
#include "wire.h"

struct example {
    const char *name;
    const char *dialect;
    const char *operation;
    const char *model;
    enum stream_kind stream;
    enum reason request;              /* of the request */
    enum reason answer;               /* of the answer */
    uint64_t in, out;                 /* what it says */
    uint64_t guessed_in, guessed_out; /* else the bytes of texts, divided by four */
};

/* Local servers (39-41, 44, 48, 49) tell by nothing in the request who they are. */
/* clang-format off */
static const struct example examples[] = {
    {"01-", "openai", "chat", "gpt-4o-mini", STREAM_NONE, REASON_NONE, REASON_NONE, 27, 8, 0, 0},
    {"02-", "openai", "chat", "gpt-4o-mini", STREAM_NONE, REASON_NONE, REASON_NONE, 27, 8, 0, 0},
    {"03-", "openai", "chat", "gpt-4o-mini", STREAM_SSE_DONE, REASON_NONE, REASON_NONE, 24, 8, 0, 0},
    {"04-", "openai", "chat", "gpt-4.1-mini", STREAM_SSE_DONE, REASON_NONE, REASON_NONE, 0, 0, 8, 8},
    {"05-", "openai", "chat", "gpt-4.1", STREAM_NONE, REASON_NONE, REASON_NONE, 58, 34, 0, 0},
    {"06-", "openai", "chat", "gpt-4.1", STREAM_SSE_DONE, REASON_NONE, REASON_NONE, 0, 0, 7, 7},
    {"07-", "openai", "chat", "gpt-4o-mini", STREAM_NONE, REASON_NONE, REASON_NONE, 14, 7, 0, 0},
    {"08-", "openai", "responses", "gpt-4.1-mini", STREAM_NONE, REASON_NONE, REASON_NONE, 23, 7, 0, 0},
    {"09-", "openai", "responses", "gpt-4.1-mini", STREAM_SSE_RESPONSES, REASON_NONE, REASON_NONE, 24, 8, 0, 0},
    {"10-", "openai", "embeddings", "text-embedding-3-small", STREAM_NONE, REASON_NONE, REASON_NONE, 2, 0, 0, 0},
    {"11-", "openai", "embeddings", "text-embedding-3-small", STREAM_NONE, REASON_NONE, REASON_NONE, 6, 0, 0, 0},
    {"12-", "openai", "embeddings", "text-embedding-3-small", STREAM_NONE, REASON_NONE, REASON_NONE, 6, 0, 0, 0},
    {"13-", "openai", "", "", STREAM_NONE, REASON_METHOD, REASON_OPERATION, 0, 0, 0, 0},
    {"14-", "openai", "chat", "gpt-4o-mini", STREAM_NONE, REASON_NONE, REASON_STATUS, 0, 0, 0, 0},
    {"15-", "openai", "chat", "gpt-4o-mini", STREAM_NONE, REASON_NONE, REASON_STATUS, 0, 0, 0, 0},
    {"16-", "anthropic", "messages", "claude-sonnet-4-5", STREAM_NONE, REASON_NONE, REASON_NONE, 21, 11, 0, 0},
    {"17-", "anthropic", "messages", "claude-sonnet-4-5", STREAM_SSE_ANTHROPIC, REASON_NONE, REASON_NONE, 402, 91, 0, 0},
    {"18-", "anthropic", "messages", "claude-opus-5-5", STREAM_NONE, REASON_NONE, REASON_NONE, 15, 5, 0, 0},
    {"19-", "anthropic", "messages", "claude-haiku-4-5", STREAM_NONE, REASON_NONE, REASON_STATUS, 0, 0, 0, 0},
    {"20-", "anthropic", "messages", "claude-haiku-4-5", STREAM_SSE_ANTHROPIC, REASON_NONE, REASON_ERROR_IN_BODY, 12, 1, 0, 0},
    {"21-", "gemini", "generateContent", "gemini-2.5-flash", STREAM_NONE, REASON_NONE, REASON_NONE, 18, 37, 0, 0},
    {"22-", "gemini", "streamGenerateContent", "gemini-2.5-flash", STREAM_SSE_GEMINI, REASON_NONE, REASON_NONE, 6, 49, 0, 0},
    {"23-", "gemini", "streamGenerateContent", "gemini-2.5-flash", STREAM_JSON_ARRAY, REASON_NONE, REASON_NONE, 6, 49, 0, 0},
    {"24-", "gemini", "batchEmbedContents", "gemini-embedding-001", STREAM_NONE, REASON_NONE, REASON_NONE, 0, 0, 8, 0},
    {"25-", "vertex", "generateContent", "gemini-2.5-flash", STREAM_NONE, REASON_NONE, REASON_NONE, 5, 6, 0, 0},
    {"26-", "azure", "chat", "chat-prod", STREAM_NONE, REASON_NONE, REASON_NONE, 22, 5, 0, 0},
    {"27-", "azure", "chat", "chat-prod", STREAM_SSE_DONE, REASON_NONE, REASON_NONE, 0, 0, 5, 4},
    {"28-", "bedrock", "converse", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", STREAM_NONE, REASON_NONE, REASON_NONE, 20, 10, 0, 0},
    {"29-", "bedrock", "converse-stream", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", STREAM_AWS, REASON_NONE, REASON_NONE, 12, 11, 0, 0},
    {"30-", "bedrock", "converse-stream", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", STREAM_AWS, REASON_NONE, REASON_STATUS, 0, 0, 0, 0},
    {"31-", "mistral", "chat", "mistral-small-latest", STREAM_NONE, REASON_NONE, REASON_NONE, 9, 6, 0, 0},
    {"32-", "cohere", "chat", "command-a-03-2025", STREAM_NONE, REASON_NONE, REASON_NONE, 15, 5, 0, 0},
    {"33-", "cohere", "chat", "command-a-03-2025", STREAM_SSE_COHERE, REASON_NONE, REASON_NONE, 7, 4, 0, 0},
    {"34-", "cohere", "embed", "embed-v4.0", STREAM_NONE, REASON_NONE, REASON_NONE, 6, 0, 0, 0},
    {"35-", "cohere", "rerank", "rerank-v3.5", STREAM_NONE, REASON_NONE, REASON_NONE, 0, 0, 17, 0},
    {"36-", "ollama", "chat", "llama3.2", STREAM_NDJSON, REASON_NONE, REASON_NONE, 29, 4, 0, 0},
    {"37-", "ollama", "chat", "llama3.2", STREAM_NONE, REASON_NONE, REASON_NONE, 29, 4, 0, 0},
    {"38-", "ollama", "embed", "nomic-embed-text", STREAM_NONE, REASON_NONE, REASON_NONE, 8, 0, 0, 0},
    {"39-", "compatible", "chat", "meta-llama/Llama-3.1-8B-Instruct", STREAM_NONE, REASON_NONE, REASON_NONE, 45, 6, 0, 0},
    {"40-", "compatible", "chat", "meta-llama/Llama-3.1-8B-Instruct", STREAM_SSE_DONE, REASON_NONE, REASON_NONE, 38, 4, 0, 0},
    {"41-", "compatible", "chat", "gpt-3.5-turbo", STREAM_NONE, REASON_NONE, REASON_NONE, 12, 4, 0, 0},
    {"42-", "openrouter", "chat", "openai/gpt-4.1-mini", STREAM_SSE_DONE, REASON_NONE, REASON_NONE, 10, 6, 0, 0},
    {"43-", "groq", "chat", "openai/gpt-oss-20b", STREAM_SSE_DONE, REASON_NONE, REASON_ERROR_IN_BODY, 0, 0, 0, 0},
    {"44-", "compatible", "chat", "any", STREAM_NONE, REASON_NONE, REASON_ERROR_IN_BODY, 0, 0, 0, 0},
    {"45-", "huggingface", "embed", "", STREAM_NONE, REASON_NONE, REASON_NONE, 10, 0, 0, 0},
    {"46-", "openai", "chat", "gpt-4o-mini", STREAM_NONE, REASON_NONE, REASON_NONE, 10, 2, 0, 0},
    {"47-", "openai", "chat", "gpt-4o-mini", STREAM_NONE, REASON_NONE, REASON_NONE, 10, 2, 0, 0},
    {"48-", "compatible", "chat", "meta-llama/Llama-3.1-8B-Instruct", STREAM_NONE, REASON_NONE, REASON_NONE, 38, 3, 0, 0},
    {"49-", "compatible", "chat", "gpt-4o-mini", STREAM_NONE, REASON_NONE, REASON_NONE, 10, 2, 0, 0},
};
/* clang-format on */

static void check_example(const struct example *example)
{
    unit_test = example->name;
    struct wire_request request = wire_request(example->name);
    struct wire_response response = wire_response(example->name);
    struct call call;
    struct usage usage;
    enum reason reason = api_recognise(&request.request, &call);
    CHECK_TEXT(reason_name(reason), reason_name(example->request));
    CHECK_TEXT(api_dialect_name(&call), example->dialect);
    CHECK_TEXT(api_operation_name(&call), example->operation);
    CHECK_TEXT(call.model, example->model);
    CHECK_INT(call.stream, example->stream);
    CHECK_TEXT(reason_name(api_check(&call, &response.response)),
               reason_name(example->answer));
    api_usage(&call, &response.response, &usage);
    CHECK_INT(usage.tokens_in, example->in);
    CHECK_INT(usage.tokens_out, example->out);
    CHECK_INT(usage.tokens_cached, 0);
    CHECK_INT(usage.tokens_cache_write, 0);
    CHECK(usage.known == (example->in || example->out));
    if (example->answer == REASON_NONE && !usage.known) {
        api_estimate(&call, request.request.body, &response.response, &usage);
        CHECK(usage.estimated && !usage.known);
        CHECK_INT(usage.tokens_in, example->guessed_in);
        CHECK_INT(usage.tokens_out, example->guessed_out);
    }
    api_call_free(&call);
    wire_request_free(&request);
    wire_response_free(&response);
}

/* The verdict that INDEX.tsv gives: its fifth column. */
static void check_index(const struct example *example, struct span index)
{
    struct buffer line_start = {0};
    unit_test = example->name;
    buffer_append_byte(&line_start, '\n');
    buffer_append_text(&line_start, example->name);
    struct span line = span_skip(index, span_find(index, buffer_span(&line_start)) + 1);
    for (unsigned i = 0; i < 4; i++)
        line = span_skip(line, span_find(line, span_text("\t")) + 1);
    bool kept = example->request == REASON_NONE && example->answer == REASON_NONE;
    if (kept)
        CHECK(span_starts(line, "yes\t") || span_starts(line, "policy\t"));
    else
        CHECK(span_starts(line, "never\t") || span_starts(line, "short-ttl\t"));
    buffer_free(&line_start);
}

static void test_index(void)
{
    struct buffer index = wire_read(WIRE_EXAMPLES "INDEX.tsv");
    for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++)
        check_index(&examples[i], buffer_span(&index));
    CHECK_INT(sizeof(examples) / sizeof(*examples), 49);
    buffer_free(&index);
}

/* A gzip answer decodes to the .decoded file beside it. */
static void test_decoded(void)
{
    static const char *const names[] = {"02-", "08-", "12-", "16-", "18-", "31-"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct wire_response response = wire_response(names[i]);
        struct buffer decoded = wire_file(names[i], ".res.decoded");
        CHECK(span_equal(response.response.body, buffer_span(&decoded)));
        buffer_free(&decoded);
        wire_response_free(&response);
    }
}

static void test_examples(void)
{
    for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++)
        check_example(&examples[i]);
}

int main(void)
{
    RUN(test_examples);
    RUN(test_index);
    RUN(test_decoded);
    return unit_end();
}
