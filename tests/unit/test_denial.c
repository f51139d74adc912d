/* SPDX-License-Identifier: MIT */
/* What replay mode answers: the message, and the answer in each dialect's error form. */
#include "core/api/json.h"
#include "core/denial.h"
#include "store/memory.h"
#include "unit.h"

static struct request new_request(const char *host, const char *path, const char *body)
{
    return (struct request){
        .method = span_text("POST"),
        .tls = true,
        .host = span_text(host),
        .port = 443,
        .target = span_text(path),
        .body = span_text(body),
    };
}

/* The message as text of this test; |nearest| may be NULL. */
static const char *message(const struct request *request, enum reason reason,
                           const struct nearest *nearest)
{
    static char text[4096];
    struct call call;
    struct buffer out = {0};
    (void)!api_recognise(request, &call);
    struct denial denial = {request, &call, reason, nearest, 7200000};
    denial_message(&denial, &out);
    span_copy_text(buffer_span(&out), text, sizeof(text));
    buffer_free(&out);
    api_call_free(&call);
    return text;
}

#define CHECK_HAS(text, part)                                                            \
    unit_check(strstr((text), (part)) != NULL, __FILE__, __LINE__,                       \
               "\"%s\" lacks \"%s\"", (text), (part))

#define CHAT(MEMBERS, CONTENT)                                                           \
    "{\"model\":\"m\"," MEMBERS                                                          \
    "\"messages\":[{\"role\":\"user\",\"content\":\"" CONTENT "\"}]}"

static void test_messages(void)
{
    struct request request =
        new_request("api.openai.com", "/v1/chat/completions", CHAT("", "a"));
    struct nearest nearest = {0};
    CHECK_HAS(message(&request, REASON_STATEFUL, NULL), "(stateful)");
    CHECK_HAS(message(&request, REASON_NONE, NULL), "Nothing at all is recorded");
    CHECK_HAS(message(&request, REASON_NONE, &nearest), "Nothing at all is recorded");
    nearest.any = true;
    CHECK(!strstr(message(&request, REASON_NONE, &nearest), "Nothing at all"));
}

/* The nearest recording as it would have been found. */
static struct nearest new_nearest(const char *host, const char *path, const char *body)
{
    struct nearest nearest = {.any = true, .found = true, .key = {0xab, 0xcd}};
    nearest.record.request = new_request(host, path, body);
    span_copy_text(span_text("gpt-x"), nearest.entry.label.model, 16);
    nearest.entry.label.created_ms = 5000;
    return nearest;
}

static void test_differences(void)
{
    struct request request = new_request("api.openai.com", "/v1/chat/completions",
                                         CHAT("\"n\":1,\"seed\":4,\"stop\":\"x\",", "a"));
    struct nearest nearest =
        new_nearest("API.openai.com", "/v1/chat/completions", CHAT("\"n\":1,", "b"));
    const char *text = message(&request, REASON_NONE, &nearest);
    CHECK_HAS(text, "recording is abcd00000000 (gpt-x, 119 minutes old). What differs: "
                    "/messages/0/content is \"a\", recorded \"b\"; /seed is 4, recorded "
                    "absent; /stop is \"x\", recorded absent.");
    nearest.record.request =
        new_request("api.x.ai", "/v1/chat/completions?a=b", CHAT("", "c"));
    nearest.record.request.port = 8443;
    text = message(&request, REASON_NONE, &nearest);
    CHECK_HAS(text, "host is api.openai.com, recorded api.x.ai; port is 443, recorded "
                    "8443; path is /v1/chat/completions, recorded "
                    "/v1/chat/completions?a=b; and more.");
    nearest.record.request =
        new_request("api.openai.com", "/v1/chat/completions",
                    CHAT("\"seed\":4,\"stop\":\"x\",\"n\":1.0,", "a"));
    CHECK_HAS(message(&request, REASON_NONE, &nearest), "without checking the server's");
    nearest.record.request.body = span_text("no JSON");
    text = message(&request, REASON_NONE, &nearest);
    CHECK_HAS(text, "119 minutes old).");
}

static void test_fields_differ(void)
{
    struct request request =
        new_request("api.anthropic.com", "/v1/messages", CHAT("\"max_tokens\":1,", "a"));
    struct nearest nearest =
        new_nearest("api.anthropic.com", "/v1/messages", CHAT("\"max_tokens\":1,", "a"));
    struct headers *here = &request.headers, *there = &nearest.record.request.headers;
    CHECK(headers_add(here, span_text("Anthropic-Version"), span_text("2")) == 0 &&
          headers_add(here, span_text("User-Agent"), span_text("x")) == 0 &&
          headers_add(there, span_text("anthropic-version"), span_text("1")) == 0 &&
          headers_add(there, span_text("anthropic-beta"), span_text("z")) == 0);
    CHECK_HAS(message(&request, REASON_NONE, &nearest),
              "What differs: header Anthropic-Version is 2, recorded 1; header "
              "anthropic-beta is absent, recorded z.");
    headers_free(here);
    headers_free(there);
}

/* -- the answer ---------------------------------------------------------------------- */

static int deny(const struct request *request, struct buffer *body, struct record *record)
{
    struct call call;
    enum reason reason = api_recognise(request, &call);
    struct denial denial = {request, &call, reason, NULL, 0};
    int result = denial_record(&denial, body, record);
    api_call_free(&call);
    return result;
}

/* The message stands at |place| in the answer's body. */
static void check_shape(const char *host, const char *path, const char *request_body,
                        const char *place)
{
    struct request request = new_request(host, path, request_body);
    struct buffer body = {0};
    struct record record;
    CHECK_INT(deny(&request, &body, &record), 0);
    CHECK(json_valid(buffer_span(&body)));
    CHECK(span_equal(record.response.body, buffer_span(&body)));
    CHECK_INT(record.response.status, 504);
    CHECK(span_is(headers_value(&record.response.headers, "x-should-retry"), "false"));
    struct json text = json_at(json_of(buffer_span(&body)), place);
    unit_check(json_text_starts(text, "preecho: "), __FILE__, __LINE__, "%s%s: %.*s",
               host, path, (int)body.size, (const char *)body.at);
    record_free(&record);
    buffer_free(&body);
}

static void test_shapes(void)
{
    static const char messages[] = CHAT("\"max_tokens\":1,", "a");
    static const char contents[] = "{\"contents\":[{\"parts\":[{\"text\":\"x\"}]}]}";
    check_shape("api.openai.com", "/v1/chat/completions", messages, "error/message");
    check_shape("llm.example", "/v1/chat/completions", messages, "error/message");
    check_shape("llm.example", "/nothing", "", "error/message");
    check_shape("openrouter.ai", "/api/v1/chat/completions", messages, "error/message");
    check_shape("api.anthropic.com", "/v1/messages", messages, "error/message");
    check_shape("llm.example", "/v1/messages", messages, "error/message");
    check_shape("generativelanguage.googleapis.com", "/v1beta/models/g:generateContent",
                contents, "error/message");
    check_shape("bedrock-runtime.us-east-1.amazonaws.com", "/model/m/converse", messages,
                "message");
    check_shape("api.mistral.ai", "/v1/chat/completions", messages, "message");
    check_shape("api.cohere.com", "/v2/chat", messages, "message");
    check_shape("api.voyageai.com", "/v1/embeddings", "{\"model\":\"m\",\"input\":\"x\"}",
                "detail");
    check_shape("localhost", "/api/chat", messages, "error");
    check_shape("localhost", "/generate", "{\"inputs\":\"x\"}", "error");
    check_shape("api.anthropic.com", "/v1/models", "", "error/message");
}

/* Any bytes that a request holds can stand in the message. */
static void test_odd_bytes(void)
{
    struct request request = new_request("api.openai.com", "/v1/chat/completions",
                                         CHAT("", "\\u0001\xff\xc3\xa9"));
    struct nearest nearest = new_nearest("api.openai.com", "/v1/chat/completions",
                                         CHAT("", "\\\"\\\\\xf0\x9f"));
    struct buffer body = {0};
    struct record record;
    struct call call;
    CHECK_INT(api_recognise(&request, &call), REASON_NONE);
    struct denial denial = {&request, &call, REASON_NONE, &nearest, 0};
    CHECK_INT(denial_record(&denial, &body, &record), 0);
    CHECK(json_valid(buffer_span(&body)));
    CHECK(span_find(buffer_span(&body), span_text("\xef\xbf\xbd\xc3\xa9")) < body.size);
    CHECK(span_find(buffer_span(&body), span_text("\xff")) == body.size);
    record_free(&record);
    buffer_free(&body);
    api_call_free(&call);
}

static void test_head(void)
{
    struct request request = new_request("api.openai.com", "/v1/models", "");
    struct buffer body = {0};
    struct record record;
    request.method = span_text("HEAD");
    CHECK_INT(deny(&request, &body, &record), 0);
    CHECK_INT(record.response.body.size, 0);
    CHECK(span_is(record.request.method, "HEAD"));
    record_free(&record);
    buffer_free(&body);
}

static void test_short_memory(void)
{
    struct request request =
        new_request("api.openai.com", "/v1/chat/completions", CHAT("", "a"));
    unsigned failed = 0;
    for (unsigned long n = 1; n < 40; n++) {
        struct buffer body = {0};
        struct record record;
        memory_fail_from(n);
        int result = deny(&request, &body, &record);
        memory_fail_from(0);
        failed += result != 0;
        if (result == 0)
            record_free(&record);
        buffer_free(&body);
    }
    CHECK(failed > 0 && failed < 39);
}

int main(void)
{
    RUN(test_messages);
    RUN(test_differences);
    RUN(test_fields_differ);
    RUN(test_shapes);
    RUN(test_odd_bytes);
    RUN(test_head);
    RUN(test_short_memory);
    return unit_end();
}
