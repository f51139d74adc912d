/* SPDX-License-Identifier: MIT */
/* Which answers may be kept, and what they say they cost. */
#include "unit.h"
#include "wire.h"

/* The call that |host|, |target| and |body| make; to be freed. */
static struct call call_to(const char *host, const char *target, const char *body)
{
    static char text[1500];
    struct call call;
    snprintf(text, sizeof(text), "POST %s HTTP/1.1\r\nHost: %s\r\n\r\n%s", target, host,
             body);
    struct wire_request request = wire_request_of(text);
    CHECK_TEXT(reason_name(api_recognise(&request.request, &call)), "none");
    wire_request_free(&request);
    return call;
}

#define CHAT "\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]"

static struct call chat_call(const char *more)
{
    char body[256];
    snprintf(body, sizeof(body), "{" CHAT "%s}", more);
    return call_to("api.openai.com", "/v1/chat/completions", body);
}

static const char *verdict_bytes(const struct call *call, struct span body)
{
    struct response response = {.status = 200, .body = body};
    return reason_name(api_check(call, &response));
}

static const char *verdict(const struct call *call, const char *body)
{
    return verdict_bytes(call, span_text(body));
}

struct answer {
    const char *expected, *body;
};

static void check_answers(struct call call, const struct answer *answers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        unit_check(strcmp(verdict(&call, answers[i].body), answers[i].expected) == 0,
                   __FILE__, __LINE__, "%s is \"%s\", not \"%s\"", answers[i].body,
                   verdict(&call, answers[i].body), answers[i].expected);
    api_call_free(&call);
}

#define CHECK_ANSWERS(CALL, LIST)                                                        \
    check_answers(CALL, LIST, sizeof(LIST) / sizeof(*(LIST)))

static void test_status(void)
{
    struct call call = chat_call("");
    static const unsigned statuses[] = {100, 199, 300, 304, 400, 401, 429, 500, 529};
    struct span body = span_text("{\"choices\":[{\"finish_reason\":\"stop\",\"message\":"
                                 "{\"content\":\"x\"}}]}");
    struct response response = {.status = 200, .body = body};
    CHECK_TEXT(reason_name(api_check(&call, &response)), "none");
    for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++) {
        response.status = statuses[i];
        CHECK_TEXT(reason_name(api_check(&call, &response)), "status");
    }
    api_call_free(&call);
}

static void test_chat(void)
{
    static const struct answer answers[] = {
        {"none",
         "{\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}"},
        {"none", "{\"error\":null,\"choices\":[{\"message\":{\"content\":\"x\"},"
                 "\"finish_reason\":\"length\"}]}"},
        {"none",
         "{\"choices\":[{\"message\":{\"content\":null,\"tool_calls\":[{\"id\":1}]},"
         "\"finish_reason\":\"tool_calls\"}]}"},
        {"none",
         "{\"choices\":[{\"message\":{\"refusal\":\"no\"},\"finish_reason\":\"stop\"}]}"},
        {"empty-answer", ""},
        {"empty-answer", "{}"},
        {"empty-answer", "{\"choices\":[]}"},
        {"empty-answer",
         "{\"choices\":[{\"message\":{\"content\":\"\"},\"finish_reason\":"
         "\"stop\"}]}"},
        {"empty-answer",
         "{\"choices\":[{\"message\":{\"content\":null,\"tool_calls\":[]},"
         "\"finish_reason\":\"stop\"}]}"},
        {"empty-answer", "{\"detail\":\"not found\"}"},
        {"truncated",
         "{\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":null}]}"},
        {"error-in-body", "{\"error\":{\"message\":\"x\"}}"},
        {"error-in-body", "{\"error\":\"text\"}"},
        {"error-in-body", "{\"object\":\"error\",\"message\":\"x\"}"},
        {"error-in-body",
         "{\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":"
         "\"error\"}]}"},
        {"error-in-body", "{\"choices\":[{\"error\":{\"code\":502}}]}"},
        {"unreadable-answer", "<html>502</html>"},
        {"unreadable-answer", "{\"choices\":[{\"message\":{\"content\":\"x\""},
        {"unreadable-answer", "data: {}\n\ndata: [DONE]\n\n"},
    };
    CHECK_ANSWERS(chat_call(""), answers);
}

#define CHUNK(INDEX, DELTA, FINISH)                                                      \
    "data: {\"choices\":[{\"index\":" INDEX ",\"delta\":{" DELTA                         \
    "},\"finish_reason\":" FINISH "}]}"
#define TEXT "\"content\":\"x\""
#define DONE "data: [DONE]\n\n"

static void test_chat_streams(void)
{
    static const struct answer answers[] = {
        {"none", CHUNK("0", TEXT, "null") "\n\n" CHUNK("0", "", "\"stop\"") "\n\n" DONE},
        {"none",
         CHUNK("0", TEXT, "null") "\r\n\r\n" CHUNK("0", "", "\"stop\"") "\r\n\r\n" DONE},
        {"none", CHUNK("0", TEXT, "\"stop\"") "\r\r"
                                              "data: [DONE]\r\r"},
        {"none", "\xef\xbb\xbf: ping\n\n" CHUNK("0", TEXT, "\"stop\"") "\n:x\n\n" DONE},
        {"none", CHUNK("0", TEXT, "\"stop\"") "\n\ndata:[DONE]"},
        {"none",
         "id: 1\nretry: 5\n" CHUNK("0", TEXT, "\"stop\"") "\nevent: message\n\n" DONE},
        {"none",
         "data: {\"choices\":[{\"delta\":{" TEXT "},\ndata: \"finish_reason\":\"stop\""
         "}]}\n\n" DONE},
        {"none",
         CHUNK("0", TEXT, "\"stop\"") "\n\ndata: {\"choices\":[],\"usage\":{}}\n\n" DONE},
        {"no-terminal-event", CHUNK("0", TEXT, "\"stop\"") "\n\n"},
        {"no-terminal-event", CHUNK("0", TEXT, "null") "\n\n" DONE},
        {"no-terminal-event", CHUNK("0", TEXT, "\"\"") "\n\n" DONE},
        {"no-terminal-event", DONE},
        {"no-terminal-event", ": ping\n\n"},
        {"empty-answer", ""},
        {"empty-answer", CHUNK("0", "\"role\":\"assistant\"", "\"stop\"") "\n\n" DONE},
        {"truncated", CHUNK("0", TEXT, "\"stop\"")},
        {"truncated", CHUNK("0", TEXT, "\"stop\"") "\n"},
        {"unreadable-answer", "data: {\"choices\":[\n\n" DONE},
        {"error-in-body", CHUNK("0", TEXT, "null") "\n\nevent: error\ndata: {}\n\n"},
        {"error-in-body", CHUNK("0", TEXT, "null") "\n\ndata: {}\nevent: error\n\n"},
        {"error-in-body",
         CHUNK("0", TEXT, "null") "\n\ndata: {\"error\":{}, \"x\":1}\n\n"
                                  "data: {\"error\":{\"code\":1}}\n\n" DONE},
        {"error-in-body", CHUNK("0", TEXT, "null") "\n\nerror: {\"code\":500}\n\n"},
        {"error-in-body", "event: error\ndata: no json\n\n"},
        {"error-in-body", "{\"error\":{\"message\":\"x\"}}"},
        {"no-terminal-event", "{\"choices\":[{\"message\":{\"content\":\"x\"}}]}"},
    };
    static const struct answer two[] = {
        {"none",
         CHUNK("0", TEXT, "\"stop\"") "\n\n" CHUNK("1", TEXT, "\"stop\"") "\n\n" DONE},
        {"no-terminal-event", CHUNK("0", TEXT, "\"stop\"") "\n\n" DONE},
        {"no-terminal-event",
         CHUNK("0", TEXT, "\"stop\"") "\n\n" CHUNK("0", TEXT, "\"stop\"") "\n\n" DONE},
    };
    CHECK_ANSWERS(chat_call(",\"stream\":true"), answers);
    CHECK_ANSWERS(chat_call(",\"stream\":true,\"n\":2"), two);
}

/* A stream that is cut anywhere is never kept: LightRAG's and others' bug. */
static void test_cut_streams(void)
{
    static const char *const names[] = {"03-", "06-", "09-", "17-", "22-", "23-",
                                        "29-", "33-", "36-", "40-", "42-"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct wire_request request = wire_request(names[i]);
        struct wire_response response = wire_response(names[i]);
        struct span whole = response.response.body;
        struct call call;
        unit_test = names[i];
        CHECK_INT(api_recognise(&request.request, &call), REASON_NONE);
        CHECK_TEXT(verdict_bytes(&call, whole), "none");
        /* What comes behind the terminal event may be missing: nothing is lost then. */
        size_t end = whole.size;
        if (call.stream == STREAM_SSE_COHERE) /* goes on after message-end */
            end = span_find(whole, span_text("data: [DONE]"));
        while (end &&
               strcmp(verdict_bytes(&call, span_of(whole.at, end - 1)), "none") == 0)
            end--;
        CHECK(end + 20 > whole.size);
        size_t kept = 0;
        for (size_t size = 0; size < end; size++)
            kept += strcmp(verdict_bytes(&call, span_of(whole.at, size)), "none") == 0;
        CHECK_INT(kept, 0);
        api_call_free(&call);
        wire_request_free(&request);
        wire_response_free(&response);
    }
}

static void test_responses(void)
{
#define MESSAGE "\"output\":[{\"type\":\"message\",\"content\":[{\"text\":\"x\"}]}]"
    static const struct answer single[] = {
        {"none", "{\"status\":\"completed\"," MESSAGE "}"},
        {"none", "{\"status\":\"completed\",\"output\":[{\"type\":\"function_call\","
                 "\"arguments\":\"{}\"}]}"},
        {"truncated", "{\"status\":\"incomplete\"," MESSAGE "}"},
        {"truncated", "{\"status\":\"in_progress\"," MESSAGE "}"},
        {"error-in-body", "{\"status\":\"failed\",\"error\":{\"code\":\"x\"}}"},
        {"empty-answer", "{\"status\":\"completed\",\"output\":[]}"},
        {"empty-answer",
         "{\"status\":\"completed\",\"output\":[{\"type\":\"reasoning\"}]}"},
    };
    static const struct answer streamed[] = {
        {"none", "event: response.completed\ndata: {\"type\":\"response.completed\","
                 "\"response\":{" MESSAGE "}}\n\n"},
        {"none", "data: {\"type\":\"response.completed\",\"response\":{" MESSAGE "}}\n"
                 "event: response.completed\n\n"},
        {"truncated",
         "data: {\"type\":\"response.incomplete\",\"response\":{" MESSAGE "}}\n\n"},
        {"error-in-body", "data: {\"type\":\"response.failed\",\"response\":{}}\n\n"},
        {"error-in-body", "data: {\"type\":\"error\",\"message\":\"x\"}\n\n"},
        {"no-terminal-event",
         "data: {\"type\":\"response.output_text.delta\",\"delta\":\"x\"}"
         "\n\n"},
    };
    CHECK_ANSWERS(
        call_to("api.openai.com", "/v1/responses", "{\"model\":\"m\",\"input\":\"x\"}"),
        single);
    CHECK_ANSWERS(call_to("api.openai.com", "/v1/responses",
                          "{\"model\":\"m\",\"input\":\"x\",\"stream\":true}"),
                  streamed);
}

static void test_embeddings(void)
{
    static const struct answer two[] = {
        {"none", "{\"data\":[{\"embedding\":[1]},{\"embedding\":[2]}]}"},
        {"none", "{\"data\":[{\"embedding\":\"AAAA\"},{\"embedding\":\"AAAA\"}]}"},
        {"truncated", "{\"data\":[{\"embedding\":[1]}]}"},
        {"truncated",
         "{\"data\":[{\"embedding\":[1]},{\"embedding\":[2]},{\"embedding\":[3]}]}"},
        {"empty-answer", "{\"data\":[]}"},
        {"empty-answer", "{\"data\":[{\"embedding\":[]},{\"embedding\":[]}]}"},
    };
    static const struct answer cohere[] = {
        {"none", "{\"embeddings\":[[1],[2]]}"},
        {"none", "{\"embeddings\":{\"float\":[[1],[2]],\"int8\":[[1],[2]]}}"},
        {"truncated", "{\"embeddings\":{\"float\":[[1],[2]],\"int8\":[[1]]}}"},
        {"empty-answer", "{\"embeddings\":{}}"},
    };
    static const struct answer tei[] = {
        {"none", "[[1,2],[3,4]]"},
        {"truncated", "[[1,2]]"},
        {"empty-answer", "[]"},
        {"error-in-body", "{\"error\":\"x\",\"error_type\":\"Validation\"}"},
    };
    CHECK_ANSWERS(call_to("api.openai.com", "/v1/embeddings",
                          "{\"model\":\"m\",\"input\":[\"a\",\"b\"]}"),
                  two);
    CHECK_ANSWERS(call_to("api.cohere.com", "/v2/embed",
                          "{\"model\":\"m\",\"texts\":[\"a\",\"b\"]}"),
                  cohere);
    CHECK_ANSWERS(call_to("localhost:80", "/embed", "{\"inputs\":[\"a\",\"b\"]}"), tei);
}

static void test_other_dialects(void)
{
    static const struct answer claude[] = {
        {"none", "{\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":\"x\"}],"
                 "\"stop_reason\":\"end_turn\"}"},
        {"none", "{\"content\":[{\"type\":\"tool_use\",\"name\":\"t\",\"input\":{}}],"
                 "\"stop_reason\":\"tool_use\"}"},
        {"empty-answer", "{\"content\":[],\"stop_reason\":\"end_turn\"}"},
        {"error-in-body",
         "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}"},
    };
    static const struct answer gemini[] = {
        {"none", "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"x\"}]},"
                 "\"finishReason\":\"STOP\"}]}"},
        {"empty-answer", "{\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}"},
        {"empty-answer", "{\"candidates\":[{\"finishReason\":\"SAFETY\"}]}"},
        {"error-in-body", "{\"error\":{\"code\":429}}"},
    };
    static const struct answer gemini_array[] = {
        {"none", "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"x\"}]}}]}\n,\r\n"
                 "{\"candidates\":[{\"finishReason\":\"STOP\"}]}]"},
        {"error-in-body", "[{\"error\":{\"code\":429}}]"},
        {"no-terminal-event",
         "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"x\"}]}}]}]"},
        {"unreadable-answer",
         "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"x\"}]}}]}\n"},
    };
    static const struct answer ollama[] = {
        {"none", "{\"message\":{\"content\":\"x\"},\"done\":false}\n"
                 "{\"message\":{\"content\":\"\"},\"done\":true}\n"},
        {"no-terminal-event", "{\"message\":{\"content\":\"x\"},\"done\":false}\n"},
        {"error-in-body", "{\"message\":{\"content\":\"x\"},\"done\":false}\n"
                          "{\"error\":\"out of memory\"}\n"},
        {"unreadable-answer", "{\"message\":{\"content\":\"x\"},\"do"},
    };
    static const struct answer cohere[] = {
        {"none",
         "event: content-delta\ndata: {\"type\":\"content-delta\",\"delta\":{\"message\":"
         "{\"content\":{\"text\":\"x\"}}}}\n\nevent: message-end\ndata: {\"type\":"
         "\"message-end\",\"delta\":{\"finish_reason\":\"COMPLETE\"}}\n\n"},
        {"error-in-body", "data: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":"
                          "\"ERROR_LIMIT\"}}\n\n"},
    };
    static const struct answer cohere1[] = {
        {"none", "{\"event_type\":\"text-generation\",\"text\":\"x\"}\n{\"event_type\":"
                 "\"stream-end\",\"finish_reason\":\"COMPLETE\"}\n"},
        {"no-terminal-event", "{\"event_type\":\"text-generation\",\"text\":\"x\"}\n"},
        {"error-in-body",
         "{\"event_type\":\"text-generation\",\"text\":\"x\"}\n{\"event_type\":"
         "\"stream-end\",\"finish_reason\":\"ERROR\"}\n"},
    };
    static const struct answer tgi[] = {
        {"none", "data:{\"token\":{\"text\":\"x\"},\"generated_text\":null}\n\n"
                 "data:{\"token\":{\"text\":\"y\"},\"generated_text\":\"xy\"}\n\n"},
        {"no-terminal-event",
         "data:{\"token\":{\"text\":\"x\"},\"generated_text\":null}\n\n"},
        {"error-in-body", "data:{\"error\":\"x\",\"error_type\":\"generation\"}\n\n"},
    };
    static const struct answer llamacpp[] = {
        {"none", "data: {\"content\":\"x\",\"stop\":false}\n\n"
                 "data: {\"content\":\"\",\"stop\":true}\n\n"},
        {"no-terminal-event", "data: {\"content\":\"x\",\"stop\":false}\n\n"},
    };
    static const struct answer titan[] = {
        {"none", "{\"results\":[{\"outputText\":\"x\",\"tokenCount\":1}]}"},
        {"empty-answer", "{\"message\":\"Throttled\"}"},
    };
    CHECK_ANSWERS(
        call_to("api.anthropic.com", "/v1/messages", "{\"max_tokens\":1," CHAT "}"),
        claude);
    CHECK_ANSWERS(call_to("generativelanguage.googleapis.com",
                          "/v1beta/models/g:generateContent", "{\"contents\":[]}"),
                  gemini);
    CHECK_ANSWERS(call_to("generativelanguage.googleapis.com",
                          "/v1beta/models/g:streamGenerateContent", "{\"contents\":[]}"),
                  gemini_array);
    CHECK_ANSWERS(call_to("localhost:11434", "/api/chat", "{" CHAT "}"), ollama);
    CHECK_ANSWERS(call_to("api.cohere.com", "/v2/chat", "{\"stream\":true," CHAT "}"),
                  cohere);
    CHECK_ANSWERS(
        call_to("api.cohere.com", "/v1/chat", "{\"stream\":true,\"message\":\"x\"}"),
        cohere1);
    CHECK_ANSWERS(call_to("localhost:80", "/generate_stream", "{\"inputs\":\"x\"}"), tgi);
    CHECK_ANSWERS(
        call_to("localhost:80", "/completion", "{\"prompt\":\"x\",\"stream\":true}"),
        llamacpp);
    CHECK_ANSWERS(call_to("bedrock-runtime.us-east-1.amazonaws.com", "/model/m/invoke",
                          "{\"inputText\":\"x\"}"),
                  titan);
}

static void append_u32(struct buffer *out, uint32_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        buffer_append_byte(out, (uint8_t)(number >> shift));
}

static void append_header(struct buffer *out, const char *name, const char *value)
{
    buffer_append_byte(out, (uint8_t)strlen(name));
    buffer_append_text(out, name);
    buffer_append_byte(out, 7);
    buffer_append_byte(out, 0);
    buffer_append_byte(out, (uint8_t)strlen(value));
    buffer_append_text(out, value);
}

/* One frame as the AWS documents draw it. */
static void append_frame(struct buffer *out, const char *type, const char *event,
                         const char *payload)
{
    struct buffer headers = {0};
    size_t start = out->size;
    append_header(&headers, ":message-type", type);
    append_header(&headers, ":event-type", event);
    append_u32(out, (uint32_t)(16 + headers.size + strlen(payload)));
    append_u32(out, (uint32_t)headers.size);
    append_u32(out, (uint32_t)crc32(0, out->at + start, 8));
    buffer_append_span(out, buffer_span(&headers));
    buffer_append_text(out, payload);
    append_u32(out, (uint32_t)crc32(0, out->at + start, (uInt)(out->size - start)));
    buffer_free(&headers);
}

static void check_frames(const struct call *call, struct buffer *frames,
                         const char *expected)
{
    CHECK_TEXT(verdict_bytes(call, buffer_span(frames)), expected);
    buffer_free(frames);
}

static void test_aws(void)
{
    struct buffer frames = {0};
    struct call converse = call_to("bedrock-runtime.us-east-1.amazonaws.com",
                                   "/model/m/converse-stream", "{\"messages\":[]}");
    append_frame(&frames, "event", "contentBlockDelta", "{\"delta\":{\"text\":\"x\"}}");
    append_frame(&frames, "event", "messageStop", "{\"stopReason\":\"end_turn\"}");
    append_frame(&frames, "event", "metadata", "{\"usage\":{}}");
    CHECK_TEXT(verdict_bytes(&converse, buffer_span(&frames)), "none");
    for (size_t i = 0; i < frames.size; i++) {
        frames.at[i] ^= 4; /* every byte is covered by a checksum */
        CHECK(strcmp(verdict_bytes(&converse, buffer_span(&frames)), "none") != 0);
        frames.at[i] ^= 4;
    }
    buffer_free(&frames);
    append_frame(&frames, "event", "contentBlockDelta", "{\"delta\":{\"text\":\"x\"}}");
    append_frame(&frames, "exception", "throttlingException", "{\"message\":\"x\"}");
    check_frames(&converse, &frames, "error-in-body");
    append_frame(&frames, "event", "contentBlockDelta", "{\"delta\":{\"text\":\"x\"}}");
    append_frame(&frames, "event", "messageStop", "{}");
    check_frames(&converse, &frames, "no-terminal-event");
    api_call_free(&converse);

    struct call invoke = call_to(
        "bedrock-runtime.us-east-1.amazonaws.com", "/model/m/invoke-with-response-stream",
        "{\"anthropic_version\":\"v\",\"max_tokens\":1,\"messages\":[]}");
    /* {"delta":{"text":"x"}} and
     * {"type":"message_stop","amazon-bedrock-invocationMetrics":
     * {"inputTokenCount":8,"outputTokenCount":3}} */
    append_frame(&frames, "event", "chunk",
                 "{\"bytes\":\"eyJkZWx0YSI6eyJ0ZXh0IjoieCJ9fQ==\",\"p\":\"abc\"}");
    append_frame(
        &frames, "event", "chunk",
        "{\"bytes\":\"eyJ0eXBlIjoibWVzc2FnZV9zdG9wIiwiYW1hem9uLWJlZHJvY2staW52b2NhdGlv"
        "bk1ldHJpY3MiOnsiaW5wdXRUb2tlbkNvdW50Ijo4LCJvdXRwdXRUb2tlbkNvdW50IjozfX0=\"}");
    CHECK_TEXT(verdict_bytes(&invoke, buffer_span(&frames)), "none");
    struct response response = {.status = 200, .body = buffer_span(&frames)};
    struct usage usage;
    api_usage(&invoke, &response, &usage);
    CHECK_INT(usage.tokens_in, 8);
    CHECK_INT(usage.tokens_out, 3);
    buffer_free(&frames);
    append_frame(&frames, "event", "chunk", "{\"bytes\":\"no base64!\"}");
    check_frames(&invoke, &frames, "unreadable-answer");
    api_call_free(&invoke);
}

static void test_speech(void)
{
    struct call call = call_to("api.openai.com", "/v1/audio/speech",
                               "{\"model\":\"m\",\"input\":\"x\",\"voice\":\"v\"}");
    struct header type = {span_text("content-type"), span_text("audio/mpeg")};
    struct response response = {.status = 200, .headers = {&type, 1, 1}};
    CHECK_TEXT(reason_name(api_check(&call, &response)), "empty-answer");
    response.body = span_text("ID3...");
    CHECK_TEXT(reason_name(api_check(&call, &response)), "none");
    type.value = span_text("application/json");
    response.body = span_text("{\"error\":{}}");
    CHECK_TEXT(reason_name(api_check(&call, &response)), "error-in-body");
    api_call_free(&call);
}

struct metered {
    const char *host, *target, *request, *answer;
    uint64_t in, out, cached;
};

#define CLAUDE "{\"max_tokens\":1," CHAT "}"

static void test_usage(void)
{
    static const struct metered cases[] = {
        {"api.openai.com", "/v1/chat/completions", "{" CHAT "}",
         "{\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":7,\"total_tokens\":107,"
         "\"prompt_tokens_details\":{\"cached_tokens\":64}}}",
         100, 7, 64},
        {"api.deepseek.com", "/chat/completions", "{" CHAT "}",
         "{\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":7,"
         "\"prompt_cache_hit_tokens\":64,\"prompt_cache_miss_tokens\":36}}",
         100, 7, 64},
        {"api.x.ai", "/v1/chat/completions", "{" CHAT "}",
         "{\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":7,"
         "\"completion_tokens_details\":{\"reasoning_tokens\":30}}}",
         10, 37, 0},
        {"api.groq.com", "/openai/v1/chat/completions", "{\"stream\":true," CHAT "}",
         "data: "
         "{\"x_groq\":{\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2}}}\n\n",
         9, 2, 0},
        {"api.anthropic.com", "/v1/messages", CLAUDE,
         "{\"usage\":{\"input_tokens\":5,\"cache_creation_input_tokens\":20,"
         "\"cache_read_input_tokens\":300,\"output_tokens\":4}}",
         325, 4, 300},
        {"api.anthropic.com", "/v1/messages",
         "{\"stream\":true,\"max_tokens\":1," CHAT "}",
         "event: message_start\ndata: {\"message\":{\"usage\":{\"input_tokens\":5,"
         "\"cache_read_input_tokens\":300,\"output_tokens\":1}}}\n\nevent: "
         "message_delta\n"
         "data: {\"usage\":{\"output_tokens\":40}}\n\n",
         305, 40, 300},
        {"generativelanguage.googleapis.com", "/v1beta/models/g:generateContent",
         "{\"contents\":[]}",
         "{\"usageMetadata\":{\"promptTokenCount\":50,\"cachedContentTokenCount\":32,"
         "\"candidatesTokenCount\":5,\"thoughtsTokenCount\":20,"
         "\"toolUsePromptTokenCount\":3,\"totalTokenCount\":78}}",
         53, 25, 32},
        {"aiplatform.googleapis.com", "/v1/publishers/google/models/g:predict",
         "{\"instances\":[{\"content\":\"a\"},{\"content\":\"b\"}]}",
         "{\"predictions\":[{\"embeddings\":{\"statistics\":{\"token_count\":3}}},"
         "{\"embeddings\":{\"statistics\":{\"token_count\":4}}}]}",
         7, 0, 0},
        {"bedrock-runtime.us-east-1.amazonaws.com", "/model/m/converse",
         "{\"messages\":[]}",
         "{\"usage\":{\"inputTokens\":5,\"cacheReadInputTokens\":100,"
         "\"cacheWriteInputTokens\":7,\"outputTokens\":2}}",
         112, 2, 100},
        {"bedrock-runtime.us-east-1.amazonaws.com", "/model/m/invoke",
         "{\"inputText\":\"x\"}",
         "{\"inputTextTokenCount\":5,\"results\":[{\"tokenCount\":7,\"outputText\":\"x\"}"
         "]}",
         5, 7, 0},
        {"api.cohere.com", "/v2/chat", "{" CHAT "}",
         "{\"usage\":{\"tokens\":{\"input_tokens\":508,\"output_tokens\":7}}}", 508, 7,
         0},
        {"api.cohere.com", "/v1/chat", "{\"message\":\"x\",\"stream\":true}",
         "{\"event_type\":\"stream-end\",\"response\":{\"meta\":{\"billed_units\":"
         "{\"input_tokens\":3,\"output_tokens\":2}}}}\n",
         3, 2, 0},
        {"localhost:11434", "/api/generate", "{\"model\":\"m\",\"prompt\":\"x\"}",
         "{\"response\":\"x\"}\n{\"done\":true,\"prompt_eval_count\":4,\"eval_count\":6}"
         "\n",
         4, 6, 0},
        {"localhost:80", "/generate", "{\"inputs\":\"x\"}",
         "{\"generated_text\":\"x\",\"details\":{\"generated_tokens\":20}}", 0, 20, 0},
        {"localhost:80", "/completion", "{\"prompt\":\"x\"}",
         "{\"content\":\"x\",\"tokens_evaluated\":3,\"tokens_predicted\":2}", 3, 2, 0},
        {"api.voyageai.com", "/v1/embeddings", "{\"model\":\"m\",\"input\":\"x\"}",
         "{\"usage\":{\"total_tokens\":3}}", 3, 0, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct call call = call_to(cases[i].host, cases[i].target, cases[i].request);
        struct response response = {.status = 200, .body = span_text(cases[i].answer)};
        struct usage usage;
        api_usage(&call, &response, &usage);
        unit_test = cases[i].answer;
        CHECK(usage.known);
        CHECK_INT(usage.tokens_in, cases[i].in);
        CHECK_INT(usage.tokens_out, cases[i].out);
        CHECK_INT(usage.tokens_cached, cases[i].cached);
        api_call_free(&call);
    }
}

static void test_memory(void)
{
    struct call call = chat_call(",\"stream\":true");
    const char *body =
        "data: {\"choices\":[{\"delta\":{" TEXT "},\ndata: \"finish_reason\":"
        "\"stop\"}]}\n\n" DONE;
    memory_fail_from(1);
    CHECK_TEXT(verdict(&call, body), "no-memory");
    memory_fail_from(0);
    CHECK_TEXT(verdict(&call, body), "none");
    api_call_free(&call);
}

int main(void)
{
    RUN(test_status);
    RUN(test_chat);
    RUN(test_chat_streams);
    RUN(test_cut_streams);
    RUN(test_responses);
    RUN(test_embeddings);
    RUN(test_other_dialects);
    RUN(test_aws);
    RUN(test_speech);
    RUN(test_usage);
    RUN(test_memory);
    return unit_end();
}
