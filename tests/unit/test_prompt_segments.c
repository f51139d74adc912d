/* SPDX-License-Identifier: MIT */
/* Requests as their providers string them together, dialect by dialect. Below, t, c, s and u stand
 * for tools, settings, system and turns; then pointer, name and text. */
#include "store/memory.h"
#include "unit.h"

#include "core/api/api.h"
#include "core/api/prompt_segments.h"

struct example {
    const char *host, *target, *body, *segments;
};

static bool note(const struct segment *segment, void *context)
{
    struct buffer *out = context;
    buffer_append_text(out, out->size ? "|" : "");
    buffer_append_byte(out, (uint8_t) "tcsu"[segment->part]);
    buffer_append_span(out, segment->pointer);
    buffer_append_text(out, segment->media ? " *" : " ");
    buffer_append_span(out, segment->name);
    buffer_append_text(out, segment->json ? "!" : "=");
    buffer_append_span(out, segment->text);
    return true;
}

static enum segments_result list(const struct example *example, struct buffer *out)
{
    struct request request = {.method = span_text("POST"),
                              .tls = true,
                              .host = span_text(example->host),
                              .port = 443,
                              .target = span_text(example->target),
                              .body = span_text(example->body)};
    struct call call;
    unit_check(api_recognise(&request, &call) == REASON_NONE, __FILE__, __LINE__,
               "%s%s is not cacheable: %s", example->host, example->target,
               example->body);
    enum segments_result result = prompt_segments_each(&call, request.body, note, out);
    buffer_append_byte(out, 0);
    api_call_free(&call);
    return result;
}

static void check_example(const struct example *example)
{
    struct buffer segments = {0};
    CHECK_INT(list(example, &segments), SEGMENTS_KNOWN);
    CHECK_TEXT((const char *)segments.at, example->segments);
    buffer_free(&segments);
}

#define OPENAI    "api.openai.com"
#define ANTHROPIC "api.anthropic.com"
#define GEMINI    "generativelanguage.googleapis.com"
#define BEDROCK   "bedrock-runtime.us-east-1.amazonaws.com"
#define COHERE    "api.cohere.com"

/* clang-format off */
static const struct example examples[] = {
    /* The order is the prompt's, not the members'. */
    {OPENAI, "/v1/chat/completions",
     "{\"messages\":[{\"role\":\"system\",\"content\":\"s\"},"
     "{\"content\":\"u\",\"role\":\"user\"}],\"model\":\"m\",\"user\":\"x\","
     "\"tools\":[{\"type\":\"function\", \"function\":{\"name\":\"f\\u0067\"}}]}",
     "t/tools/0 !{\"type\":\"function\",\"function\":{\"name\":\"fg\"}}|"
     "s/messages/0/role role=system|s/messages/0/content content=s|"
     "u/messages/1/role role=user|u/messages/1/content content=u"},
    /* A list of one text is a text; null is nothing; arguments keep their order. */
    {OPENAI, "/v1/chat/completions",
     "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\","
     "\"text\":\"a\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:x\"}}]},"
     "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"1\",\"type\":"
     "\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}]}",
     "u/messages/0/role role=user|u/messages/0/content/0/text content=a|"
     "u/messages/0/content/1/image_url/url *content/image_url/url=data:x|"
     "u/messages/0/content/1/type content/type=image_url|"
     "u/messages/1/role role=assistant|"
     "u/messages/1/tool_calls/0/function/arguments tool_calls/function/arguments={}|"
     "u/messages/1/tool_calls/0/function/name tool_calls/function/name=f|"
     "u/messages/1/tool_calls/0/id tool_calls/id=1|"
     "u/messages/1/tool_calls/0/type tool_calls/type=function"},
    {OPENAI, "/v1/responses",
     "{\"model\":\"m\",\"input\":\"q\",\"instructions\":\"i\",\"text\":{\"format\":"
     "{\"type\":\"json_schema\"}},\"tools\":[{\"type\":\"function\",\"name\":\"f\"}]}",
     "t/tools/0 !{\"type\":\"function\",\"name\":\"f\"}|"
     "c/text/format !{\"type\":\"json_schema\"}|s/instructions =i|u/input =q"},
    {OPENAI, "/v1/responses",
     "{\"model\":\"m\",\"input\":[{\"role\":\"developer\",\"content\":\"d\"},{\"role\":\"user\","
     "\"content\":[{\"type\":\"input_text\",\"text\":\"q\"}]}]}",
     "s/input/0/role role=developer|s/input/0/content content=d|"
     "u/input/1/role role=user|u/input/1/content/0/text content=q"},
    /* Where to cache is no part of the prompt, and makes no list of a text. */
    {ANTHROPIC, "/v1/messages",
     "{\"model\":\"m\",\"max_tokens\":1,\"system\":[{\"type\":\"text\",\"text\":\"s\","
     "\"cache_control\":{\"type\":\"ephemeral\"}}],\"messages\":[{\"role\":\"user\","
     "\"content\":\"u\"},{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"1\","
     "\"name\":\"n\",\"input\":{\"b\":1,\"a\":2}}]}],\"thinking\":{\"type\":\"disabled\"},"
     "\"tools\":[{\"cache_control\":{\"type\":\"ephemeral\"},\"name\":\"n\",\"input_schema\":{}}]}",
     "t/tools/0 !{\"name\":\"n\",\"input_schema\":{}}|s/system/0/text =s|"
     "c/thinking !{\"type\":\"disabled\"}|u/messages/0/role role=user|"
     "u/messages/0/content content=u|u/messages/1/role role=assistant|"
     "u/messages/1/content/0/id content/id=1|"
     "u/messages/1/content/0/input content/input!{\"b\":1,\"a\":2}|"
     "u/messages/1/content/0/name content/name=n|"
     "u/messages/1/content/0/type content/type=tool_use"},
    {ANTHROPIC, "/v1/messages",
     "{\"model\":\"m\",\"max_tokens\":1,\"system\":\"s\",\"messages\":[{\"role\":\"user\","
     "\"content\":\"u\"}]}",
     "s/system =s|u/messages/0/role role=user|u/messages/0/content content=u"},
    {GEMINI, "/v1beta/models/m:generateContent",
     "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"u\"},{\"inlineData\":"
     "{\"mimeType\":\"image/png\",\"data\":\"iV\"}}]}],\"systemInstruction\":{\"parts\":"
     "[{\"text\":\"s\"}]},\"tools\":[{\"functionDeclarations\":[{\"name\":\"f\"}]}]}",
     "t/tools/0 !{\"functionDeclarations\":[{\"name\":\"f\"}]}|"
     "s/systemInstruction/parts/0/text parts=s|u/contents/0/role role=user|"
     "u/contents/0/parts/0/text parts=u|"
     "u/contents/0/parts/1/inlineData/data *parts/inlineData/data=iV|"
     "u/contents/0/parts/1/inlineData/mimeType parts/inlineData/mimeType=image/png"},
    {"127.0.0.1", "/api/chat",
     "{\"model\":\"m\",\"stream\":false,\"messages\":[{\"role\":\"user\",\"content\":\"u\"}]}",
     "u/messages/0/role role=user|u/messages/0/content content=u"},
    {"127.0.0.1", "/api/generate",
     "{\"model\":\"m\",\"stream\":false,\"prompt\":\"p\",\"system\":\"s\"}",
     "s/system =s|u/prompt =p"},
    {BEDROCK, "/model/m/converse",
     "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"u\"},{\"cachePoint\":"
     "{\"type\":\"default\"}}]}],\"system\":[{\"text\":\"s\"}],\"toolConfig\":{\"tools\":"
     "[{\"toolSpec\":{\"name\":\"n\"}}]}}",
     "t/toolConfig/tools/0 !{\"toolSpec\":{\"name\":\"n\"}}|s/system/0/text =s|"
     "u/messages/0/role role=user|u/messages/0/content/0/text content=u"},
    {COHERE, "/v2/chat",
     "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"u\"}]}",
     "u/messages/0/role role=user|u/messages/0/content content=u"},
    {"vllm.example.com", "/v1/chat/completions",
     "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"u\"}]}",
     "u/messages/0/role role=user|u/messages/0/content content=u"},
    /* Names are escaped in pointers, deep values are one. */
    {OPENAI, "/v1/chat/completions",
     "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"u\",\"a/b~\":"
     "{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{\"g\":{\"h\":{ \"i\" : 1.50}}}}}}}}}]}",
     "u/messages/0/role role=user|"
     "u/messages/0/a~1b~0/b/c/d/e/f/g/h a/b~/b/c/d/e/f/g/h!{\"i\":1.50}|"
     "u/messages/0/content content=u"},
};
/* clang-format on */

static void test_dialects(void)
{
    for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++)
        check_example(&examples[i]);
}

static void test_members(void)
{
    static const struct example unknown = {COHERE, "/v1/chat",
                                           "{\"preamble\":\"p\",\"temperature\":1,"
                                           "\"message\":\"m\",\"model\":\"x\","
                                           "\"chat_history\":[{\"role\":\"USER\","
                                           "\"message\":\"h\"}]}",
                                           NULL};
    struct buffer segments = {0};
    CHECK_INT(list(&unknown, &segments), SEGMENTS_GUESSED);
    CHECK_TEXT((const char *)segments.at,
               "u/preamble =p|u/message =m|u/chat_history/0/role role=USER|"
               "u/chat_history/0/message message=h");
    buffer_free(&segments);
}

static void test_no_prompt(void)
{
    static const struct example vectors = {OPENAI, "/v1/embeddings",
                                           "{\"model\":\"m\",\"input\":\"x\"}", NULL};
    struct buffer segments = {0};
    CHECK_INT(list(&vectors, &segments), SEGMENTS_NONE);
    buffer_free(&segments);
}

static bool stop(const struct segment *segment, void *context)
{
    (void)segment;
    return ++*(unsigned *)context < 2;
}

static void test_stop(void)
{
    struct request request = {.method = span_text("POST"),
                              .tls = true,
                              .host = span_text(OPENAI),
                              .port = 443,
                              .target = span_text("/v1/chat/completions"),
                              .body = span_text(examples[0].body)};
    struct call call;
    unsigned count = 0;
    CHECK_INT(api_recognise(&request, &call), REASON_NONE);
    CHECK_INT(prompt_segments_each(&call, request.body, stop, &count), SEGMENTS_KNOWN);
    CHECK_INT(count, 2);
    api_call_free(&call);
}

static bool pass(const struct segment *segment, void *context)
{
    (void)segment;
    (void)context;
    return true;
}

static void test_memory(void)
{
    struct request request = {.method = span_text("POST"),
                              .tls = true,
                              .host = span_text(ANTHROPIC),
                              .port = 443,
                              .target = span_text("/v1/messages"),
                              .body = span_text(examples[4].body)};
    struct call call;
    CHECK_INT(api_recognise(&request, &call), REASON_NONE);
    enum segments_result result = SEGMENTS_NO_MEMORY;
    for (unsigned long fail = 1; fail < 100 && result == SEGMENTS_NO_MEMORY; fail++) {
        memory_fail_from(fail);
        result = prompt_segments_each(&call, request.body, pass, NULL);
        memory_fail_from(0);
        CHECK(fail > 3 || result == SEGMENTS_NO_MEMORY);
    }
    CHECK_INT(result, SEGMENTS_KNOWN);
    api_call_free(&call);
}

int main(void)
{
    RUN(test_dialects);
    RUN(test_members);
    RUN(test_no_prompt);
    RUN(test_stop);
    RUN(test_memory);
    return unit_end();
}
