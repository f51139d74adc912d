/* SPDX-License-Identifier: MIT */
/* What answers say they cost, and what is guessed where they say nothing. */
#include "unit.h"
#include "wire.h"

#include "store/memory.h"

#define CHAT "\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]"

struct metered {
    const char *host, *target, *request, *answer;
    uint64_t in, out, cached, written;
};

#define CLAUDE "{\"max_tokens\":1," CHAT "}"

static void test_told(void)
{
    static const struct metered cases[] = {
        {"api.openai.com", "/v1/chat/completions", "{" CHAT "}",
         "{\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":7,\"total_tokens\":107,"
         "\"prompt_tokens_details\":{\"cached_tokens\":64}}}",
         100, 7, 64, 0},
        {"api.deepseek.com", "/chat/completions", "{" CHAT "}",
         "{\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":7,"
         "\"prompt_cache_hit_tokens\":64,\"prompt_cache_miss_tokens\":36}}",
         100, 7, 64, 0},
        {"api.x.ai", "/v1/chat/completions", "{" CHAT "}",
         "{\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":7,"
         "\"completion_tokens_details\":{\"reasoning_tokens\":30}}}",
         10, 37, 0, 0},
        {"api.groq.com", "/openai/v1/chat/completions", "{\"stream\":true," CHAT "}",
         "data: "
         "{\"x_groq\":{\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2}}}\n\n",
         9, 2, 0, 0},
        {"api.anthropic.com", "/v1/messages", CLAUDE,
         "{\"usage\":{\"input_tokens\":5,\"cache_creation_input_tokens\":20,"
         "\"cache_read_input_tokens\":300,\"output_tokens\":4}}",
         325, 4, 300, 20},
        {"api.anthropic.com", "/v1/messages",
         "{\"stream\":true,\"max_tokens\":1," CHAT "}",
         "event: message_start\ndata: {\"message\":{\"usage\":{\"input_tokens\":5,"
         "\"cache_read_input_tokens\":300,\"output_tokens\":1}}}\n\nevent: "
         "message_delta\n"
         "data: {\"usage\":{\"output_tokens\":40}}\n\n",
         305, 40, 300, 0},
        {"api.anthropic.com", "/v1/messages",
         "{\"stream\":true,\"max_tokens\":1," CHAT "}",
         "event: message_start\ndata: {\"message\":{\"usage\":{\"input_tokens\":5,"
         "\"cache_creation_input_tokens\":7,\"cache_read_input_tokens\":0,"
         "\"output_tokens\":1}}}\n\nevent: message_delta\n"
         "data: {\"usage\":{\"input_tokens\":6,\"cache_creation_input_tokens\":8,"
         "\"output_tokens\":40}}\n\n",
         14, 40, 0, 8},
        {"api.openai.com", "/v1/responses", "{\"model\":\"m\",\"input\":\"x\"}",
         "{\"usage\":{\"input_tokens\":90,\"output_tokens\":7,\"input_tokens_details\":"
         "{\"cached_tokens\":64,\"cache_write_tokens\":16}}}",
         90, 7, 64, 16},
        /* Parts never exceed the whole, and what cannot be a count is none. */
        {"api.openai.com", "/v1/chat/completions", "{" CHAT "}",
         "{\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":18446744073709551615,"
         "\"prompt_tokens_details\":{\"cached_tokens\":70,\"cache_write_tokens\":70}}}",
         100, 0, 70, 30},
        {"generativelanguage.googleapis.com", "/v1beta/models/g:generateContent",
         "{\"contents\":[]}",
         "{\"usageMetadata\":{\"promptTokenCount\":50,\"cachedContentTokenCount\":32,"
         "\"candidatesTokenCount\":5,\"thoughtsTokenCount\":20,"
         "\"toolUsePromptTokenCount\":3,\"totalTokenCount\":78}}",
         53, 25, 32, 0},
        {"aiplatform.googleapis.com", "/v1/publishers/google/models/g:predict",
         "{\"instances\":[{\"content\":\"a\"},{\"content\":\"b\"}]}",
         "{\"predictions\":[{\"embeddings\":{\"statistics\":{\"token_count\":3}}},"
         "{\"embeddings\":{\"statistics\":{\"token_count\":4}}}]}",
         7, 0, 0, 0},
        {"bedrock-runtime.us-east-1.amazonaws.com", "/model/m/converse",
         "{\"messages\":[]}",
         "{\"usage\":{\"inputTokens\":5,\"cacheReadInputTokens\":100,"
         "\"cacheWriteInputTokens\":7,\"outputTokens\":2}}",
         112, 2, 100, 7},
        {"bedrock-runtime.us-east-1.amazonaws.com", "/model/m/invoke",
         "{\"anthropic_version\":\"v\",\"max_tokens\":1,\"messages\":[]}",
         "{\"usage\":{\"input_tokens\":5,\"cache_creation_input_tokens\":20,"
         "\"cache_read_input_tokens\":300,\"output_tokens\":4}}",
         325, 4, 300, 20},
        {"bedrock-runtime.us-east-1.amazonaws.com", "/model/m/invoke",
         "{\"messages\":[],\"inferenceConfig\":{}}",
         "{\"usage\":{\"inputTokens\":5,\"cacheWriteInputTokenCount\":20,"
         "\"cacheReadInputTokenCount\":300,\"outputTokens\":4}}",
         325, 4, 300, 20},
        {"bedrock-runtime.us-east-1.amazonaws.com", "/model/m/invoke",
         "{\"inputText\":\"x\"}",
         "{\"inputTextTokenCount\":5,\"results\":[{\"tokenCount\":7,\"outputText\":\"x\"}"
         "]}",
         5, 7, 0, 0},
        {"api.cohere.com", "/v2/chat", "{" CHAT "}",
         "{\"usage\":{\"tokens\":{\"input_tokens\":508,\"output_tokens\":7}}}", 508, 7, 0,
         0},
        {"api.cohere.com", "/v1/chat", "{\"message\":\"x\",\"stream\":true}",
         "{\"event_type\":\"stream-end\",\"response\":{\"meta\":{\"billed_units\":"
         "{\"input_tokens\":3,\"output_tokens\":2}}}}\n",
         3, 2, 0, 0},
        {"localhost:11434", "/api/generate", "{\"model\":\"m\",\"prompt\":\"x\"}",
         "{\"response\":\"x\"}\n{\"done\":true,\"prompt_eval_count\":4,\"eval_count\":6}"
         "\n",
         4, 6, 0, 0},
        {"localhost:80", "/generate", "{\"inputs\":\"x\"}",
         "{\"generated_text\":\"x\",\"details\":{\"generated_tokens\":20}}", 0, 20, 0, 0},
        {"localhost:80", "/completion", "{\"prompt\":\"x\"}",
         "{\"content\":\"x\",\"tokens_evaluated\":3,\"tokens_predicted\":2}", 3, 2, 0, 0},
        {"api.voyageai.com", "/v1/embeddings", "{\"model\":\"m\",\"input\":\"x\"}",
         "{\"usage\":{\"total_tokens\":3}}", 3, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct call call = wire_call(cases[i].host, cases[i].target, cases[i].request);
        struct response response = {.status = 200, .body = span_text(cases[i].answer)};
        struct usage usage;
        api_usage(&call, &response, &usage);
        unit_test = cases[i].answer;
        CHECK(usage.known);
        CHECK_INT(usage.tokens_in, cases[i].in);
        CHECK_INT(usage.tokens_out, cases[i].out);
        CHECK_INT(usage.tokens_cached, cases[i].cached);
        CHECK_INT(usage.tokens_cache_write, cases[i].written);
        api_call_free(&call);
    }
}

struct guessed {
    const char *host, *target, *request, *answer;
    uint64_t in, out;
};

#define EIGHT "\"12345678\""

static void test_guessed(void)
{
    static const struct guessed cases[] = {
        {"api.openai.com", "/v1/chat/completions", "{" CHAT "}",
         "{\"choices\":[{\"message\":{\"content\":" EIGHT "}}]}", 1, 2},
        /* Escapes count as what they stand for: two characters of three bytes, one of four. */
        {"api.openai.com", "/v1/chat/completions",
         "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":"
         "\"\\u4f60\\u597d\"},{\"role\":\"user\",\"content\":\"\\ud83d\\ude00\"}]}",
         "{\"choices\":[]}", 3, 0},
        /* A tool's call: its name and arguments, not what it is and which. */
        {"api.openai.com", "/v1/chat/completions", "{" CHAT "}",
         "{\"choices\":[{\"message\":{\"tool_calls\":[{\"id\":\"call_1234567890\","
         "\"type\":\"function\",\"function\":{\"name\":\"1234\",\"arguments\":" EIGHT
         "}}]}}]}",
         1, 3},
        /* Pictures and schemas of tools are no text. */
        {"api.openai.com", "/v1/chat/completions",
         "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
         "\"text\","
         "\"text\":" EIGHT "},{\"type\":\"image_url\",\"image_url\":{\"url\":"
         "\"data:image/"
         "png;base64,AAAAAAAAAAAA\"}}]}],\"tools\":[{\"type\":\"function\"}]}",
         "{\"choices\":[]}", 2, 0},
        {"generativelanguage.googleapis.com", "/v1beta/models/g:generateContent",
         "{\"contents\":[{\"parts\":[{\"text\":" EIGHT "}]}]}",
         "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":" EIGHT "},"
         "{\"inlineData\":{\"mimeType\":\"image/png\",\"data\":" EIGHT "}}]}}]}",
         2, 2},
        /* What one path finds in parts another must not find whole. */
        {"bedrock-runtime.us-east-1.amazonaws.com", "/model/m/invoke",
         "{\"inputText\":" EIGHT ",\"textGenerationConfig\":{}}",
         "{\"results\":[{\"outputText\":" EIGHT "}]}", 2, 2},
        /* Vectors are no tokens, not even in base64. */
        {"api.openai.com", "/v1/embeddings", "{\"model\":\"m\",\"input\":[" EIGHT "]}",
         "{\"data\":[{\"embedding\":\"AAAAAAAA\"}]}", 2, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct call call = wire_call(cases[i].host, cases[i].target, cases[i].request);
        struct response response = {.status = 200, .body = span_text(cases[i].answer)};
        struct span body = span_text(cases[i].request);
        struct usage usage;
        unit_test = cases[i].answer;
        api_estimate(&call, body, &response, &usage);
        CHECK(usage.estimated && !usage.known);
        CHECK_INT(usage.tokens_in, cases[i].in);
        CHECK_INT(usage.tokens_out, cases[i].out);
        api_estimate(&call, body, NULL, &usage);
        CHECK(usage.estimated);
        CHECK_INT(usage.tokens_in, cases[i].in);
        CHECK_INT(usage.tokens_out, 0);
        api_call_free(&call);
    }
}

/* Answers that never count tokens: sound, tokens themselves. */
static void test_not_guessed(void)
{
    struct usage usage = {.known = true, .tokens_in = 1};
    struct call speech = wire_call("api.openai.com", "/v1/audio/speech",
                                   "{\"model\":\"m\",\"input\":\"x\",\"voice\":\"v\"}");
    api_estimate(&speech, span_text("{\"input\":\"x\"}"), NULL, &usage);
    CHECK(!usage.estimated && !usage.known && usage.tokens_in == 0);
    api_call_free(&speech);
    struct call count = wire_call("api.anthropic.com", "/v1/messages/count_tokens",
                                  "{\"max_tokens\":1," CHAT "}");
    api_estimate(&count, span_text("{" CHAT "}"), NULL, &usage);
    CHECK(!usage.estimated && usage.tokens_in == 0);
    api_call_free(&count);
    struct call none = {0};
    api_estimate(&none, span_text("{"), NULL, &usage);
    CHECK(!usage.estimated);
}

static void test_memory(void)
{
    struct usage usage;
    struct call call = wire_call("api.openai.com", "/v1/chat/completions", "{" CHAT "}");
    struct response response = {.status = 200,
                                .body = span_text("{\"choices\":[{\"text\":\"x\"}]}")};
    memory_fail_from(1);
    api_estimate(&call, span_text("{" CHAT "}"), &response, &usage);
    memory_fail_from(0);
    CHECK(!usage.estimated && usage.tokens_in == 0 && usage.tokens_out == 0);
    api_call_free(&call);
}

int main(void)
{
    RUN(test_told);
    RUN(test_guessed);
    RUN(test_not_guessed);
    RUN(test_memory);
    return unit_end();
}
