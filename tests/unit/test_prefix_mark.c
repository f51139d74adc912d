/* SPDX-License-Identifier: MIT */
/* What is added to requests for the provider's prefix cache: to which, where, and what it tells. */
#include "unit.h"

#include "core/api/prefix_mark.h"
#include "store/memory.h"

#include <stdlib.h>

static const struct tenant one = {.name_key = {1}}, other = {.name_key = {2}};

static struct request request_of(const char *host, const char *target, const char *body)
{
    return (struct request){.method = span_text("POST"),
                            .tls = true,
                            .host = span_text(host),
                            .port = 443,
                            .target = span_text(target),
                            .body = span_text(body)};
}

/* The body with its mark, to be freed; NULL: none. */
static char *marked(const struct request *request, const struct tenant *tenant,
                    bool salted)
{
    struct call call;
    struct buffer out = {0};
    char *text = NULL;
    CHECK_INT(api_recognise(request, &call), REASON_NONE);
    enum prefix_mark mark = prefix_mark_of(request, &call, salted);
    if (mark != PREFIX_MARK_NONE) {
        CHECK_INT(prefix_mark_add(request, &call, tenant, mark, &out), 0);
        CHECK(out.size == 0 || json_valid(buffer_span(&out)));
        buffer_append_byte(&out, 0);
        text = strdup((const char *)out.at);
    }
    buffer_free(&out);
    api_call_free(&call);
    return text;
}

#define OPENAI "api.openai.com"
#define CHAT   "/v1/chat/completions"
#define BODY(MODEL, SYSTEM, USER)                                                        \
    "{ \"model\":\"" MODEL "\",\"messages\":[{\"role\":\"system\",\"content\":\"" SYSTEM \
    "\"},{\"role\":\"user\",\"content\":\"" USER "\"}]}"

/* Whether two requests get the same key. */
static bool same(const char *a, const struct tenant *a_tenant, const char *b,
                 const struct tenant *b_tenant)
{
    struct request first = request_of(OPENAI, CHAT, a),
                   second = request_of(OPENAI, CHAT, b);
    char *left = marked(&first, a_tenant, false),
         *right = marked(&second, b_tenant, false);
    const char *end = left ? strchr(left, ',') : NULL;
    bool equal = end && right && strncmp(left, right, (size_t)(end - left)) == 0;
    free(left);
    free(right);
    return equal;
}

static void test_key(void)
{
    const char *body = BODY("m", "s", "u");
    CHECK(same(body, &one, body, &one));
    CHECK(same(body, &one, BODY("m", "s", "another"), &one));
    CHECK(!same(body, &one, BODY("m", "t", "u"), &one));
    CHECK(!same(body, &one, BODY("n", "s", "u"), &one));
    CHECK(!same(body, &one, body, &other));
}

/* Without system texts and tools it is the first turn that counts, and not the next. */
static void test_key_of_turns(void)
{
#define TURNS(FIRST, MORE)                                                               \
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"" FIRST "\"}" MORE  \
    "]}"
    CHECK(same(TURNS("u", ""), &one,
               TURNS("u", ",{\"role\":\"assistant\",\"content\":\"a\"}"), &one));
    CHECK(!same(TURNS("u", ""), &one, TURNS("v", ""), &one));
}

static void test_body(void)
{
    struct request request = request_of(OPENAI, CHAT, BODY("m", "s", "u"));
    char *text = marked(&request, &one, false);
    if (CHECK(text != NULL)) {
        CHECK(strncmp(text, "{\"prompt_cache_key\":\"", 21) == 0);
        CHECK(strncmp(text + 21 + 32, "\",", 2) == 0);
        CHECK_TEXT(text + 21 + 32 + 2, BODY("m", "s", "u") + 1);
    }
    free(text);
}

static void test_who_gets_one(void)
{
    static const struct {
        const char *host, *target, *body;
        bool salted, marked;
    } cases[] = {
        {OPENAI, CHAT, BODY("m", "s", "u"), false, true},
        {OPENAI, CHAT, BODY("m", "s", "u"), true, false},
        {"r.openai.azure.com", "/openai/deployments/d/chat/completions?api-version=1",
         BODY("m", "s", "u"), false, true},
        {OPENAI, CHAT, "{\"prompt_cache_key\":null,\"model\":\"m\",\"messages\":[{}]}",
         false, false},
        {OPENAI, "/v1/responses", "{\"model\":\"m\",\"input\":\"x\"}", false, false},
        {OPENAI, "/v1/completions", "{\"model\":\"m\",\"prompt\":\"x\"}", false, false},
        {OPENAI, "/v1/embeddings", "{\"model\":\"m\",\"input\":\"x\"}", false, false},
        {"api.mistral.ai", CHAT, BODY("m", "s", "u"), false, false},
        {"vllm.example.com", CHAT, BODY("m", "s", "u"), false, false},
        {"vllm.example.com", CHAT, BODY("m", "s", "u"), true, true},
        {"vllm.example.com", "/v1/completions", "{\"model\":\"m\",\"prompt\":\"x\"}",
         true, true},
        {"vllm.example.com", CHAT,
         "{\"cache_salt\":\"x\",\"model\":\"m\",\"messages\":[{}]}", true, false},
        {"vllm.example.com", "/v1/embeddings", "{\"model\":\"m\",\"input\":\"x\"}", true,
         false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct request request =
            request_of(cases[i].host, cases[i].target, cases[i].body);
        char *text = marked(&request, &one, cases[i].salted);
        unit_check(!text == !cases[i].marked, __FILE__, __LINE__, "case %zu", i);
        free(text);
    }
}

static void test_signed(void)
{
    struct header field = {span_text("Authorization"),
                           span_text("AWS4-HMAC-SHA256 Credential=x")};
    struct request request = request_of(OPENAI, CHAT, BODY("m", "s", "u"));
    request.headers = (struct headers){&field, 1, 1};
    char *text = marked(&request, &one, false);
    CHECK(!text);
    free(text);
}

/* One for all requests of an identity. */
static void test_salt(void)
{
    struct request first = request_of("vllm.example.com", CHAT, BODY("m", "s", "u"));
    struct request second = request_of("vllm.example.com", CHAT, BODY("n", "t", "v"));
    char *a = marked(&first, &one, true), *b = marked(&second, &one, true);
    char *c = marked(&first, &other, true);
    size_t size = strlen("{\"cache_salt\":\"") + 64 + 1;
    if (CHECK(a && b && c)) {
        CHECK(strncmp(a, b, size) == 0 && a[size] == ',');
        CHECK(strncmp(a, c, size) != 0);
    }
    free(a);
    free(b);
    free(c);
}

/* -- breakpoints ----------------------------------------------------------------------------- */

#define ANTHROPIC "api.anthropic.com"
#define MESSAGES  "/v1/messages"
#define MARK      "\"cache_control\":{\"type\":\"ephemeral\"}"

/* |format| with a long text for its %s, twice at most; to be freed. */
static char *claude(const char *format, const char *letter)
{
    char *text = NULL, *wide = malloc(6001);
    memset(wide, *letter, 6000);
    wide[6000] = 0;
    CHECK(asprintf(&text, format, wide, wide) > 0);
    free(wide);
    return text;
}

/* Asks twice; what the second one gets, to be freed, or NULL. */
static char *second(const char *format, const char *letter, const struct tenant *tenant)
{
    char *body = claude(format, letter);
    struct request request = request_of(ANTHROPIC, MESSAGES, body);
    char *first = marked(&request, tenant, false);
    CHECK_TEXT(first, "");
    free(first);
    first = marked(&request, tenant, false);
    free(body);
    return first;
}

static void check_second(const char *format, const char *letter, const char *expected)
{
    char *text = second(format, letter, &one), *wanted = claude(expected, letter);
    CHECK_TEXT(text, wanted);
    free(text);
    free(wanted);
}

#define CLAUDE(MORE, CONTENT)                                                            \
    "{\"model\":\"claude-sonnet-4-5\",\"max_tokens\":9," MORE                            \
    "\"messages\":[{\"role\":\"user\",\"content\":" CONTENT "}]}"

static void test_breakpoints(void)
{
    check_second(CLAUDE("\"system\":\"%s\",", "\"u\""), "a",
                 CLAUDE("\"system\":[{\"type\":\"text\",\"text\":\"%s\"," MARK "}],",
                        "[{\"type\":\"text\",\"text\":\"u\"," MARK "}]"));
    check_second(
        CLAUDE(
            "\"system\":[{\"type\":\"text\",\"text\":\"%s\"}],\"tools\":[{\"name\":\"a\","
            "\"input_schema\":{}},{ \"name\":\"b\",\"description\":\"%s\"}],",
            "[{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"data\":\"x\"}}]"),
        "b",
        CLAUDE("\"system\":[{" MARK
               ",\"type\":\"text\",\"text\":\"%s\"}],\"tools\":[{\"name\":"
               "\"a\",\"input_schema\":{}},{" MARK
               ", \"name\":\"b\",\"description\":\"%s\"}],",
               "[{" MARK
               ",\"type\":\"image\",\"source\":{\"type\":\"base64\",\"data\":\"x\"}}]"));
    /* A thought carries none. */
    check_second(
        CLAUDE("\"system\":\"%s\",", "[{\"type\":\"thinking\",\"thinking\":\"t\"}]"), "c",
        CLAUDE("\"system\":[{\"type\":\"text\",\"text\":\"%s\"," MARK "}],",
               "[{\"type\":\"thinking\",\"thinking\":\"t\"}]"));
}

/* Only what is there again, and only for who has asked before. */
static void test_breakpoints_again(void)
{
    char *body = claude(CLAUDE("\"system\":\"%s\",", "\"one\""), "d");
    char *more = claude(CLAUDE("\"system\":\"%s\",", "\"two\""), "d");
    struct request request = request_of(ANTHROPIC, MESSAGES, body);
    free(marked(&request, &one, false));
    request.body = span_text(more);
    char *text = marked(&request, &other, false);
    CHECK_TEXT(text, "");
    free(text);
    text = marked(&request, &one, false);
    CHECK(text && strstr(text, MARK) && !strstr(strstr(text, MARK) + 1, MARK));
    free(text);
    free(body);
    free(more);
}

static void test_no_breakpoints(void)
{
    static const char *const bodies[] = {
        CLAUDE("\"system\":\"short\",", "\"u\""),
        "{\"model\":\"claude-opus-4-5\",\"max_tokens\":9,\"system\":\"%s\",\"messages\":"
        "[{\"role\":\"user\",\"content\":\"u\"}]}",
    };
    for (size_t i = 0; i < 2; i++) {
        char *text = second(bodies[i], "e", &one);
        CHECK_TEXT(text, "");
        free(text);
    }
    char *body = claude(
        CLAUDE("\"system\":[{\"type\":\"text\",\"text\":\"%s\"," MARK "}],", "\"u\""),
        "f");
    struct request request = request_of(ANTHROPIC, MESSAGES, body);
    for (size_t i = 0; i < 2; i++)
        CHECK(!marked(&request, &one, false));
    request.host = span_text("gateway.example.com");
    CHECK(!marked(&request, &one, false));
    free(body);
}

/* -- Bedrock --------------------------------------------------------------------------------- */

#define BEDROCK "bedrock-runtime.eu-west-1.amazonaws.com"
#define POINT   ",{\"cachePoint\":{\"type\":\"default\"}}"
#define CONVERSE(TOOLS, SYSTEM, TURN)                                                    \
    "{\"toolConfig\":{\"tools\":[{\"toolSpec\":{\"name\":\"f\"}}" TOOLS                  \
    "]},\"system\":[{\"text\":\"%s\"}" SYSTEM "],\"messages\":[{\"role\":\"user\","      \
    "\"content\":[" TURN "]}]}"

static void check_converse(const char *model, const char *letter, const char *format,
                           const char *expected, struct headers headers)
{
    char target[128], *body = claude(format, letter), *text = NULL, *wanted;
    snprintf(target, sizeof(target), "/model/%s/converse", model);
    struct request request = request_of(BEDROCK, target, body);
    request.headers = headers;
    for (size_t i = 0; i < 2; i++) {
        free(text);
        text = marked(&request, &one, false);
    }
    wanted = expected ? claude(expected, letter) : NULL;
    unit_check(text && wanted ? strcmp(text, wanted) == 0 : text == wanted, __FILE__,
               __LINE__, "%s: %s", model, letter);
    free(text);
    free(wanted);
    free(body);
}

static void test_points(void)
{
    struct header field = {span_text("Authorization"),
                           span_text("AWS4-HMAC-SHA256 Credential=x")};
    struct headers none = {0}, signature = {&field, 1, 1};
    const char *body = CONVERSE("", "", "{\"text\":\"u\"}");
    check_converse("eu.anthropic.claude-sonnet-4-5-v1", "g", body,
                   CONVERSE("", POINT, "{\"text\":\"u\"}" POINT), none);
    check_converse("amazon.nova-lite-v1", "h", body,
                   CONVERSE("", POINT, "{\"text\":\"u\"}" POINT), none);
    check_converse("anthropic.claude-sonnet-4-5-v1", "i",
                   CONVERSE("", "", "{\"reasoningContent\":{}}"),
                   CONVERSE("", POINT, "{\"reasoningContent\":{}}"), none);
    /* Models without it, signed ones, and those that say it themselves. */
    check_converse("meta.llama3-70b-instruct-v1", "j", body, NULL, none);
    check_converse("anthropic.claude-3-haiku-20240307-v1", "k", body, NULL, none);
    check_converse("anthropic.claude-sonnet-4-5-v1", "l", body, NULL, signature);
    check_converse("anthropic.claude-sonnet-4-5-v1", "m",
                   CONVERSE("", POINT, "{\"text\":\"u\"}"), NULL, none);
}

/* The clouds' own paths. */
static void test_clouds(void)
{
#define CLOUD                                                                            \
    "{\"anthropic_version\":\"x\",\"model\":\"claude-sonnet-4-5\",\"max_tokens\":9,"     \
    "\"system\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"u\"}]}"
    static const struct {
        const char *host, *target;
        bool marked;
    } places[] = {
        {"europe-west1-aiplatform.googleapis.com",
         "/v1/projects/p/locations/l/publishers/anthropic/models/"
         "claude-sonnet-4-5:rawPredict",
         true},
        {"r.services.ai.azure.com", "/anthropic/v1/messages", true},
        {BEDROCK, "/model/anthropic.claude-sonnet-4-5-v1/invoke", true},
        {BEDROCK, "/model/anthropic.claude-3-haiku-v1/invoke", false},
        {"gateway.example.com", "/v1/messages", false},
    };
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
        char letter[] = {(char)('n' + i), 0}, *body = claude(CLOUD, letter), *text = NULL;
        struct request request = request_of(places[i].host, places[i].target, body);
        for (size_t j = 0; j < 2; j++) {
            free(text);
            text = marked(&request, &one, false);
        }
        unit_check((text && strstr(text, MARK)) == places[i].marked, __FILE__, __LINE__,
                   "place %zu", i);
        free(text);
        free(body);
    }
}

/* Prompts that part behind more than the provider wants at least meet on one machine. */
static void test_key_of_long_prompts(void)
{
    char *a = claude(BODY("m", "%s one", "u"), "a"),
         *b = claude(BODY("m", "%s two", "u"), "a");
    char *c = claude(BODY("m", "one %s", "u"), "a");
    CHECK(same(a, &one, b, &one));
    CHECK(!same(a, &one, c, &one));
    free(a);
    free(b);
    free(c);
}

static void test_memory(void)
{
    struct request request = request_of(OPENAI, CHAT, BODY("m", "s", "u"));
    struct call call;
    int result = -1;
    unsigned long fail = 1;
    CHECK_INT(api_recognise(&request, &call), REASON_NONE);
    for (; fail < 50 && result != 0; fail++) {
        struct buffer out = {0};
        memory_fail_from(fail);
        result = prefix_mark_add(&request, &call, &one, PREFIX_MARK_KEY, &out);
        memory_fail_from(0);
        buffer_free(&out);
    }
    CHECK_INT(result, 0);
    CHECK(fail > 3);
    api_call_free(&call);
}

int main(void)
{
    RUN(test_key);
    RUN(test_key_of_turns);
    RUN(test_body);
    RUN(test_who_gets_one);
    RUN(test_signed);
    RUN(test_salt);
    RUN(test_breakpoints);
    RUN(test_breakpoints_again);
    RUN(test_no_breakpoints);
    RUN(test_points);
    RUN(test_clouds);
    RUN(test_key_of_long_prompts);
    RUN(test_memory);
    return unit_end();
}
