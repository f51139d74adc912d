/* SPDX-License-Identifier: MIT */
/* Which requests ask for an answer that is drawn at random, and what they look like without. */
#include "unit.h"
#include "wire.h"

#define CHAT     "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]"
#define CLAUDE   "\"model\":\"m\",\"max_tokens\":1," CHAT
#define CONTENTS "\"contents\":[{\"parts\":[{\"text\":\"x\"}]}]"
#define OPENAI   "api.openai.com", "/v1/chat/completions"
#define MESSAGES "api.anthropic.com", "/v1/messages"
#define GEMINI   "generativelanguage.googleapis.com", "/v1beta/models/g:generateContent"
#define CONVERSE "bedrock-runtime.us-east-1.amazonaws.com", "/model/m/converse"
#define INVOKE   "bedrock-runtime.us-east-1.amazonaws.com", "/model/m/invoke"
#define OLLAMA   "localhost:11434", "/api/chat"
#define TGI      "localhost:3000", "/generate"
#define WATSONX  "us-south.ml.cloud.ibm.com"
#define CF       "api.cloudflare.com", "/client/v4/accounts/a/ai/run/@cf/m"

/* A request and the same without chance; NULL: it is never drawn; "": there is none without. */
struct drawn {
    const char *host, *target, *body, *without;
};

static const struct drawn cases[] = {
    {OPENAI, "{" CHAT "}", "{\"temperature\":0," CHAT "}"},
    {OPENAI, "{ " CHAT " }\n", "{\"temperature\":0, " CHAT " }\n"},
    {OPENAI, "{" CHAT ",\"temperature\" : 0.7 }", "{" CHAT ",\"temperature\" : 0 }"},
    {OPENAI, "{\"temperature\":1e-9," CHAT "}", "{\"temperature\":0," CHAT "}"},
    {OPENAI, "{\"temperature\":null," CHAT "}", "{\"temperature\":0," CHAT "}"},
    {OPENAI, "{\"temperature\":\"1\"," CHAT "}", "{\"temperature\":0," CHAT "}"},
    {OPENAI, "{\"temper\\u0061ture\":1," CHAT "}", "{\"temper\\u0061ture\":0," CHAT "}"},
    {OPENAI, "{\"n\":2,\"seed\":7,\"temperature\":1," CHAT "}",
     "{\"n\":2,\"seed\":7,\"temperature\":0," CHAT "}"},
    {OPENAI, "{\"metadata\":{\"temperature\":0}," CHAT "}",
     "{\"temperature\":0,\"metadata\":{\"temperature\":0}," CHAT "}"},
    {OPENAI, "{\"temperature\":0," CHAT "}", NULL},
    {OPENAI, "{\"temperature\":0.0," CHAT "}", NULL},
    {OPENAI, "{\"temperature\":-0," CHAT "}", NULL},
    {OPENAI, "{\"temperature\":0e5," CHAT "}", NULL},
    {OPENAI, "{\"temperature\":0.00E+12," CHAT "}", NULL},
    {OPENAI, "{\"temperature\":-1," CHAT "}", NULL}, /* llama.cpp: greedy */
    {OPENAI, "{\"model\":\"gpt-4o1\"," CHAT "}",
     "{\"temperature\":0,\"model\":\"gpt-4o1\"," CHAT "}"},
    {OPENAI, "{\"model\":\"o3-mini\"," CHAT "}", ""},
    {OPENAI, "{\"model\":\"gpt-5.2-mini\"," CHAT "}", ""},
    {"openrouter.ai", "/api/v1/chat/completions", "{\"model\":\"openai/o1\"," CHAT "}",
     ""},
    {"openrouter.ai", "/api/v1/chat/completions",
     "{\"model\":\"anthropic/claude-opus-4.7\"," CHAT "}", ""},
    {"api.openai.com", "/v1/completions", "{\"model\":\"m\",\"prompt\":\"x\"}",
     "{\"temperature\":0,\"model\":\"m\",\"prompt\":\"x\"}"},
    {"api.openai.com", "/v1/responses", "{\"model\":\"m\",\"input\":\"x\"}",
     "{\"temperature\":0,\"model\":\"m\",\"input\":\"x\"}"},
    {"api.openai.com", "/v1/responses/compact", "{\"model\":\"m\",\"input\":\"x\"}", ""},
    {"api.openai.com", "/v1/responses/input_tokens", "{\"model\":\"m\",\"input\":\"x\"}",
     NULL},
    {"api.openai.com", "/v1/embeddings", "{\"model\":\"m\",\"input\":\"x\"}", NULL},
    {"api.openai.com", "/v1/moderations", "{\"model\":\"m\",\"input\":\"x\"}", NULL},
    {"api.openai.com", "/v1/audio/speech",
     "{\"model\":\"m\",\"input\":\"x\",\"voice\":\"v\"}", NULL},
    {"r.openai.azure.com", "/openai/deployments/d/chat/completions?api-version=1",
     "{" CHAT "}", "{\"temperature\":0," CHAT "}"},
    {"r.services.ai.azure.com", "/anthropic/v1/messages", "{" CLAUDE "}",
     "{\"temperature\":0," CLAUDE "}"},
    {MESSAGES, "{" CLAUDE "}", "{\"temperature\":0," CLAUDE "}"},
    {MESSAGES, "{\"temperature\":0.0," CLAUDE "}", NULL},
    {MESSAGES, "{\"thinking\":{\"type\":\"enabled\"}," CLAUDE "}", ""},
    {MESSAGES, "{\"thinking\":{\"type\":\"adaptive\"}," CLAUDE "}", ""},
    {MESSAGES, "{\"thinking\":{\"type\":\"disabled\"}," CLAUDE "}",
     "{\"temperature\":0,\"thinking\":{\"type\":\"disabled\"}," CLAUDE "}"},
    {MESSAGES, "{\"model\":\"claude-opus-4-7\",\"max_tokens\":1," CHAT "}", ""},
    {"api.anthropic.com", "/v1/complete", "{\"model\":\"m\",\"prompt\":\"x\"}",
     "{\"temperature\":0,\"model\":\"m\",\"prompt\":\"x\"}"},
    {"api.anthropic.com", "/v1/messages/count_tokens", "{" CLAUDE "}", NULL},
    {GEMINI, "{" CONTENTS "}", "{\"generationConfig\":{\"temperature\":0}," CONTENTS "}"},
    {GEMINI, "{" CONTENTS ",\"generationConfig\":{}}",
     "{" CONTENTS ",\"generationConfig\":{\"temperature\":0}}"},
    {GEMINI, "{" CONTENTS ",\"generationConfig\":null}",
     "{" CONTENTS ",\"generationConfig\":{\"temperature\":0}}"},
    {GEMINI, "{" CONTENTS ",\"generationConfig\":{\"topK\":4,\"temperature\":1.5}}",
     "{" CONTENTS ",\"generationConfig\":{\"topK\":4,\"temperature\":0}}"},
    {GEMINI, "{\"generation_config\":{\"top_k\":4}," CONTENTS "}",
     "{\"generation_config\":{\"temperature\":0,\"top_k\":4}," CONTENTS "}"},
    {GEMINI, "{\"generation_config\":{\"temperature\":2}," CONTENTS "}",
     "{\"generation_config\":{\"temperature\":0}," CONTENTS "}"},
    {GEMINI, "{\"generation_config\":{\"temperature\":0}," CONTENTS "}", NULL},
    {GEMINI, "{\"generationConfig\":[]," CONTENTS "}", ""},
    {"generativelanguage.googleapis.com", "/v1beta/models/g:countTokens",
     "{" CONTENTS "}", NULL},
    {"aiplatform.googleapis.com",
     "/v1/projects/p/locations/l/publishers/google/models/g:streamGenerateContent",
     "{" CONTENTS "}", "{\"generationConfig\":{\"temperature\":0}," CONTENTS "}"},
    {"aiplatform.googleapis.com",
     "/v1/projects/p/locations/l/publishers/google/models/g:predict",
     "{\"instances\":[{\"content\":\"x\"}]}", NULL},
    {CONVERSE, "{" CHAT "}", "{\"inferenceConfig\":{\"temperature\":0}," CHAT "}"},
    {CONVERSE, "{\"inferenceConfig\":{\"temperature\":0}," CHAT "}", NULL},
    {CONVERSE,
     "{\"additionalModelRequestFields\":{\"thinking\":{\"type\":\"enabled\"}}," CHAT "}",
     ""},
    {"bedrock-runtime.us-east-1.amazonaws.com",
     "/model/us.anthropic.claude-opus-4-7-v1%3A0/converse", "{" CHAT "}", ""},
    {INVOKE, "{\"anthropic_version\":\"v\",\"max_tokens\":1," CHAT "}",
     "{\"temperature\":0,\"anthropic_version\":\"v\",\"max_tokens\":1," CHAT "}"},
    {INVOKE, "{\"schemaVersion\":\"messages-v1\"," CHAT "}",
     "{\"inferenceConfig\":{\"temperature\":0},\"schemaVersion\":\"messages-v1\"," CHAT
     "}"},
    {INVOKE, "{\"inferenceConfig\":{\"temperature\":0}," CHAT "}", NULL},
    {INVOKE, "{" CHAT "}", ""}, /* whose? */
    {INVOKE, "{\"temperature\":1," CHAT "}", "{\"temperature\":0," CHAT "}"},
    {INVOKE, "{\"temperature\":1,\"prompt\":\"x\"}",
     "{\"temperature\":0,\"prompt\":\"x\"}"},
    {INVOKE, "{\"prompt\":\"x\",\"temperature\":0}", NULL},
    {INVOKE, "{\"inputText\":\"x\",\"textGenerationConfig\":{\"topP\":1}}",
     "{\"inputText\":\"x\",\"textGenerationConfig\":{\"temperature\":0,\"topP\":1}}"},
    {INVOKE, "{\"inputText\":\"x\"}", NULL},
    {INVOKE, "{\"texts\":[\"x\"],\"input_type\":\"search_query\"}", NULL},
    {INVOKE, "{\"query\":\"x\",\"documents\":[\"d\"]}", NULL},
    {"bedrock-agent-runtime.us-west-2.amazonaws.com", "/rerank",
     "{\"queries\":[{}],\"sources\":[{}]}", NULL},
    {"api.mistral.ai", "/v1/chat/completions", "{\"model\":\"m\"," CHAT "}",
     "{\"temperature\":0,\"model\":\"m\"," CHAT "}"},
    {"codestral.mistral.ai", "/v1/fim/completions", "{\"model\":\"m\",\"prompt\":\"x\"}",
     "{\"temperature\":0,\"model\":\"m\",\"prompt\":\"x\"}"},
    {"api.cohere.com", "/v2/chat", "{\"model\":\"m\"," CHAT "}",
     "{\"temperature\":0,\"model\":\"m\"," CHAT "}"},
    {"api.cohere.com", "/v1/chat", "{\"message\":\"x\"}",
     "{\"temperature\":0,\"message\":\"x\"}"},
    {"api.cohere.com", "/v1/generate", "{\"prompt\":\"x\"}",
     "{\"temperature\":0,\"prompt\":\"x\"}"},
    {"api.cohere.com", "/v1/summarize", "{\"text\":\"x\"}",
     "{\"temperature\":0,\"text\":\"x\"}"},
    {"api.cohere.com", "/v2/embed", "{\"texts\":[\"x\"]}", NULL},
    {"api.cohere.com", "/v2/rerank", "{\"query\":\"q\",\"documents\":[\"d\"]}", NULL},
    {"api.cohere.com", "/v1/tokenize", "{\"model\":\"m\",\"text\":\"x\"}", NULL},
    {OLLAMA, "{\"model\":\"m\"," CHAT "}",
     "{\"options\":{\"temperature\":0},\"model\":\"m\"," CHAT "}"},
    {OLLAMA, "{\"model\":\"m\",\"temperature\":0," CHAT "}",
     "{\"options\":{\"temperature\":0},\"model\":\"m\",\"temperature\":0," CHAT "}"},
    {OLLAMA, "{\"model\":\"m\",\"options\":{\"temperature\":0}," CHAT "}", NULL},
    {"localhost:11434", "/api/generate", "{\"model\":\"m\",\"prompt\":\"x\"}",
     "{\"options\":{\"temperature\":0},\"model\":\"m\",\"prompt\":\"x\"}"},
    {"localhost:11434", "/api/embed", "{\"model\":\"m\",\"input\":\"x\"}", NULL},
    {"localhost:11434", "/v1/chat/completions", "{\"model\":\"m\"," CHAT "}",
     "{\"temperature\":0,\"model\":\"m\"," CHAT "}"},
    {"localhost:8080", "/completion", "{\"prompt\":\"x\"}",
     "{\"temperature\":0,\"prompt\":\"x\"}"},
    {"localhost:8080", "/tokenize", "{\"model\":\"m\",\"prompt\":\"x\"}", NULL},
    {"localhost:8000", "/v1/score", "{\"model\":\"m\",\"text_1\":\"a\"}", NULL},
    {TGI, "{\"inputs\":\"x\"}",
     "{\"parameters\":{\"do_sample\":false},\"inputs\":\"x\"}"},
    {TGI, "{\"inputs\":\"x\",\"parameters\":{\"do_sample\":true}}",
     "{\"inputs\":\"x\",\"parameters\":{\"do_sample\":false}}"},
    {TGI, "{\"inputs\":\"x\",\"parameters\":{\"max_new_tokens\":9}}", NULL},
    {TGI, "{\"inputs\":\"x\",\"parameters\":{\"do_sample\":false}}", NULL},
    {TGI, "{\"inputs\":\"x\",\"parameters\":{\"temperature\":0.5}}", ""},
    {TGI, "{\"inputs\":\"x\",\"parameters\":{\"do_sample\":true,\"top_p\":0.5}}", ""},
    {"localhost:3000", "/embed", "{\"inputs\":\"x\"}", NULL},
    {WATSONX, "/ml/v1/text/chat?version=1", "{\"model_id\":\"m\"," CHAT "}",
     "{\"temperature\":0,\"model_id\":\"m\"," CHAT "}"},
    {WATSONX, "/ml/v1/text/generation", "{\"model_id\":\"m\",\"input\":\"x\"}",
     "{\"parameters\":{\"decoding_method\":\"greedy\"},\"model_id\":\"m\",\"input\":"
     "\"x\"}"},
    {WATSONX, "/ml/v1/text/generation",
     "{\"model_id\":\"m\",\"input\":\"x\",\"parameters\":{\"decoding_method\":\"greedy\","
     "\"temperature\":1}}",
     NULL},
    {WATSONX, "/ml/v1/text/embeddings", "{\"model_id\":\"m\",\"inputs\":[\"x\"]}", NULL},
    {CF, "{" CHAT "}", "{\"temperature\":0," CHAT "}"},
    {CF, "{\"prompt\":\"x\",\"temperature\":0}", NULL},
    {CF, "{\"text\":[\"x\"]}", NULL},
    {"api.x.ai", "/v1/chat/completions", "{\"model\":\"m\"," CHAT "}",
     "{\"temperature\":0,\"model\":\"m\"," CHAT "}"},
    {"w.cloud.databricks.com", "/serving-endpoints/e/invocations", "{" CHAT "}",
     "{\"temperature\":0," CHAT "}"},
    {"api.voyageai.com", "/v1/rerank", "{\"query\":\"q\",\"documents\":[\"d\"]}", NULL},
    {"api.mistral.ai", "/v1/ocr",
     "{\"model\":\"m\",\"document\":{\"document_url\":\"data:x\"}}", NULL},
};

static struct wire_request post(const char *host, const char *target, const char *field,
                                const char *body)
{
    static char text[1500];
    snprintf(text, sizeof(text), "POST %s HTTP/1.1\r\nHost: %s\r\n%s\r\n%s", target, host,
             field, body);
    return wire_request_of(text);
}

/* What is asked for without chance is drawn no more, and otherwise the same. */
static void check_without(struct wire_request *wire, const struct call *call,
                          const char *expected)
{
    struct buffer out = {0};
    struct call again;
    enum reason reason = api_without_chance(&wire->request, call, &out);
    wire->request.body = buffer_span(&out);
    if (reason == REASON_NONE)
        reason = api_recognise(&wire->request, &again);
    else
        again = (struct call){0};
    if (reason == REASON_NONE && again.stochastic)
        reason = REASON_STOCHASTIC;
    CHECK_TEXT(reason_name(reason), *expected ? "none" : "stochastic");
    if (*expected) {
        buffer_append_byte(&out, 0);
        CHECK_TEXT((const char *)out.at, expected);
        CHECK_TEXT(again.model, call->model);
        CHECK(again.operation == call->operation);
    }
    api_call_free(&again);
    buffer_free(&out);
}

static void check_drawn(const struct drawn *drawn)
{
    struct wire_request wire = post(drawn->host, drawn->target, "", drawn->body);
    struct call call;
    unit_test = drawn->body;
    CHECK_TEXT(reason_name(api_recognise(&wire.request, &call)), "none");
    CHECK_INT(call.stochastic, drawn->without != NULL);
    if (drawn->without)
        check_without(&wire, &call, drawn->without);
    api_call_free(&call);
    wire_request_free(&wire);
}

static void test_dialects(void)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        check_drawn(&cases[i]);
}

static void test_signed_requests(void)
{
    static const struct {
        const char *field;
        bool vouches;
    } fields[] = {
        {"Authorization: AWS4-HMAC-SHA256 Credential=A/2026/r/bedrock/aws4_request\r\n",
         true},
        {"authorization: Signature keyId=\"a\"\r\n", true},
        {"Authorization: HMAC-SHA256 SignedHeaders=host\r\n", true},
        {"Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==\r\n", true},
        {"Digest: sha-256=x\r\n", true},
        {"content-digest: sha-256=:x:\r\n", true},
        {"Signature-Input: sig=()\r\n", true},
        {"X-Amz-Content-Sha256: 0\r\n", true},
        {"x-amz-checksum-crc32: 0\r\n", true},
        {"Trailer: x-amz-checksum\r\n", true},
        {"Authorization: Bearer AWS4\r\n", false},
        {"X-Digest: 1\r\n", false},
        {"Content-Length: 3\r\n", false},
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
        struct wire_request wire = post(OPENAI, fields[i].field, "{" CHAT "}");
        struct call call;
        unit_test = fields[i].field;
        CHECK_TEXT(reason_name(api_recognise(&wire.request, &call)), "none");
        CHECK(call.stochastic);
        check_without(&wire, &call,
                      fields[i].vouches ? "" : "{\"temperature\":0," CHAT "}");
        api_call_free(&call);
        wire_request_free(&wire);
    }
    struct wire_request wire = post(
        "api.openai.com", "/v1/chat/completions?X-Amz-Signature=1", "", "{" CHAT "}");
    struct call call;
    CHECK_TEXT(reason_name(api_recognise(&wire.request, &call)), "none");
    check_without(&wire, &call, "");
    api_call_free(&call);
    wire_request_free(&wire);
}

static void test_short_memory(void)
{
    struct wire_request wire = post(OPENAI, "", "{" CHAT "}");
    struct call call;
    struct buffer out = {0};
    CHECK_TEXT(reason_name(api_recognise(&wire.request, &call)), "none");
    memory_fail_from(1);
    CHECK_TEXT(reason_name(api_without_chance(&wire.request, &call, &out)), "no-memory");
    memory_fail_from(0);
    buffer_free(&out);
    api_call_free(&call);
    wire_request_free(&wire);
}

int main(void)
{
    RUN(test_dialects);
    RUN(test_signed_requests);
    RUN(test_short_memory);
    return unit_end();
}
