/* SPDX-License-Identifier: MIT */
/* Which texts of a request are its prompt, and who wrote them, dialect by dialect. In the texts
 * expected below S, U, M, T and "-" stand for system, user, model, tool and nobody. In the bodies
 * "NO" marks what is no prompt. */
#include "unit.h"
#include "wire.h"

#include "core/api/prompt.h"

struct example {
    const char *host, *target, *body, *texts;
};

static bool note(struct json text, enum prompt_role role, void *context)
{
    struct buffer *out = context;
    buffer_append_text(out, out->size ? "|" : "");
    buffer_append_byte(out, (uint8_t) "-SUMT"[role]);
    buffer_append_text(out, ":");
    json_append_text(text, out);
    return true;
}

static void check_example(const struct example *example)
{
    struct request request = {.method = span_text("POST"),
                              .tls = true,
                              .host = span_text(example->host),
                              .port = 443,
                              .target = span_text(example->target),
                              .body = span_text(example->body)};
    struct call call;
    struct buffer texts = {0};
    unit_check(api_recognise(&request, &call) == REASON_NONE, __FILE__, __LINE__,
               "%s%s is not cacheable: %s", example->host, example->target,
               example->body);
    CHECK(prompt_each(&call, request.body, note, &texts));
    buffer_append_byte(&texts, 0);
    CHECK_TEXT((const char *)texts.at, example->texts);
    buffer_free(&texts);
    api_call_free(&call);
}

#define OPENAI    "api.openai.com"
#define ANTHROPIC "api.anthropic.com"
#define GEMINI    "generativelanguage.googleapis.com"
#define BEDROCK   "bedrock-runtime.us-east-1.amazonaws.com"
#define COHERE    "api.cohere.com"
#define CHAT      "/v1/chat/completions"
#define USER      "{\"role\":\"user\",\"content\":\"u\"}"

/* clang-format off */
static const struct example openai[] = {
    {OPENAI, CHAT,
     "{\"model\":\"NO\",\"user\":\"NO\",\"stop\":\"NO\",\"messages\":["
     "{\"role\":\"developer\",\"content\":\"d\"},"
     "{\"role\":\"system\",\"content\":[{\"type\":\"text\",\"text\":\"s\"}]},"
     "{\"role\":\"user\",\"name\":\"NO\",\"content\":[{\"type\":\"text\",\"text\":\"a \\u00e9\\n\"},"
     "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:NO\"}},"
     "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"NO\",\"format\":\"wav\"}}]},"
     "{\"role\":\"assistant\",\"content\":null,\"refusal\":\"r\",\"tool_calls\":["
     "{\"id\":\"NO\",\"type\":\"function\",\"function\":{\"name\":\"NO\",\"arguments\":\"{\\\"x\\\":1}\"}}]},"
     "{\"role\":\"tool\",\"tool_call_id\":\"NO\",\"content\":\"t\"}],"
     "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"NO\",\"description\":\"NO\"}}],"
     "\"prediction\":{\"type\":\"content\",\"content\":\"p\"}}",
     "S:d|S:s|U:a \xc3\xa9\n|M:r|M:{\"x\":1}|T:t|M:p"},
    {OPENAI, CHAT, "{\"messages\":[{\"role\":\"assistant\",\"reasoning_content\":\"h\",\"content\":\"\","
     "\"function_call\":{\"name\":\"NO\",\"arguments\":\"{}\"}},"
     "{\"role\":\"function\",\"name\":\"NO\",\"content\":\"f\"}," USER "]}",
     "M:h|M:{}|T:f|U:u"},
    {OPENAI, "/v1/completions", "{\"model\":\"NO\",\"prompt\":\"p\",\"suffix\":\"s\",\"stop\":\"NO\"}",
     "U:p|U:s"},
    {OPENAI, "/v1/completions", "{\"model\":\"NO\",\"prompt\":[\"p\",\"q\"]}", "U:p|U:q"},
    {OPENAI, "/v1/completions", "{\"model\":\"NO\",\"prompt\":[1,2,3]}", ""},
    {OPENAI, "/v1/completions", "{\"model\":\"NO\",\"prompt\":[[1,2],[3]]}", ""},
    {OPENAI, "/v1/responses", "{\"model\":\"NO\",\"instructions\":\"i\",\"input\":\"p\"}",
     "S:i|U:p"},
    {OPENAI, "/v1/responses",
     "{\"model\":\"NO\",\"input\":[{\"role\":\"developer\",\"content\":\"d\"},"
     "{\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"u\"},"
     "{\"type\":\"input_image\",\"image_url\":\"data:NO\"}]},"
     "{\"type\":\"function_call\",\"call_id\":\"NO\",\"name\":\"NO\",\"arguments\":\"{}\"},"
     "{\"type\":\"function_call_output\",\"call_id\":\"NO\",\"output\":\"o\"},"
     "{\"type\":\"custom_tool_call_output\",\"output\":[{\"type\":\"input_text\",\"text\":\"q\"}]},"
     "{\"type\":\"reasoning\",\"id\":\"NO\",\"encrypted_content\":\"NO\",\"summary\":[{\"text\":\"s\"}]}],"
     "\"prompt\":{\"id\":\"NO\",\"version\":\"1\",\"variables\":{\"a\":\"v\",\"b\":{\"type\":\"input_text\",\"text\":\"w\"}}}}",
     "U:v|U:w|S:d|U:u|-:s|M:{}|T:o|T:q"},
    {OPENAI, "/v1/responses/compact", "{\"model\":\"NO\",\"input\":\"p\"}", "U:p"},
    {OPENAI, "/v1/responses/input_tokens", "{\"model\":\"NO\",\"input\":\"p\"}", "U:p"},
    {OPENAI, "/v1/embeddings", "{\"model\":\"NO\",\"input\":\"p\"}", "-:p"},
    {OPENAI, "/v1/embeddings", "{\"model\":\"NO\",\"input\":[\"p\",\"q\"],\"user\":\"NO\"}", "-:p|-:q"},
    {OPENAI, "/v1/embeddings", "{\"model\":\"NO\",\"input\":[1,2]}", ""},
    {OPENAI, "/v1/moderations", "{\"input\":[{\"type\":\"text\",\"text\":\"p\"},"
     "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:NO\"}}]}", "-:p"},
    {OPENAI, "/v1/moderations", "{\"input\":[\"p\",\"q\"]}", "-:p|-:q"},
    {OPENAI, "/v1/audio/speech",
     "{\"model\":\"NO\",\"voice\":\"NO\",\"input\":\"p\",\"instructions\":\"i\"}", "U:p|U:i"},
    {"r.openai.azure.com", "/openai/deployments/d/chat/completions", "{\"messages\":[" USER "]}",
     "U:u"},
    {"api.x.ai", CHAT, "{\"model\":\"NO\",\"messages\":[" USER "]}", "U:u"},
    {"api.mistral.ai", CHAT, "{\"model\":\"NO\",\"messages\":[{\"role\":\"assistant\",\"content\":["
     "{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"h\"}]}]}," USER "]}",
     "M:h|U:u"},
    {"api.mistral.ai", "/v1/fim/completions", "{\"model\":\"NO\",\"prompt\":\"p\",\"suffix\":\"s\"}",
     "U:p|U:s"},
    {"api.mistral.ai", "/v1/chat/moderations",
     "{\"model\":\"NO\",\"input\":[[" USER "],[{\"role\":\"assistant\",\"content\":\"a\"}]]}", "U:u|M:a"},
    {0},
};

static const struct example anthropic[] = {
    {ANTHROPIC, "/v1/messages",
     "{\"model\":\"NO\",\"max_tokens\":1,\"system\":\"s\",\"metadata\":{\"user_id\":\"NO\"},"
     "\"tools\":[{\"name\":\"NO\",\"description\":\"NO\",\"input_schema\":{}}],\"messages\":["
     "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"u\"},"
     "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"NO\",\"data\":\"NO\"}},"
     "{\"type\":\"document\",\"title\":\"t\",\"source\":{\"type\":\"text\",\"media_type\":\"NO\",\"data\":\"d\"}}]},"
     "{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"h\",\"signature\":\"NO\"},"
     "{\"type\":\"tool_use\",\"id\":\"NO\",\"name\":\"NO\",\"input\":{\"q\":\"a\",\"r\":[\"b\",1]}}]},"
     "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"NO\",\"content\":\"c\"},"
     "{\"type\":\"tool_result\",\"tool_use_id\":\"NO\",\"content\":[{\"type\":\"text\",\"text\":\"e\"},"
     "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"data\":\"NO\"}},"
     "{\"type\":\"document\",\"source\":{\"type\":\"text\",\"data\":\"f\"}}]}]}]}",
     "S:s|U:u|M:h|M:a|M:b|U:t|U:d|T:c|T:e|T:f"},
    {ANTHROPIC, "/v1/messages",
     "{\"model\":\"NO\",\"max_tokens\":1,\"system\":[{\"type\":\"text\",\"text\":\"s\"}],\"messages\":[" USER "]}",
     "S:s|U:u"},
    {ANTHROPIC, "/v1/messages/count_tokens", "{\"model\":\"NO\",\"messages\":[" USER "]}", "U:u"},
    {ANTHROPIC, "/v1/complete", "{\"model\":\"NO\",\"prompt\":\"p\"}", "U:p"},
    {0},
};

static const struct example google[] = {
    {GEMINI, "/v1beta/models/g:generateContent",
     "{\"systemInstruction\":{\"parts\":[{\"text\":\"s\"}]},\"contents\":["
     "{\"role\":\"user\",\"parts\":[{\"text\":\"u\"},{\"inlineData\":{\"mimeType\":\"NO\",\"data\":\"NO\"}}]},"
     "{\"role\":\"model\",\"parts\":[{\"functionCall\":{\"name\":\"NO\",\"args\":{\"q\":\"a\"}}}]},"
     "{\"role\":\"user\",\"parts\":[{\"functionResponse\":{\"name\":\"NO\",\"response\":{\"r\":\"b\"}}}]},"
     "{\"parts\":[{\"text\":\"v\"}]}],"
     "\"tools\":[{\"functionDeclarations\":[{\"name\":\"NO\",\"description\":\"NO\"}]}]}",
     "S:s|U:u|-:v|M:a|T:b"},
    {GEMINI, "/v1beta/models/g:generateContent",
     "{\"system_instruction\":{\"parts\":{\"text\":\"s\"}},\"contents\":{\"parts\":{\"text\":\"u\"}}}",
     "S:s|-:u"},
    {GEMINI, "/v1beta/models/g:streamGenerateContent?alt=sse",
     "{\"contents\":[{\"parts\":[{\"text\":\"u\"}]}]}", "-:u"},
    {GEMINI, "/v1beta/models/g:countTokens",
     "{\"generateContentRequest\":{\"model\":\"NO\",\"systemInstruction\":{\"parts\":[{\"text\":\"s\"}]},"
     "\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"u\"}]}]}}", "S:s|U:u"},
    {GEMINI, "/v1beta/models/g:embedContent",
     "{\"title\":\"t\",\"content\":{\"parts\":[{\"text\":\"p\"}]},\"taskType\":\"NO\"}", "-:t|-:p"},
    {GEMINI, "/v1beta/models/g:batchEmbedContents",
     "{\"requests\":[{\"model\":\"NO\",\"content\":{\"parts\":[{\"text\":\"p\"}]}},"
     "{\"model\":\"NO\",\"content\":{\"parts\":[{\"text\":\"q\"}]}}]}", "-:p|-:q"},
    {"us-central1-aiplatform.googleapis.com", "/v1/projects/p/locations/l/publishers/google/models/g:predict",
     "{\"instances\":[{\"task_type\":\"NO\",\"title\":\"t\",\"content\":\"p\"},"
     "{\"text\":\"q\",\"image\":{\"bytesBase64Encoded\":\"NO\"}}]}", "-:t|-:p|-:q"},
    {"discoveryengine.googleapis.com", "/v1/projects/p/locations/l/rankingConfigs/r:rank",
     "{\"model\":\"NO\",\"query\":\"q\",\"records\":[{\"id\":\"NO\",\"title\":\"t\",\"content\":\"c\"}]}",
     "-:q|-:t|-:c"},
    {0},
};

static const struct example bedrock[] = {
    {BEDROCK, "/model/m/converse",
     "{\"system\":[{\"text\":\"s\"}],\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"u\"},"
     "{\"image\":{\"format\":\"NO\",\"source\":{\"bytes\":\"NO\"}}},"
     "{\"document\":{\"name\":\"NO\",\"source\":{\"text\":\"d\"}}}]},"
     "{\"role\":\"assistant\",\"content\":[{\"toolUse\":{\"name\":\"NO\",\"input\":{\"q\":\"a\"}}}]},"
     "{\"role\":\"user\",\"content\":[{\"toolResult\":{\"toolUseId\":\"NO\",\"content\":["
     "{\"text\":\"b\"},{\"json\":{\"r\":\"c\"}}]}}]}],"
     "\"toolConfig\":{\"tools\":[{\"toolSpec\":{\"name\":\"NO\"}}]}}",
     "S:s|U:u|M:a|T:b|T:c|U:d"},
    {BEDROCK, "/model/m/invoke", "{\"inputText\":\"p\"}", "-:p"},
    {BEDROCK, "/model/m/invoke", "{\"prompt\":\"p\",\"max_gen_len\":1}", "U:p"},
    {BEDROCK, "/model/m/invoke", "{\"texts\":[\"p\",\"q\"],\"input_type\":\"NO\"}", "-:p|-:q"},
    {BEDROCK, "/model/m/invoke", "{\"message\":\"p\",\"chat_history\":[{\"role\":\"USER\",\"message\":\"u\"}]}",
     "-:p|U:u"},
    {BEDROCK, "/model/m/invoke", "{\"query\":\"q\",\"documents\":[\"d\"]}", "-:q|-:d"},
    {BEDROCK, "/model/m/invoke",
     "{\"anthropic_version\":\"NO\",\"max_tokens\":1,\"system\":\"s\",\"messages\":[" USER ","
     "{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"name\":\"NO\",\"input\":{\"q\":\"a\"}}]}]}",
     "S:s|U:u|M:a"},
    {BEDROCK, "/model/m/invoke-with-response-stream",
     "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"u\"}]}]}", "U:u"},
    {BEDROCK, "/model/m/count-tokens",
     "{\"input\":{\"converse\":{\"system\":[{\"text\":\"s\"}],"
     "\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"u\"}]}]}}}", "S:s|U:u"},
    {"bedrock-agent-runtime.us-east-1.amazonaws.com", "/rerank",
     "{\"queries\":[{\"type\":\"NO\",\"textQuery\":{\"text\":\"q\"}}],\"sources\":[{\"type\":\"NO\","
     "\"inlineDocumentSource\":{\"type\":\"NO\",\"textDocument\":{\"text\":\"d\"}}},"
     "{\"inlineDocumentSource\":{\"jsonDocument\":{\"a\":\"e\"}}}]}", "-:q|-:d|-:e"},
    {0},
};

static const struct example others[] = {
    {COHERE, "/v2/chat",
     "{\"model\":\"NO\",\"messages\":[" USER ",{\"role\":\"assistant\",\"tool_plan\":\"p\",\"tool_calls\":["
     "{\"id\":\"NO\",\"type\":\"function\",\"function\":{\"name\":\"NO\",\"arguments\":\"{}\"}}]},"
     "{\"role\":\"tool\",\"tool_call_id\":\"NO\",\"content\":[{\"type\":\"document\","
     "\"document\":{\"data\":\"t\"}}]}],\"documents\":[{\"data\":{\"text\":\"d\"}},\"e\"]}",
     "M:p|T:t|U:u|M:{}|-:d|-:e"},
    {COHERE, "/v1/chat",
     "{\"model\":\"NO\",\"message\":\"u\",\"preamble\":\"s\",\"chat_history\":["
     "{\"role\":\"CHATBOT\",\"message\":\"m\"}],\"documents\":[{\"title\":\"d\"}],"
     "\"tool_results\":[{\"call\":{\"name\":\"NO\",\"parameters\":{\"q\":\"a\"}},\"outputs\":[{\"o\":\"t\"}]}]}",
     "S:s|M:m|U:u|-:d|M:a|T:t"},
    {COHERE, "/v1/generate", "{\"prompt\":\"p\"}", "U:p"},
    {COHERE, "/v2/embed", "{\"model\":\"NO\",\"texts\":[\"p\",\"q\"],\"input_type\":\"NO\"}", "-:p|-:q"},
    {COHERE, "/v2/embed", "{\"model\":\"NO\",\"images\":[\"data:NO\"]}", ""},
    {COHERE, "/v2/rerank", "{\"model\":\"NO\",\"query\":\"q\",\"documents\":[\"d\",{\"text\":\"e\"}]}",
     "-:q|-:d|-:e"},
    {COHERE, "/v1/tokenize", "{\"model\":\"NO\",\"text\":\"p\"}", "-:p"},
    {COHERE, "/v1/classify", "{\"inputs\":[\"p\"],\"examples\":[{\"text\":\"e\",\"label\":\"NO\"}]}",
     "-:p|-:e"},
    {COHERE, "/v1/summarize", "{\"text\":\"p\",\"additional_command\":\"c\"}", "U:p|U:c"},
    {"localhost", "/api/chat", "{\"model\":\"NO\",\"messages\":[{\"role\":\"user\",\"content\":\"u\",\"images\":[\"NO\"]},"
     "{\"role\":\"assistant\",\"content\":\"m\",\"tool_calls\":[{\"function\":{\"name\":\"NO\",\"arguments\":{\"q\":\"a\"}}}]}]}",
     "U:u|M:m|M:a"},
    {"localhost", "/api/generate", "{\"model\":\"NO\",\"prompt\":\"p\",\"system\":\"s\",\"images\":[\"NO\"]}",
     "S:s|U:p"},
    {"localhost", "/api/embed", "{\"model\":\"NO\",\"input\":[\"p\"]}", "-:p"},
    {"localhost", "/api/embeddings", "{\"model\":\"NO\",\"prompt\":\"p\"}", "U:p"},
    {"localhost", "/x/rerank", "{\"query\":\"q\",\"texts\":[\"d\"]}", "-:q|-:d"},
    {"localhost", "/score", "{\"model\":\"NO\",\"text_1\":\"p\",\"text_2\":[\"q\"]}", "-:p|-:q"},
    {"localhost", "/completion", "{\"prompt\":\"p\"}", "U:p"},
    {"localhost", "/infill", "{\"input_prefix\":\"p\",\"input_suffix\":\"q\"}", "U:p|U:q"},
    {"localhost", "/embedding", "{\"content\":\"p\"}", "-:p"},
    {"localhost", "/tokenize", "{\"model\":\"NO\",\"prompt\":\"p\"}", "-:p"},
    {"localhost", "/embed", "{\"inputs\":[\"p\",\"q\"]}", "-:p|-:q"},
    {"localhost", "/similarity",
     "{\"inputs\":{\"source_sentence\":\"p\",\"sentences\":[\"q\"]}}", "-:p|-:q"},
    {"localhost", "/generate", "{\"inputs\":\"p\",\"parameters\":{\"stop\":[\"NO\"]}}", "-:p"},
    {"us-south.ml.cloud.ibm.com", "/ml/v1/text/generation",
     "{\"model_id\":\"NO\",\"project_id\":\"NO\",\"input\":\"p\"}", "-:p"},
    {"us-south.ml.cloud.ibm.com", "/ml/v1/text/embeddings", "{\"model_id\":\"NO\",\"inputs\":[\"p\"]}",
     "-:p"},
    {"api.cloudflare.com", "/client/v4/accounts/a/ai/run/@cf/m", "{\"prompt\":\"p\"}", "U:p"},
    {"api.voyageai.com", "/v1/contextualizedembeddings",
     "{\"model\":\"NO\",\"inputs\":[[\"p\",\"q\"]],\"input_type\":\"NO\"}", "-:p|-:q"},
    {"api.voyageai.com", "/v1/multimodalembeddings",
     "{\"model\":\"NO\",\"inputs\":[{\"content\":[{\"type\":\"text\",\"text\":\"p\"},"
     "{\"type\":\"image_base64\",\"image_base64\":\"NO\"}]}]}", "-:p"},
    {0},
};
/* clang-format on */

static void test_dialects(void)
{
    const struct example *const all[] = {openai, anthropic, google, bedrock, others};
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        for (const struct example *example = all[i]; example->host; example++)
            check_example(example);
}

static bool stop(struct json text, enum prompt_role role, void *context)
{
    unsigned *count = context;
    (void)text;
    (void)role;
    return ++*count < 2;
}

static void test_stop(void)
{
    struct request request = {
        .method = span_text("POST"),
        .tls = true,
        .host = span_text(OPENAI),
        .port = 443,
        .target = span_text(CHAT),
        .body = span_text("{\"messages\":[" USER "," USER "," USER "]}")};
    struct call call;
    unsigned count = 0;
    CHECK_INT(api_recognise(&request, &call), REASON_NONE);
    CHECK(!prompt_each(&call, request.body, stop, &count));
    CHECK_INT(count, 2);
    api_call_free(&call);
    CHECK(prompt_each(&call, request.body, stop, &count)); /* of nothing recognised */
}

/* Every recorded request has a prompt. */
static void test_wire(void)
{
    unsigned seen = 0;
    for (unsigned number = 1; number <= 49; number++) {
        char name[8];
        snprintf(name, sizeof(name), "%02u-", number);
        unit_test = name;
        struct wire_request wire = wire_request(name);
        struct call call;
        struct buffer texts = {0};
        if (api_recognise(&wire.request, &call) == REASON_NONE) {
            CHECK(prompt_each(&call, wire.request.body, note, &texts));
            CHECK(texts.size > 2);
            seen++;
        }
        buffer_free(&texts);
        api_call_free(&call);
        wire_request_free(&wire);
    }
    CHECK_INT(seen, 48); /* 13 is a GET */
}

int main(void)
{
    RUN(test_dialects);
    RUN(test_stop);
    RUN(test_wire);
    return unit_end();
}
