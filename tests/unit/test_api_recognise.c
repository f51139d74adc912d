/* SPDX-License-Identifier: MIT */
/* What is recognised as which call, and what is bypassed for which reason. */
#include "unit.h"
#include "wire.h"

struct asked {
    const char *host, *target, *body;
    const char *dialect, *operation, *model;
    enum stream_kind stream;
};

#define CHAT       "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]"
#define MODEL_CHAT "{\"model\":\"m\"," CHAT "}"
#define STREAMED   "{\"model\":\"m\",\"stream\":true," CHAT "}"
#define CLAUDE     "{\"model\":\"m\",\"max_tokens\":1," CHAT "}"
#define INPUT      "{\"model\":\"m\",\"input\":\"x\"}"
#define PROMPT     "{\"model\":\"m\",\"prompt\":\"x\"}"
#define CONTENTS   "{\"contents\":[{\"parts\":[{\"text\":\"x\"}]}]}"
#define RERANK     "{\"model\":\"m\",\"query\":\"q\",\"documents\":[\"d\"]}"
#define VERTEX     "/v1/projects/p/locations/l/publishers/"
#define NO         STREAM_NONE

static const struct asked calls[] = {
    {"api.openai.com", "/v1/chat/completions", MODEL_CHAT, "openai", "chat", "m", NO},
    {"eu.api.openai.com", "/v1/chat/completions", STREAMED, "openai", "chat", "m",
     STREAM_SSE_DONE},
    {"API.OPENAI.COM.", "/v1/completions", PROMPT, "openai", "completions", "m", NO},
    {"api.openai.com", "/v1/responses?beta=true",
     "{\"model\":\"m\",\"input\":\"x\",\"stream\":true}", "openai", "responses", "m",
     STREAM_SSE_RESPONSES},
    {"api.openai.com", "/v1/responses/compact", INPUT, "openai", "compact", "m", NO},
    {"api.openai.com", "/v1/responses/input_tokens", INPUT, "openai", "count-tokens", "m",
     NO},
    {"api.openai.com", "/v1/embeddings", INPUT, "openai", "embeddings", "m", NO},
    {"api.openai.com", "/v1/moderations", INPUT, "openai", "moderations", "m", NO},
    {"api.openai.com", "/v1/audio/speech",
     "{\"model\":\"m\",\"input\":\"x\",\"voice\":\"v\"}", "openai", "speech", "m", NO},
    {"r.openai.azure.com", "/openai/deployments/d/chat/completions?api-version=1",
     MODEL_CHAT, "azure", "chat", "d", NO},
    {"r.openai.azure.com", "/openai/deployments/d/embeddings?api-version=1", INPUT,
     "azure", "embeddings", "d", NO},
    {"r.openai.azure.com", "/openai/v1/responses", INPUT, "azure", "responses", "m", NO},
    {"r.services.ai.azure.com", "/anthropic/v1/messages", CLAUDE, "azure", "messages",
     "m", NO},
    {"r.services.ai.azure.com", "/models/chat/completions?api-version=1", MODEL_CHAT,
     "azure", "chat", "m", NO},
    {"gw.azure-api.net", "/any/openai/deployments/d/chat/completions", MODEL_CHAT,
     "azure", "chat", "d", NO},
    {"proxy.example", "/x/openai/deployments/d/chat/completions", MODEL_CHAT, "azure",
     "chat", "d", NO},
    {"api.anthropic.com", "/v1/messages?beta=true", CLAUDE, "anthropic", "messages", "m",
     NO},
    {"api.anthropic.com", "/v1/messages/count_tokens", MODEL_CHAT, "anthropic",
     "count-tokens", "m", NO},
    {"api.anthropic.com", "/v1/complete", PROMPT, "anthropic", "complete", "m", NO},
    {"generativelanguage.googleapis.com", "/v1beta/models/g:generateContent", CONTENTS,
     "gemini", "generateContent", "g", NO},
    {"generativelanguage.googleapis.com", "/v1beta/tunedModels/t:generateContent",
     CONTENTS, "gemini", "generateContent", "t", NO},
    {"generativelanguage.googleapis.com", "/v1/models/g:streamGenerateContent?alt=sse",
     CONTENTS, "gemini", "streamGenerateContent", "g", STREAM_SSE_GEMINI},
    {"generativelanguage.googleapis.com", "/v1/models/g:streamGenerateContent", CONTENTS,
     "gemini", "streamGenerateContent", "g", STREAM_JSON_ARRAY},
    {"generativelanguage.googleapis.com", "/v1/models/g:embedContent",
     "{\"content\":{\"parts\":[{\"text\":\"x\"}]}}", "gemini", "embedContent", "g", NO},
    {"generativelanguage.googleapis.com", "/v1/models/g:countTokens", CONTENTS, "gemini",
     "countTokens", "g", NO},
    {"generativelanguage.googleapis.com", "/v1beta/openai/chat/completions", MODEL_CHAT,
     "gemini", "chat", "m", NO},
    {"litellm.example", "/gemini/v1beta/models/g:generateContent", CONTENTS, "gemini",
     "generateContent", "g", NO},
    {"aiplatform.googleapis.com", VERTEX "google/models/g:generateContent", CONTENTS,
     "vertex", "generateContent", "g", NO},
    {"aiplatform.eu.rep.googleapis.com", VERTEX "google/models/g:predict",
     "{\"instances\":[{\"content\":\"x\"}]}", "vertex", "predict", "g", NO},
    {"us-east5-aiplatform.googleapis.com", VERTEX "anthropic/models/c@1:rawPredict",
     "{\"anthropic_version\":\"v\",\"max_tokens\":1," CHAT "}", "vertex", "messages",
     "c@1", NO},
    {"us-east5-aiplatform.googleapis.com", VERTEX "anthropic/models/c:streamRawPredict",
     "{\"anthropic_version\":\"v\",\"max_tokens\":1," CHAT "}", "vertex", "messages", "c",
     STREAM_SSE_ANTHROPIC},
    {"us-east5-aiplatform.googleapis.com",
     VERTEX "anthropic/models/count-tokens:rawPredict", MODEL_CHAT, "vertex",
     "count-tokens", "m", NO},
    {"us-central1-aiplatform.googleapis.com", VERTEX "mistralai/models/x:rawPredict",
     MODEL_CHAT, "vertex", "chat", "x", NO},
    {"us-central1-aiplatform.googleapis.com",
     "/v1/projects/p/locations/l/endpoints/openapi/chat/completions", MODEL_CHAT,
     "vertex", "chat", "m", NO},
    {"aiplatform.googleapis.com", "/v1/publishers/google/models/g:generateContent?key=k",
     CONTENTS, "vertex", "generateContent", "g", NO},
    {"discoveryengine.googleapis.com",
     "/v1/projects/p/locations/l/rankingConfigs/default_ranking_config:rank",
     "{\"model\":\"m\",\"query\":\"q\",\"records\":[{\"id\":\"1\"}]}", "vertex", "rank",
     "m", NO},
    {"bedrock-runtime.us-east-1.amazonaws.com", "/model/a.b-v1%3A0/invoke",
     "{\"inputText\":\"x\"}", "bedrock", "invoke", "a.b-v1:0", NO},
    {"bedrock-runtime.us-east-1.amazonaws.com",
     "/model/a.b-v1:0/invoke-with-response-stream", "{\"prompt\":\"x\"}", "bedrock",
     "invoke-stream", "a.b-v1:0", STREAM_AWS},
    {"bedrock-runtime.cn-north-1.amazonaws.com.cn", "/model/m/count-tokens",
     "{\"input\":{}}", "bedrock", "count-tokens", "m", NO},
    {"bedrock-mantle.us-east-1.api.aws", "/v1/responses", INPUT, "bedrock", "responses",
     "m", NO},
    {"bedrock-mantle.us-east-1.api.aws", "/anthropic/v1/messages", CLAUDE, "bedrock",
     "messages", "m", NO},
    {"bedrock-runtime.us-west-2.amazonaws.com", "/openai/v1/chat/completions", MODEL_CHAT,
     "bedrock", "chat", "m", NO},
    {"bedrock-agent-runtime.us-west-2.amazonaws.com", "/rerank",
     "{\"queries\":[{}],\"sources\":[{}]}", "bedrock", "rerank", "", NO},
    {"codestral.mistral.ai", "/v1/fim/completions", PROMPT, "mistral", "fim", "m", NO},
    {"api.mistral.ai", "/v1/ocr",
     "{\"model\":\"m\",\"document\":{\"document_url\":\"data:x\"}}", "mistral", "ocr",
     "m", NO},
    {"api.cohere.ai", "/v1/chat", "{\"message\":\"x\",\"stream\":true}", "cohere", "chat",
     "", STREAM_NDJSON},
    {"api.cohere.com", "/v1/generate", PROMPT, "cohere", "generate", "m", NO},
    {"api.cohere.com", "/v1/embed", "{\"texts\":[\"x\"]}", "cohere", "embed", "", NO},
    {"api.cohere.com", "/v1/rerank", RERANK, "cohere", "rerank", "m", NO},
    {"api.cohere.com", "/v1/tokenize", "{\"model\":\"m\",\"text\":\"x\"}", "cohere",
     "tokenize", "m", NO},
    {"localhost:11434", "/api/chat", MODEL_CHAT, "ollama", "chat", "m", STREAM_NDJSON},
    {"localhost:11434", "/api/generate",
     "{\"model\":\"m\",\"prompt\":\"x\",\"stream\":false}", "ollama", "generate", "m",
     NO},
    {"localhost:11434", "/api/embeddings", PROMPT, "ollama", "embeddings", "m", NO},
    {"localhost:11434", "/v1/messages", CLAUDE, "compatible", "messages", "m", NO},
    {"api.groq.com", "/openai/v1/chat/completions", MODEL_CHAT, "groq", "chat", "m", NO},
    {"openrouter.ai", "/api/v1/messages", CLAUDE, "openrouter", "messages", "m", NO},
    {"api.deepseek.com", "/chat/completions", MODEL_CHAT, "deepseek", "chat", "m", NO},
    {"api.together.xyz", "/v1/rerank", RERANK, "together", "rerank", "m", NO},
    {"api.fireworks.ai", "/inference/v1/completions", PROMPT, "fireworks", "completions",
     "m", NO},
    {"api.perplexity.ai", "/v1/embeddings", INPUT, "perplexity", "embeddings", "m", NO},
    {"api.x.ai", "/v1/chat/completions", MODEL_CHAT, "xai", "chat", "m", NO},
    {"api.voyageai.com", "/v1/multimodalembeddings", "{\"model\":\"m\",\"inputs\":[{}]}",
     "voyage", "embeddings", "m", NO},
    {"us-south.ml.cloud.ibm.com", "/ml/v1/text/chat?version=1",
     "{\"model_id\":\"m\"," CHAT "}", "watsonx", "chat", "m", NO},
    {"api.cloudflare.com", "/client/v4/accounts/a/ai/run/@cf/meta/l", "{" CHAT "}",
     "cloudflare", "run", "", NO},
    {"gateway.ai.cloudflare.com", "/v1/a/g/openai/chat/completions", MODEL_CHAT,
     "compatible", "chat", "m", NO},
    {"router.huggingface.co", "/together/v1/chat/completions", MODEL_CHAT, "huggingface",
     "chat", "m", NO},
    {"x.endpoints.huggingface.cloud", "/", "{\"inputs\":\"x\"}", "huggingface",
     "generate", "", NO},
    {"localhost:3000", "/generate_stream", "{\"inputs\":\"x\"}", "huggingface",
     "generate", "", STREAM_SSE_PLAIN},
    {"localhost:3000", "/similarity", "{\"inputs\":{\"source_sentence\":\"a\"}}",
     "huggingface", "similarity", "", NO},
    {"api.cerebras.ai", "/v1/chat/completions", MODEL_CHAT, "compatible", "chat", "m",
     NO},
    {"api.jina.ai", "/v1/rerank", RERANK, "compatible", "rerank", "m", NO},
    {"w.cloud.databricks.com", "/serving-endpoints/e/invocations", "{" CHAT "}",
     "compatible", "chat", "e", NO},
    {"localhost:8080", "/completion", "{\"prompt\":\"x\",\"stream\":true}", "compatible",
     "completion", "", STREAM_SSE_PLAIN},
    {"localhost:8080", "/infill", "{\"input_prefix\":\"x\"}", "compatible", "infill", "",
     NO},
    {"localhost:8080", "/embedding", "{\"content\":\"x\"}", "compatible", "embedding", "",
     NO},
    {"localhost:8080", "/rerank", "{\"query\":\"q\",\"texts\":[\"a\"]}", "compatible",
     "rerank", "", NO},
    {"localhost:8000", "/v1/score", "{\"model\":\"m\",\"text_1\":\"a\",\"text_2\":\"b\"}",
     "compatible", "score", "m", NO},
    {"localhost:8000", "/tokenize", PROMPT, "compatible", "tokenize", "m", NO},
    {"[::1]:1234", "/api/v0/chat/completions", "{" CHAT "}", "compatible", "chat", "",
     NO},
};

static enum reason ask(const char *method, const char *host, const char *target,
                       const char *headers, const char *body, struct call *call)
{
    static char text[1500];
    snprintf(text, sizeof(text), "%s %s HTTP/1.1\r\nHost: %s\r\n%s\r\n%s", method, target,
             host, headers, body);
    struct wire_request request = wire_request_of(text);
    if (*host == '[') /* the tests' own splitter knows no IPv6 */
        request.request.host = span_text(host);
    enum reason reason = api_recognise(&request.request, call), head;
    /* What the whole request allows, its head allows. */
    bool may_be = api_may_be_call(&request.request, &head);
    CHECK(may_be || reason == head);
    wire_request_free(&request);
    return reason;
}

static void check_asked(const struct asked *asked)
{
    struct call call;
    enum reason reason = ask("POST", asked->host, asked->target, "", asked->body, &call);
    unit_test = asked->target;
    CHECK_TEXT(reason_name(reason), "none");
    CHECK_TEXT(api_dialect_name(&call), asked->dialect);
    CHECK_TEXT(api_operation_name(&call), asked->operation);
    CHECK_TEXT(call.model, asked->model);
    CHECK_INT(call.stream, asked->stream);
    CHECK(call.canonical.size > 0);
    api_call_free(&call);
}

static void test_calls(void)
{
    for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
        check_asked(&calls[i]);
}

static void check_reason(const char *expected, const char *method, const char *host,
                         const char *target, const char *headers, const char *body)
{
    struct call call;
    enum reason reason = ask(method, host, target, headers, body, &call);
    unit_check(strcmp(reason_name(reason), expected) == 0, __FILE__, __LINE__,
               "%s %s%s %s%s is \"%s\", not \"%s\"", method, host, target, headers, body,
               reason_name(reason), expected);
    CHECK_INT(call.canonical.size, 0);
    api_call_free(&call);
}

#define OPENAI    "api.openai.com"
#define ANTHROPIC "api.anthropic.com"
#define GEMINI    "generativelanguage.googleapis.com"
#define GENERATE  "/v1beta/models/g:generateContent"
#define BEDROCK   "bedrock-runtime.us-east-1.amazonaws.com"

static void test_bypass_by_path(void)
{
    static const struct {
        const char *expected, *method, *host, *target;
    } cases[] = {
        {"method", "GET", OPENAI, "/v1/models"},
        {"method", "GET", OPENAI, "/v1/chat/completions"},
        {"method", "GET", OPENAI, "/"},
        {"method", "DELETE", OPENAI, "/v1/models/ft"},
        {"stateful", "GET", OPENAI, "/v1/responses/resp_1"},
        {"stateful", "POST", OPENAI, "/v1/responses/resp_1/cancel"},
        {"stateful", "POST", OPENAI, "/v1/threads/t/messages"},
        {"stateful", "POST", OPENAI, "/v1/assistants"},
        {"stateful", "POST", OPENAI, "/v1/batches"},
        {"stateful", "POST", OPENAI, "/v1/files"},
        {"stateful", "POST", OPENAI, "/v1/vector_stores"},
        {"stateful", "POST", OPENAI, "/v1/conversations"},
        {"operation", "POST", OPENAI, "/v1/images/generations"},
        {"operation", "POST", OPENAI, "/v1/audio/transcriptions"},
        {"operation", "POST", OPENAI, "/v1/decisions"},
        {"stateful", "POST", ANTHROPIC, "/v1/messages/batches"},
        {"stateful", "POST", ANTHROPIC, "/v1/files"},
        {"stateful", "POST", GEMINI, "/v1beta/interactions"},
        {"stateful", "POST", GEMINI, "/v1beta/cachedContents"},
        {"stateful", "POST", GEMINI, "/upload/v1beta/files"},
        {"stateful", "POST", GEMINI, "/v1beta/models/g:predictLongRunning"},
        {"operation", "POST", GEMINI, "/v1beta/models/g:predict"},
        {"stateful", "POST", BEDROCK, "/async-invoke"},
        {"operation", "POST", BEDROCK, "/guardrail/g/version/1/apply"},
        {"stateful", "POST", BEDROCK,
         "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1:prompt%2Fx/converse"},
        {"stateful", "POST", "api.mistral.ai", "/v1/agents/completions"},
        {"stateful", "POST", "api.mistral.ai", "/v1/conversations"},
        {"stateful", "POST", "api.cohere.com", "/v1/embed-jobs"},
        {"live-tools", "POST", "api.perplexity.ai", "/chat/completions"},
        {"stateful", "POST", "api.perplexity.ai", "/async/chat/completions"},
        {"stateful", "GET", "api.x.ai", "/v1/chat/deferred-completion/1"},
        {"operation", "POST", "api.replicate.com", "/v1/predictions"},
        {"not-llm", "GET", "example.org", "/v1/models"},
        {"not-llm", "GET", "example.org", "/v1/chat/completions"},
        {"not-llm", "POST", "example.org", "/index.html"},
        {"not-llm", "POST", "localhost:11434", "/api/pull"},
        {"not-llm", "POST", "x.cognitiveservices.azure.com", "/speech/tts"},
        {"not-llm", "GET", "ollama.com", "/library"},
        {"not-llm", "POST", "api.openai.com.evil.example", "/v1/files"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        check_reason(cases[i].expected, cases[i].method, cases[i].host, cases[i].target,
                     "", cases[i].method[0] == 'P' ? MODEL_CHAT : "");
}

static void test_bypass_by_head(void)
{
    const char *path = "/v1/chat/completions";
    static const struct {
        const char *expected, *headers;
    } cases[] = {
        {"no-cache", "Cache-Control: no-cache\r\n"},
        {"no-cache", "Cache-Control: max-age=0\r\n"},
        {"no-cache", "cache-control: No-Store\r\n"},
        {"no-cache", "Pragma: no-cache\r\n"},
        {"encoded-request", "Content-Encoding: gzip\r\n"},
        {"multipart", "Content-Type: multipart/form-data; boundary=x\r\n"},
        {"not-json", "Content-Type: application/grpc\r\n"},
        {"upgrade", "Connection: Upgrade\r\nUpgrade: websocket\r\n"},
        {"too-large", "Content-Length: 33554433\r\n"},
        {"none", "Content-Length: 33554432\r\n"},
        {"none", "Content-Type: application/json; charset=utf-8\r\n"},
        {"none", "Content-Type: application/x-www-form-urlencoded\r\n"},
        {"none", "Content-Type: text/plain;charset=UTF-8\r\n"},
        {"none", "Upgrade: h2c\r\n"},
        {"none", "Content-Encoding: identity\r\n"},
        {"none", "Cache-Control: max-age=60\r\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct call call;
        CHECK_TEXT(
            reason_name(ask("POST", OPENAI, path, cases[i].headers, MODEL_CHAT, &call)),
            cases[i].expected);
        CHECK_TEXT(api_dialect_name(&call), "openai");
        CHECK_TEXT(api_operation_name(&call), "chat");
        api_call_free(&call);
    }
    check_reason("upgrade", "GET", OPENAI, "/v1/realtime?model=m",
                 "Connection: Upgrade\r\nUpgrade: WebSocket\r\n", "");
    check_reason("upgrade", "GET", OPENAI, "/v1/responses", "Upgrade: websocket\r\n", "");
    check_reason("not-llm", "POST", "example.org", path,
                 "Content-Type: multipart/form-data; boundary=x\r\n", "");
    check_reason("not-llm", "GET", "example.org", "/chat", "Upgrade: websocket\r\n", "");
}

static void test_bypass_by_shape(void)
{
    static const char *const bodies[] = {
        "",
        "[]",
        "\"x\"",
        "{",
        "{\"model\":\"m\"}",
        "{\"model\":\"m\",\"messages\":\"x\"}",
        "a=b&c=d",
        "{\"text\":\"slack\"}",
    };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
        check_reason("not-json", "POST", OPENAI, "/v1/chat/completions", "", bodies[i]);
        check_reason("not-llm", "POST", "example.org", "/v1/chat/completions", "",
                     bodies[i]);
    }
    /* Others' paths that only look alike. */
    check_reason("not-llm", "POST", "chat.example", "/channels/7/messages", "",
                 "{\"content\":\"x\",\"model\":\"m\"}");
    check_reason("not-llm", "POST", "app.example", "/api/chat", "", "{" CHAT "}");
    check_reason("not-llm", "POST", "pay.example", "/tokenize", "",
                 "{\"text\":\"4111\"}");
    check_reason("not-llm", "POST", "x.example", "/predict", "", "{\"inputs\":\"x\"}");
    check_reason("not-llm", "POST", "x.example", "/", "", "{\"inputs\":\"x\"}");
    check_reason("duplicate-member", "POST", OPENAI, "/v1/chat/completions", "",
                 "{\"model\":\"m\",\"model\":\"n\"," CHAT "}");
    check_reason("duplicate-member", "POST", OPENAI, "/v1/chat/completions", "",
                 "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a\","
                 "\"cont\\u0065nt\":\"b\"}]}");
}

struct refused {
    const char *expected;
    const char *more; /* members added to a chat */
};

static void check_refused(const char *host, const char *target, const char *base,
                          const struct refused *refused, size_t count)
{
    char body[700];
    for (size_t i = 0; i < count; i++) {
        snprintf(body, sizeof(body), "{%s,%s}", refused[i].more, base);
        struct call call;
        enum reason reason = ask("POST", host, target, "", body, &call);
        unit_check(strcmp(reason_name(reason), refused[i].expected) == 0, __FILE__,
                   __LINE__, "%s is \"%s\", not \"%s\"", body, reason_name(reason),
                   refused[i].expected);
        CHECK(call.operation != NULL);
        api_call_free(&call);
    }
}

#define CHECK_REFUSED(HOST, TARGET, BASE, LIST)                                          \
    check_refused(HOST, TARGET, BASE, LIST, sizeof(LIST) / sizeof(*(LIST)))

#define BLOCK(TEXT) "\"messages\":[{\"role\":\"user\",\"content\":[" TEXT "]}]"

static void test_refused_chats(void)
{
    static const struct refused members[] = {
        {"live-tools", "\"model\":\"gpt-4o-search-preview\""},
        {"live-tools", "\"model\":\"gpt-5-search-api\""},
        {"live-tools", "\"model\":\"o3-deep-research\""},
        {"live-tools", "\"model\":\"openai/gpt-4o:online\""},
        {"live-tools", "\"model\":\"perplexity/sonar\""},
        {"live-tools", "\"model\":\"groq/compound-mini\""},
        {"live-tools", "\"web_search_options\":{\"search_context_size\":\"low\"}"},
        {"none", "\"web_search_options\":null"},
        {"live-tools", "\"search_parameters\":{\"mode\":\"on\"}"},
        {"live-tools", "\"plugins\":[{\"id\":\"web\"}]"},
        {"live-tools", "\"tools\":[{\"type\":\"web_search\"}]"},
        {"live-tools",
         "\"tools\":[{\"type\":\"function\"},{\"type\":\"openrouter:web_search\"}]"},
        {"none", "\"tools\":[{\"type\":\"function\"},{\"type\":\"custom\"}]"},
        {"live-tools", "\"data_sources\":[{}]"},
        {"live-tools", "\"enable_search\":true"},
        {"none", "\"enable_search\":false"},
        {"stateful", "\"conversation_id\":\"c\""},
        {"stateful", "\"deferred\":true"},
        {"stateful", "\"model\":\"@preset/x\""},
        {"none", "\"n\":2,\"temperature\":2"},
    };
    static const struct refused blocks[] = {
        {"remote-object",
         BLOCK("{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x/y.png\"}}")},
        {"remote-object",
         BLOCK("{\"type\":\"image_url\",\"image_url\":\"https://x/y.png\"}")},
        {"none", BLOCK("{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/"
                       "png;base64,AA\"}}")},
        {"remote-object", BLOCK("{\"type\":\"file\",\"file\":{\"file_id\":\"file-1\"}}")},
        {"none", BLOCK("{\"type\":\"file\",\"file\":{\"file_data\":\"data:x\"}}")},
        {"none", BLOCK("{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"AA\"}}")},
        {"remote-object",
         "\"messages\":[{\"role\":\"assistant\",\"audio\":{\"id\":\"a\"}}]"},
    };
    CHECK_REFUSED(OPENAI, "/v1/chat/completions", CHAT, members);
    CHECK_REFUSED("localhost:4000", "/v1/chat/completions", CHAT, members);
    CHECK_REFUSED(OPENAI, "/v1/chat/completions", "\"model\":\"m\"", blocks);
}

static void test_refused_responses(void)
{
    static const struct refused members[] = {
        {"none", "\"store\":true"},
        {"none", "\"store\":false"},
        {"stateful", "\"previous_response_id\":\"resp_1\""},
        {"none", "\"previous_response_id\":null"},
        {"stateful", "\"conversation\":{\"id\":\"c\"}"},
        {"stateful", "\"background\":true"},
        {"none", "\"background\":false"},
        {"stateful", "\"prompt\":{\"id\":\"p\"}"},
        {"none", "\"prompt\":{\"id\":\"p\",\"version\":\"2\"}"},
        {"stateful", "\"context_management\":[{}]"},
        {"live-tools", "\"tools\":[{\"type\":\"web_search\"}]"},
        {"live-tools", "\"tools\":[{\"type\":\"file_search\"}]"},
        {"live-tools", "\"tools\":[{\"type\":\"code_interpreter\"}]"},
        {"live-tools", "\"tools\":[{\"type\":\"computer_use_preview\"}]"},
        {"live-tools", "\"tools\":[{\"type\":\"image_generation\"}]"},
        {"live-tools", "\"tools\":[{\"type\":\"mcp\"}]"},
        {"live-tools", "\"tools\":[{\"type\":\"local_shell\"}]"},
        {"none", "\"tools\":[{\"type\":\"function\",\"name\":\"f\"}]"},
    };
    static const struct refused inputs[] = {
        {"stateful", "\"input\":[{\"type\":\"item_reference\",\"id\":\"x\"}]"},
        {"remote-object",
         "\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_image\","
         "\"image_url\":\"https://x\"}]}]"},
        {"remote-object",
         "\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_file\","
         "\"file_id\":\"f\"}]}]"},
        {"none", "\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_image\","
                 "\"image_url\":\"data:image/png;base64,AA\"}]}]"},
    };
    CHECK_REFUSED(OPENAI, "/v1/responses", "\"model\":\"m\",\"input\":\"x\"", members);
    CHECK_REFUSED(OPENAI, "/v1/responses", "\"model\":\"m\"", inputs);
}

static void test_refused_elsewhere(void)
{
    static const struct refused claude[] = {
        {"live-tools", "\"tools\":[{\"type\":\"web_search_20250305\",\"name\":\"w\"}]"},
        {"live-tools", "\"tools\":[{\"type\":\"web_fetch_20250910\"}]"},
        {"live-tools", "\"tools\":[{\"type\":\"code_execution_20250825\"}]"},
        {"live-tools", "\"tools\":[{\"type\":\"memory_20250818\"}]"},
        {"none", "\"tools\":[{\"name\":\"w\",\"input_schema\":{}}]"},
        {"none", "\"tools\":[{\"type\":\"bash_20250124\",\"name\":\"bash\"}]"},
        {"live-tools", "\"mcp_servers\":[{\"url\":\"x\"}]"},
        {"stateful", "\"container\":\"c\""},
    };
    static const struct refused claude_blocks[] = {
        {"remote-object", BLOCK("{\"type\":\"image\",\"source\":{\"type\":\"url\"}}")},
        {"remote-object",
         BLOCK("{\"type\":\"document\",\"source\":{\"type\":\"file\"}}")},
        {"none", BLOCK("{\"type\":\"image\",\"source\":{\"type\":\"base64\"}}")},
        {"remote-object",
         BLOCK("{\"type\":\"tool_result\",\"content\":[{\"type\":\"image\","
               "\"source\":{\"type\":\"url\"}}]}")},
    };
    static const struct refused gemini[] = {
        {"live-tools", "\"tools\":[{\"googleSearch\":{}}]"},
        {"live-tools", "\"tools\":[{\"google_search\":{}}]"},
        {"live-tools", "\"tools\":[{\"urlContext\":{}}]"},
        {"live-tools",
         "\"tools\":[{\"functionDeclarations\":[{}]},{\"codeExecution\":{}}]"},
        {"none", "\"tools\":[{\"functionDeclarations\":[{}]}]"},
        {"stateful", "\"cachedContent\":\"cachedContents/1\""},
    };
    static const struct refused gemini_parts[] = {
        {"remote-object",
         "\"contents\":[{\"parts\":[{\"fileData\":{\"fileUri\":\"x\"}}]}]"},
        {"remote-object",
         "\"contents\":[{\"parts\":[{\"file_data\":{\"file_uri\":\"x\"}}]}]"},
        {"none", "\"contents\":[{\"parts\":[{\"inlineData\":{\"data\":\"AA\"}}]}]"},
    };
    static const struct refused converse[] = {
        {"remote-object",
         BLOCK("{\"image\":{\"source\":{\"s3Location\":{\"uri\":\"s3://x\"}}}}")},
        {"none", BLOCK("{\"image\":{\"source\":{\"bytes\":\"AA\"}}}")},
        {"stateful", CHAT ",\"guardrailConfig\":{\"guardrailVersion\":\"DRAFT\"}"},
    };
    static const struct refused ollama[] = {
        {"operation", "\"messages\":[]"},
        {"operation", CHAT ",\"keep_alive\":0"},
        {"operation", CHAT ",\"keep_alive\":\"0s\""},
        {"none", CHAT ",\"keep_alive\":\"10m\""},
        {"none", CHAT ",\"keep_alive\":-1"},
    };
    static const struct refused generate[] = {
        {"operation", "\"prompt\":\"\""},
        {"operation", "\"keep_alive\":\"5m\""},
        {"none", "\"prompt\":\"x\""},
    };
    static const struct refused cohere[] = {
        {"stateful", "\"conversation_id\":\"c\""},
        {"live-tools", "\"connectors\":[{\"id\":\"web-search\"}]"},
    };
    static const struct refused imagen[] = {
        {"operation", "\"instances\":[{\"prompt\":\"a cat\"}]"},
    };
    CHECK_REFUSED(ANTHROPIC, "/v1/messages", "\"model\":\"m\",\"max_tokens\":1," CHAT,
                  claude);
    CHECK_REFUSED(ANTHROPIC, "/v1/messages", "\"model\":\"m\",\"max_tokens\":1",
                  claude_blocks);
    CHECK_REFUSED(GEMINI, GENERATE, "\"contents\":[]", gemini);
    CHECK_REFUSED(GEMINI, GENERATE, "\"x\":1", gemini_parts);
    CHECK_REFUSED(BEDROCK, "/model/m/converse", "\"x\":1", converse);
    CHECK_REFUSED("localhost:11434", "/api/chat", "\"model\":\"m\"", ollama);
    CHECK_REFUSED("localhost:11434", "/api/generate", "\"model\":\"m\"", generate);
    CHECK_REFUSED("api.cohere.com", "/v1/chat", "\"message\":\"x\"", cohere);
    CHECK_REFUSED("aiplatform.googleapis.com", VERTEX "google/models/imagen:predict",
                  "\"x\":1", imagen);
}

static void test_counts(void)
{
    static const struct {
        const char *target, *body;
        unsigned choices, inputs;
    } cases[] = {
        {"/v1/chat/completions", "{\"model\":\"m\",\"n\":3," CHAT "}", 3, 0},
        {"/v1/chat/completions", "{\"model\":\"m\",\"n\":null," CHAT "}", 1, 0},
        {"/v1/completions", "{\"model\":\"m\",\"n\":2,\"prompt\":[\"a\",\"b\"]}", 4, 0},
        {"/v1/completions", "{\"model\":\"m\",\"prompt\":[1,2,3]}", 1, 0},
        {"/v1/embeddings", "{\"model\":\"m\",\"input\":\"a\"}", 1, 1},
        {"/v1/embeddings", "{\"model\":\"m\",\"input\":[\"a\",\"b\",\"c\"]}", 1, 3},
        {"/v1/embeddings", "{\"model\":\"m\",\"input\":[1,2,3]}", 1, 1},
        {"/v1/embeddings", "{\"model\":\"m\",\"input\":[[1,2],[3]]}", 1, 2},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct call call;
        CHECK_INT(ask("POST", OPENAI, cases[i].target, "", cases[i].body, &call),
                  REASON_NONE);
        CHECK_INT(call.choices, cases[i].choices);
        CHECK_INT(call.inputs, cases[i].inputs);
        api_call_free(&call);
    }
}

static void test_known_hosts(void)
{
    CHECK(api_known_host(span_text("api.openai.com")));
    CHECK(api_known_host(span_text("Api.Anthropic.Com")));
    CHECK(api_known_host(span_text("x.openai.azure.com")));
    CHECK(api_known_host(span_text("europe-west4-aiplatform.googleapis.com")));
    CHECK(!api_known_host(span_text("example.org")));
    CHECK(!api_known_host(span_text("localhost")));
    CHECK(!api_known_host(span_text("")));
    CHECK(!api_known_host(span_text("notapi.openai.com.org")));
    CHECK(!api_known_host(span_text("evil-api.openai.com")));
    CHECK(!api_known_host(span_text("x.azure-api.net")));
}

static void test_memory(void)
{
    struct wire_request request = wire_request("02-");
    bool done = false;
    for (unsigned long n = 1; !done && n < 100; n++) {
        struct call call;
        memory_fail_from(n);
        enum reason reason = api_recognise(&request.request, &call);
        memory_fail_from(0);
        done = reason == REASON_NONE;
        CHECK(done || reason == REASON_NO_MEMORY);
        api_call_free(&call);
    }
    CHECK(done);
    wire_request_free(&request);
}

int main(void)
{
    RUN(test_calls);
    RUN(test_bypass_by_path);
    RUN(test_bypass_by_head);
    RUN(test_bypass_by_shape);
    RUN(test_refused_chats);
    RUN(test_refused_responses);
    RUN(test_refused_elsewhere);
    RUN(test_counts);
    RUN(test_known_hosts);
    RUN(test_memory);
    return unit_end();
}
