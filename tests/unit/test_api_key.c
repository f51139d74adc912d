/* SPDX-License-Identifier: MIT */
/* When two requests are the same and when not: exact keys, aliases, public targets. */
#include "unit.h"
#include "wire.h"

struct keys {
    uint8_t exact[32], alias[32];
};

static const struct tenant tenant = {.name_key = {1, 2, 3}};

static struct keys keys_of(const struct request *request)
{
    struct keys keys = {0};
    struct key_hash hash;
    struct call call;
    CHECK_TEXT(reason_name(api_recognise(request, &call)), "none");
    key_begin(&hash, &tenant, "exact");
    CHECK_INT(api_exact_key(request, &call, &hash), 0);
    key_end(&hash, keys.exact);
    key_begin(&hash, &tenant, "alias");
    api_alias_key(request, &hash);
    key_end(&hash, keys.alias);
    api_call_free(&call);
    return keys;
}

static struct keys example_keys(const char *name)
{
    struct wire_request request = wire_request(name);
    struct keys keys = keys_of(&request.request);
    wire_request_free(&request);
    return keys;
}

static struct keys keys_to(const char *host, const char *target, const char *headers,
                           const char *body)
{
    static char text[1500];
    snprintf(text, sizeof(text), "POST %s HTTP/1.1\r\nHost: %s\r\n%s\r\n%s", target, host,
             headers, body);
    struct wire_request request = wire_request_of(text);
    struct keys keys = keys_of(&request.request);
    wire_request_free(&request);
    return keys;
}

static struct keys chat(const char *body)
{
    return keys_to("api.openai.com", "/v1/chat/completions", "", body);
}

static bool same(struct keys a, struct keys b)
{
    return memcmp(a.exact, b.exact, sizeof(a.exact)) == 0;
}

static bool same_alias(struct keys a, struct keys b)
{
    return memcmp(a.alias, b.alias, sizeof(a.alias)) == 0;
}

#define MESSAGES                                                                         \
    "\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Fix A\"}]"

static void test_same_question_from_two_clients(void)
{
    CHECK(same(example_keys("01-"), example_keys("02-")));
    CHECK(!same_alias(example_keys("01-"), example_keys("02-")));
    /* Content-Length or chunks: the same bytes. */
    CHECK(same(example_keys("46-"), example_keys("47-")));
    CHECK(same_alias(example_keys("46-"), example_keys("47-")));
    CHECK(!same(example_keys("01-"), example_keys("46-")));
    CHECK(!same(example_keys("36-"), example_keys("37-"))); /* streamed or not */
}

static void test_other_members_other_key(void)
{
    static const char *const members[] = {
        "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]",
        "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"g\"}}]",
        "\"tool_choice\":\"auto\"",
        "\"tool_choice\":\"required\"",
        "\"parallel_tool_calls\":false",
        "\"response_format\":{\"type\":\"json_object\"}",
        "\"response_format\":{\"type\":\"text\"}",
        "\"reasoning_effort\":\"low\"",
        "\"reasoning_effort\":\"high\"",
        "\"verbosity\":\"low\"",
        "\"seed\":1",
        "\"seed\":2",
        "\"seed\":18446744073709551615",
        "\"seed\":18446744073709551614",
        "\"temperature\":0",
        "\"temperature\":1",
        "\"temperature\":null", /* a member that is null is a member */
        "\"max_tokens\":5",
        "\"max_completion_tokens\":5",
        "\"n\":2",
        "\"stream\":true",
        "\"stream\":true,\"stream_options\":{\"include_usage\":true}",
        "\"logprobs\":true",
        "\"cache_salt\":\"s\"",
        "\"prediction\":{\"type\":\"content\",\"content\":\"x\"}",
        "\"unknown_member\":1",
        "\"User\":\"u\"",
    };
    enum { COUNT = sizeof(members) / sizeof(*members) };
    static struct keys keys[COUNT + 1];
    keys[COUNT] = chat("{" MESSAGES "}");
    for (size_t i = 0; i < COUNT; i++) {
        char body[512];
        snprintf(body, sizeof(body), "{" MESSAGES ",%s}", members[i]);
        keys[i] = chat(body);
    }
    for (size_t i = 0; i <= COUNT; i++)
        for (size_t j = 0; j < i; j++)
            if (same(keys[i], keys[j]))
                unit_check(0, __FILE__, __LINE__, "%s and %s share a key", members[j],
                           i == COUNT ? "none" : members[i]);
    CHECK(!same(keys[0], keys[1]));
}

static void test_ignored_members_same_key(void)
{
    static const char *const members[] = {
        "\"user\":\"u1\"",
        "\"user\":null",
        "\"safety_identifier\":\"s\"",
        "\"metadata\":{\"a\":\"b\"}",
        "\"store\":true",
        "\"prompt_cache_key\":\"k\"",
        "\"prompt_cache_retention\":\"24h\"",
        "\"service_tier\":\"flex\"",
        "\"stream_options\":{\"include_obfuscation\":false}",
    };
    struct keys plain = chat("{" MESSAGES "}");
    for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
        char body[512];
        snprintf(body, sizeof(body), "{" MESSAGES ",%s}", members[i]);
        CHECK(same(chat(body), plain));
        CHECK(!same_alias(chat(body), plain));
        /* Nobody knows what an unknown server makes of it. */
        CHECK(!same(
            keys_to("127.0.0.1:8000", "/v1/chat/completions", "", body),
            keys_to("127.0.0.1:8000", "/v1/chat/completions", "", "{" MESSAGES "}")));
    }
}

/* OpenAI's responses repeat these members of the request. */
static void test_echoed_members_other_key(void)
{
    static const char *const members[] = {
        "\"user\":\"u\"",
        "\"metadata\":{\"a\":\"b\"}",
        "\"store\":false",
        "\"service_tier\":\"flex\"",
        "\"prompt_cache_key\":\"k\"",
        "\"safety_identifier\":\"s\"",
    };
    struct keys plain = keys_to("api.openai.com", "/v1/responses", "",
                                "{\"model\":\"m\",\"input\":\"x\"}");
    for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
        char body[256];
        snprintf(body, sizeof(body), "{\"model\":\"m\",\"input\":\"x\",%s}", members[i]);
        CHECK(!same(keys_to("api.openai.com", "/v1/responses", "", body), plain));
    }
}

static void test_member_order_array_order_case(void)
{
    struct keys plain = chat("{" MESSAGES ",\"stop\":[\"a\",\"b\"]}");
    CHECK(same(plain, chat("{ \"stop\" : [\"a\", \"b\"],\n \"messages\":[{\"content\":"
                           "\"Fix A\",\"role\":\"user\"}], \"model\":\"m\" }")));
    CHECK(same(plain, chat("{\"model\":\"\\u006d\",\"messages\":[{\"role\":\"user\","
                           "\"content\":\"Fix \\u0041\"}],\"stop\":[\"a\",\"b\"]}")));
    CHECK(!same(plain, chat("{" MESSAGES ",\"stop\":[\"b\",\"a\"]}")));
    CHECK(!same(plain, chat("{\"model\":\"m\",\"messages\":[{\"role\":\"user\","
                            "\"content\":\"fix a\"}],\"stop\":[\"a\",\"b\"]}")));
    CHECK(!same(plain, chat("{\"model\":\"m\",\"messages\":[{\"role\":\"user\","
                            "\"content\":\"Fix A \"}],\"stop\":[\"a\",\"b\"]}")));
}

static void test_other_image_other_key(void)
{
#define IMAGE(DATA)                                                                      \
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"          \
    "\"text\",\"text\":\"What is it?\"},{\"type\":\"image_url\",\"image_url\":{\"url\":" \
    "\"data:image/png;base64," DATA "\"}}]}]}"
    CHECK(same(chat(IMAGE("AAAA")), chat(IMAGE("AAAA"))));
    CHECK(!same(chat(IMAGE("AAAA")), chat(IMAGE("AAAB"))));
    CHECK(!same(
        keys_to("api.anthropic.com", "/v1/messages", "",
                "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\","
                "\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"base64\","
                "\"data\":\"AAAA\"}}]}]}"),
        keys_to("api.anthropic.com", "/v1/messages", "",
                "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\","
                "\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"base64\","
                "\"data\":\"AAAB\"}}]}]}")));
}

static void test_embedding_parameters_other_key(void)
{
    static const char *const bodies[] = {
        "{\"model\":\"m\",\"input\":\"a b\"}",
        "{\"model\":\"m\",\"input\":[\"a b\"]}",
        "{\"model\":\"m\",\"input\":[\"a\",\"b\"]}",
        "{\"model\":\"m\",\"input\":[\"b\",\"a\"]}",
        "{\"model\":\"m\",\"input\":[1,2]}",
        "{\"model\":\"m\",\"input\":[[1],[2]]}",
        "{\"model\":\"m\",\"input\":[12]}",
        "{\"model\":\"m\",\"input\":\"a b\",\"encoding_format\":\"float\"}",
        "{\"model\":\"m\",\"input\":\"a b\",\"encoding_format\":\"base64\"}",
        "{\"model\":\"m\",\"input\":\"a b\",\"dimensions\":256}",
        "{\"model\":\"m\",\"input\":\"a b\",\"dimensions\":512}",
        "{\"model\":\"n\",\"input\":\"a b\"}",
    };
    enum { COUNT = sizeof(bodies) / sizeof(*bodies) };
    static struct keys keys[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        keys[i] = keys_to("api.openai.com", "/v1/embeddings", "", bodies[i]);
        for (size_t j = 0; j < i; j++)
            CHECK(!same(keys[i], keys[j]));
    }
}

static void test_upstream_is_part_of_the_key(void)
{
    const char *body = "{" MESSAGES "}", *path = "/v1/chat/completions";
    struct keys plain = keys_to("127.0.0.1:8000", path, "", body);
    CHECK(!same(plain, keys_to("127.0.0.1:8001", path, "", body)));
    CHECK(!same(plain, keys_to("127.0.0.2:8000", path, "", body)));
    CHECK(!same(plain, keys_to("127.0.0.1:8000", "/x/v1/chat/completions", "", body)));
    CHECK(!same(plain, keys_to("127.0.0.1:8000", "/v1/chat/completions?v=2", "", body)));
    CHECK(same(keys_to("API.OpenAI.com", path, "", body),
               keys_to("api.openai.com", path, "", body)));
    CHECK(!same(keys_to("r.openai.azure.com",
                        "/openai/deployments/d/chat/completions"
                        "?api-version=1",
                        "", body),
                keys_to("r.openai.azure.com",
                        "/openai/deployments/d/chat/completions"
                        "?api-version=2",
                        "", body)));
    struct wire_request request = wire_request_of(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: api.openai.com\r\n\r\n"
        "{" MESSAGES "}");
    struct keys tls = keys_of(&request.request);
    request.request.tls = false;
    CHECK(!same(tls, keys_of(&request.request)));
    CHECK(!same_alias(tls, keys_of(&request.request)));
    wire_request_free(&request);
}

static void test_headers(void)
{
    static const char *const volatile_fields[] = {
        "User-Agent: x\r\n",
        "X-Stainless-Retry-Count: 2\r\n",
        "traceparent: 00-1-2-01\r\n",
        "Cookie: __cf_bm=x\r\n",
        "x-client-request-id: 7\r\n",
        "Idempotency-Key: 8\r\n",
        "Accept-Encoding: gzip\r\n",
        "Authorization: Bearer other\r\n", /* the tenant's business */
        "Expect: 100-continue\r\n",
        "amz-sdk-invocation-id: 9\r\n",
    };
    static const char *const meaningful[] = {
        "anthropic-version: 2023-06-01\r\n",
        "anthropic-version: 2026-10-21\r\n",
        "anthropic-beta: x\r\n",
        "OpenAI-Beta: x\r\n",
        "X-Goog-FieldMask: candidates\r\n",
        "x-portkey-provider: openai\r\n",
    };
    const char *body = "{" MESSAGES "}", *path = "/v1/chat/completions";
    struct keys plain = keys_to("api.openai.com", path, "", body);
    for (size_t i = 0; i < sizeof(volatile_fields) / sizeof(*volatile_fields); i++) {
        struct keys keys = keys_to("api.openai.com", path, volatile_fields[i], body);
        CHECK(same(plain, keys));
        CHECK(same_alias(plain, keys));
    }
    for (size_t i = 0; i < sizeof(meaningful) / sizeof(*meaningful); i++) {
        struct keys keys = keys_to("api.openai.com", path, meaningful[i], body);
        CHECK(!same(plain, keys));
        CHECK(!same_alias(plain, keys));
    }
    CHECK(!same(keys_to("api.openai.com", path, meaningful[0], body),
                keys_to("api.openai.com", path, meaningful[1], body)));
    CHECK(same(
        keys_to("api.openai.com", path, "anthropic-beta: a\r\nopenai-beta: b\r\n", body),
        keys_to("api.openai.com", path, "OpenAI-Beta: b\r\nAnthropic-Beta: a\r\n",
                body)));
}

static void test_dialects_ignore_what_is_theirs(void)
{
#define CLAUDE(MORE, MARK)                                                               \
    keys_to("api.anthropic.com", "/v1/messages", "",                                     \
            "{\"model\":\"m\",\"max_tokens\":9,\"system\":[{\"type\":\"text\",\"text\":" \
            "\"s\"" MARK "}],\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"   \
            "\"text\",\"text\":\"x\"" MARK "}]}]" MORE "}")
    struct keys plain = CLAUDE("", "");
    CHECK(same(plain, CLAUDE("", ",\"cache_control\":{\"type\":\"ephemeral\"}")));
    CHECK(same(plain, CLAUDE(",\"metadata\":{\"user_id\":\"7\"}", "")));
    CHECK(!same(plain, CLAUDE(",\"inference_geo\":\"us\"", "")));
    CHECK(!same(plain, CLAUDE(",\"thinking\":{\"type\":\"disabled\"}", "")));
    /* A tool may have a parameter of that name. */
    CHECK(!same(
        CLAUDE(",\"tools\":[{\"name\":\"t\",\"input_schema\":{\"properties\":{}}}]", ""),
        CLAUDE(",\"tools\":[{\"name\":\"t\",\"input_schema\":{\"properties\":{"
               "\"cache_control\":{}}}}]",
               "")));
    CHECK(same(keys_to("localhost:11434", "/api/chat", "",
                       "{" MESSAGES ",\"keep_alive\":\"5m\","
                       "\"options\":{\"num_thread\":4}}"),
               keys_to("localhost:11434", "/api/chat", "", "{" MESSAGES "}")));
    CHECK(!same(keys_to("localhost:11434", "/api/chat", "",
                        "{" MESSAGES ",\"options\":"
                        "{\"num_ctx\":4}}"),
                keys_to("localhost:11434", "/api/chat", "", "{" MESSAGES "}")));
    /* Ollama's two interfaces have other defaults. */
    CHECK(!same(keys_to("localhost:11434", "/v1/chat/completions", "", "{" MESSAGES "}"),
                keys_to("localhost:11434", "/api/chat", "", "{" MESSAGES "}")));
    const char *host = "bedrock-runtime.us-east-1.amazonaws.com",
               *path = "/model/m/converse";
    CHECK(same(keys_to(host, path, "",
                       "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":"
                       "\"x\"},{\"cachePoint\":{\"type\":\"default\"}}]}]}"),
               keys_to(host, path, "",
                       "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":"
                       "\"x\"}]}]}")));
    CHECK(!same(keys_to(host, path, "",
                        "{\"messages\":[],\"guardrailConfig\":{"
                        "\"guardrailVersion\":\"1\"}}"),
                keys_to(host, path, "", "{\"messages\":[]}")));
}

static void check_target(const char *target, const char *expected)
{
    struct buffer out = {0};
    api_public_target(span_text(target), &out);
    buffer_append_byte(&out, 0);
    CHECK_TEXT((const char *)out.at, expected);
    buffer_free(&out);
}

static void test_public_target(void)
{
    check_target("/v1/x", "/v1/x");
    check_target("/v1/x?", "/v1/x");
    check_target("/v1/x?key=AIzaSecret", "/v1/x");
    check_target("/v1/x?alt=sse&key=AIzaSecret", "/v1/x?alt=sse");
    check_target("/v1/x?KEY=AIzaSecret&alt=sse&b", "/v1/x?alt=sse&b");
    check_target("/v1/x?monkey=1&api-version=2&api-key=s",
                 "/v1/x?monkey=1&api-version=2");
    check_target("/x?X-Amz-Credential=a%2Fb&X-Amz-Signature=c&v=1", "/x?v=1");
}

static void test_query_credential_not_in_keys(void)
{
    const char *body = "{\"contents\":[{\"parts\":[{\"text\":\"x\"}]}]}";
    const char *host = "generativelanguage.googleapis.com";
    struct keys plain = keys_to(host, "/v1beta/models/g:generateContent", "", body);
    struct keys with = keys_to(host, "/v1beta/models/g:generateContent?key=A", "", body);
    CHECK(same(plain, with));
    CHECK(same_alias(plain, with));
    CHECK(!same(plain, keys_to(host, "/v1beta/models/h:generateContent", "", body)));
    CHECK(!same(keys_to(host, "/v1beta/models/g:streamGenerateContent?alt=sse", "", body),
                keys_to(host, "/v1beta/models/g:streamGenerateContent", "", body)));
}

/* Bedrock signs anew every second; the body decides. */
static void test_sigv4_dates(void)
{
    struct wire_request first = wire_request("28-"), second = wire_request("28-");
    for (size_t i = 0; i < second.request.headers.count; i++) {
        struct header *header = &second.request.headers.at[i];
        if (span_is_nocase(header->name, "x-amz-date"))
            header->value = span_text("20261121T000000Z");
        if (span_is_nocase(header->name, "x-amz-security-token"))
            header->value = span_text("another");
    }
    CHECK(same(keys_of(&first.request), keys_of(&second.request)));
    CHECK(same_alias(keys_of(&first.request), keys_of(&second.request)));
    second.request.body = span_text("{\"messages\":[]}");
    CHECK(!same(keys_of(&first.request), keys_of(&second.request)));
    CHECK(!same_alias(keys_of(&first.request), keys_of(&second.request)));
    wire_request_free(&first);
    wire_request_free(&second);
}

/* The parts are framed: what one loses the next does not gain. */
static void test_framing(void)
{
    const char *body = "{" MESSAGES "}";
    CHECK(!same(keys_to("a.b:80", "/c/chat/completions", "", body),
                keys_to("a.b:80", "/chat/completions", "", body)));
    CHECK(!same_alias(keys_to("h:1", "/chat/completions?a=b", "", body),
                      keys_to("h:1", "/chat/completions?a=b&", "", "{" MESSAGES " }")));
    CHECK(!same(keys_to("h:1", "/chat/completions?a&b", "", body),
                keys_to("h:1", "/chat/completions?a%26b", "", body)));
}

int main(void)
{
    RUN(test_same_question_from_two_clients);
    RUN(test_other_members_other_key);
    RUN(test_ignored_members_same_key);
    RUN(test_echoed_members_other_key);
    RUN(test_member_order_array_order_case);
    RUN(test_other_image_other_key);
    RUN(test_embedding_parameters_other_key);
    RUN(test_upstream_is_part_of_the_key);
    RUN(test_headers);
    RUN(test_dialects_ignore_what_is_theirs);
    RUN(test_public_target);
    RUN(test_query_credential_not_in_keys);
    RUN(test_sigv4_dates);
    RUN(test_framing);
    return unit_end();
}
