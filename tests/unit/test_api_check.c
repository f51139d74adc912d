/* SPDX-License-Identifier: MIT */
/* Which answers may be kept. */
#include "unit.h"
#include "wire.h"

#define CHAT "\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]"

static struct call chat_call(const char *more)
{
    char body[256];
    snprintf(body, sizeof(body), "{" CHAT "%s}", more);
    return wire_call("api.openai.com", "/v1/chat/completions", body);
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
        wire_call("api.openai.com", "/v1/responses", "{\"model\":\"m\",\"input\":\"x\"}"),
        single);
    CHECK_ANSWERS(wire_call("api.openai.com", "/v1/responses",
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
    CHECK_ANSWERS(wire_call("api.openai.com", "/v1/embeddings",
                            "{\"model\":\"m\",\"input\":[\"a\",\"b\"]}"),
                  two);
    CHECK_ANSWERS(wire_call("api.cohere.com", "/v2/embed",
                            "{\"model\":\"m\",\"texts\":[\"a\",\"b\"]}"),
                  cohere);
    CHECK_ANSWERS(wire_call("localhost:80", "/embed", "{\"inputs\":[\"a\",\"b\"]}"), tei);
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
        wire_call("api.anthropic.com", "/v1/messages", "{\"max_tokens\":1," CHAT "}"),
        claude);
    CHECK_ANSWERS(wire_call("generativelanguage.googleapis.com",
                            "/v1beta/models/g:generateContent", "{\"contents\":[]}"),
                  gemini);
    CHECK_ANSWERS(wire_call("generativelanguage.googleapis.com",
                            "/v1beta/models/g:streamGenerateContent",
                            "{\"contents\":[]}"),
                  gemini_array);
    CHECK_ANSWERS(wire_call("localhost:11434", "/api/chat", "{" CHAT "}"), ollama);
    CHECK_ANSWERS(wire_call("api.cohere.com", "/v2/chat", "{\"stream\":true," CHAT "}"),
                  cohere);
    CHECK_ANSWERS(
        wire_call("api.cohere.com", "/v1/chat", "{\"stream\":true,\"message\":\"x\"}"),
        cohere1);
    CHECK_ANSWERS(wire_call("localhost:80", "/generate_stream", "{\"inputs\":\"x\"}"),
                  tgi);
    CHECK_ANSWERS(
        wire_call("localhost:80", "/completion", "{\"prompt\":\"x\",\"stream\":true}"),
        llamacpp);
    CHECK_ANSWERS(wire_call("bedrock-runtime.us-east-1.amazonaws.com", "/model/m/invoke",
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
    struct call converse = wire_call("bedrock-runtime.us-east-1.amazonaws.com",
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

    struct call invoke = wire_call(
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
    struct call call = wire_call("api.openai.com", "/v1/audio/speech",
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
    RUN(test_memory);
    return unit_end();
}
