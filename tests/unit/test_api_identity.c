/* SPDX-License-Identifier: MIT */
/* Who shares a tenant with whom. */
#include <sodium.h>

#include "unit.h"
#include "wire.h"

#define ALICE "Authorization: Bearer sk-a\r\n"

static struct buffer identity(const char *target, const char *headers,
                              struct identity_rules rules)
{
    static char text[1500];
    struct buffer out = {0};
    snprintf(text, sizeof(text), "POST %s HTTP/1.1\r\nHost: h\r\n%s\r\n", target,
             headers);
    struct wire_request request = wire_request_of(text);
    api_identity(&request.request, &rules, &out);
    wire_request_free(&request);
    CHECK(buffer_ok(&out));
    return out;
}

static bool equal_targets(const char *target1, const char *headers1,
                          struct identity_rules rules1, const char *target2,
                          const char *headers2, struct identity_rules rules2)
{
    struct buffer a = identity(target1, headers1, rules1);
    struct buffer b = identity(target2, headers2, rules2);
    bool equal = span_equal(buffer_span(&a), buffer_span(&b));
    buffer_free(&a);
    buffer_free(&b);
    return equal;
}

static bool equal_rules(const char *headers1, struct identity_rules rules1,
                        const char *headers2, struct identity_rules rules2)
{
    return equal_targets("/v1/x", headers1, rules1, "/v1/x", headers2, rules2);
}

static bool equal(const char *headers1, const char *headers2)
{
    struct identity_rules rules = {.scope = SCOPE_CREDENTIAL, .uid = 1000};
    return equal_rules(headers1, rules, headers2, rules);
}

static void test_two_users_two_keys(void)
{
    static const char *const credentials[] = {
        "",
        ALICE,
        "Authorization: Bearer sk-b\r\n",
        "Authorization: Basic sk-a\r\n",
        "X-Api-Key: sk-a\r\n",
        "api-key: sk-a\r\n",
        "x-goog-api-key: sk-a\r\n",
        "Ocp-Apim-Subscription-Key: sk-a\r\n",
        ALICE "OpenAI-Organization: o1\r\n",
        ALICE "OpenAI-Organization: o2\r\n",
        ALICE "OpenAI-Project: o1\r\n",
        ALICE "anthropic-workspace-id: w\r\n",
        ALICE "x-goog-user-project: p\r\n",
        ALICE "X-Api-Key: sk-a\r\n",
    };
    for (size_t i = 0; i < sizeof(credentials) / sizeof(*credentials); i++)
        for (size_t j = 0; j <= i; j++)
            CHECK(equal(credentials[i], credentials[j]) == (i == j));
}

static void test_uid_and_label(void)
{
    struct identity_rules rules = {.scope = SCOPE_CREDENTIAL, .uid = 1000};
    struct identity_rules other = {.scope = SCOPE_CREDENTIAL, .uid = 1001};
    struct identity_rules label = rules;
    label.tenant = span_text("ci");
    CHECK(!equal_rules(ALICE, rules, ALICE, other));
    CHECK(!equal_rules(ALICE, rules, ALICE, label));
}

static void test_scopes(void)
{
    struct identity_rules laptop = {SCOPE_TENANT, 1000, span_text("team")};
    struct identity_rules runner = {SCOPE_TENANT, 7, span_text("team")};
    struct identity_rules elsewhere = {SCOPE_TENANT, 1000, span_text("other")};
    struct identity_rules user = {SCOPE_USER, 1000, span_text("team")};
    struct identity_rules user2 = {SCOPE_USER, 1001, span_text("team")};
    CHECK(equal_rules(ALICE, laptop, "X-Api-Key: dummy\r\n", runner));
    CHECK(!equal_rules(ALICE, laptop, ALICE, elsewhere));
    CHECK(!equal_rules(ALICE, laptop, ALICE, user));
    CHECK(equal_rules(ALICE, user, "", user));
    CHECK(!equal_rules(ALICE, user, ALICE, user2));
}

/* ("a", "bc") is not ("ab", "c"). */
static void test_ambiguous_concatenation(void)
{
    struct identity_rules a = {SCOPE_CREDENTIAL, 1, span_text("a")};
    struct identity_rules ab = {SCOPE_CREDENTIAL, 1, span_text("ab")};
    CHECK(!equal_rules("Authorization: bc\r\n", a, "Authorization: c\r\n", ab));
    CHECK(!equal("api-key: a\r\nx-api-key: bc\r\n", "api-key: ab\r\nx-api-key: c\r\n"));
    CHECK(!equal("OpenAI-Organization: a\r\nOpenAI-Project: bc\r\n",
                 "OpenAI-Organization: ab\r\nOpenAI-Project: c\r\n"));
    struct identity_rules rules = {.uid = 1};
    CHECK(!equal_targets("/x?key=a&token=bc", "", rules, "/x?key=ab&token=c", "", rules));
}

static void test_field_order_and_noise(void)
{
    CHECK(equal("api-key: a\r\nX-Api-Key: b\r\n", "X-API-KEY: b\r\nAPI-Key:  a \r\n"));
    CHECK(equal(ALICE, ALICE "Cookie: session=1\r\nUser-Agent: x\r\n"));
    CHECK(equal(ALICE, ALICE "X-Amz-Date: 20261120T101530Z\r\n"));
}

static void test_query_credentials(void)
{
    struct identity_rules rules = {.uid = 1};
    CHECK(!equal_targets("/x?key=a", "", rules, "/x?key=b", "", rules));
    CHECK(!equal_targets("/x?key=a", "", rules, "/x", "", rules));
    CHECK(equal_targets("/x?key=a&alt=sse", "", rules, "/y?key=a", "", rules));
    CHECK(equal_targets("/x?X-Amz-Credential=AK%2F20261120%2Fus%2Fbedrock%2Faws4_request"
                        "&X-Amz-Date=20261120T1Z&X-Amz-Signature=1",
                        "", rules,
                        "/x?X-Amz-Credential=AK%2F20261121%2Fus%2Fbedrock%2Faws4_request"
                        "&X-Amz-Date=20261121T1Z&X-Amz-Signature=2",
                        "", rules));
    CHECK(!equal_targets(
        "/x?X-Amz-Credential=AK%2F20261120%2Fus%2Fbedrock%2Faws4_request", "", rules,
        "/x?X-Amz-Credential=BK%2F20261120%2Fus%2Fbedrock%2Faws4_request", "", rules));
}

#define AWS(KEY, DATE, REGION, REST)                                                     \
    "Authorization: AWS4-HMAC-SHA256 Credential=" KEY "/" DATE "/" REGION                \
    "/bedrock/aws4_request, SignedHeaders=host;x-amz-date, Signature=" REST "\r\n"

static void test_sigv4(void)
{
    const char *plain = AWS("AKID", "20261120", "us-east-1", "aa");
    CHECK(equal(plain, AWS("AKID", "20261120", "us-east-1", "bb")));
    CHECK(equal(plain, AWS("AKID", "20270101", "us-east-1", "cc")));
    CHECK(!equal(plain, AWS("AKIE", "20261120", "us-east-1", "aa")));
    CHECK(!equal(plain, AWS("AKID", "20261120", "eu-west-1", "aa")));
    CHECK(!equal(plain, "Authorization: AWS4-HMAC-SHA256 Signature=aa\r\n"));
}

/* An unsigned token with |claims|; good until the next call. */
static const char *bearer(const char *claims, const char *signature)
{
    static char text[2][1024];
    static unsigned turn;
    char payload[512], *out = text[turn++ % 2];
    sodium_bin2base64(payload, sizeof(payload), (const unsigned char *)claims,
                      strlen(claims), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    snprintf(out, sizeof(text[0]), "Authorization: Bearer eyJhbGciOiJub25lIn0.%s.%s\r\n",
             payload, signature);
    return out;
}

#define CLAIMS(SUBJECT, TIME, END)                                                       \
    "{\"iss\":\"https://sts\",\"sub\":\"" SUBJECT "\",\"tid\":\"t\",\"iat\":" TIME       \
    ",\"exp\":" END "}"

static void test_tokens(void)
{
    /* The same subject an hour later. */
    CHECK(equal(bearer(CLAIMS("s", "1000", "4600"), "a"),
                bearer(CLAIMS("s", "4600", "8200"), "b")));
    CHECK(!equal(bearer(CLAIMS("s", "1000", "4600"), "a"),
                 bearer(CLAIMS("u", "1000", "4600"), "a")));
    /* Long-lived ones are API keys in disguise. */
    CHECK(!equal(bearer(CLAIMS("s", "1000", "9999999"), "a"),
                 bearer(CLAIMS("s", "1000", "9999999"), "b")));
    CHECK(!equal(bearer("{\"iss\":\"i\",\"sub\":\"s\"}", "a"),
                 bearer("{\"iss\":\"i\",\"sub\":\"s\"}", "b")));
    CHECK(!equal(bearer("{\"iss\":\"i\",\"iat\":1,\"exp\":2}", "a"),
                 bearer("{\"iss\":\"i\",\"iat\":1,\"exp\":2}", "b")));
    CHECK(equal(bearer("{\"iss\":\"i\",\"appid\":\"x\",\"iat\":1,\"exp\":2}", "a"),
                bearer("{\"iss\":\"i\",\"appid\":\"x\",\"iat\":1,\"exp\":3}", "b")));
    CHECK(!equal(bearer("no json", "a"), bearer("no json", "b")));
    CHECK(!equal("Authorization: Bearer eyJ.eyJ.a\r\n",
                 "Authorization: Bearer eyJ.eyJ.b\r\n"));
    CHECK(!equal("Authorization: Bearer eyJ\r\n", "Authorization: Bearer eyJx\r\n"));
}

static void test_google(void)
{
    struct identity_rules rules = {.uid = 1};
    const char *one = "Authorization: Bearer ya29.one\r\n";
    const char *two = "Authorization: Bearer ya29.two\r\n";
    const char *p = "/v1/projects/p/locations/l/x", *q = "/v1/projects/q/locations/l/x";
    CHECK(equal_targets(p, one, rules, p, two, rules));
    CHECK(!equal_targets(p, one, rules, q, one, rules));
    CHECK(!equal_targets("/v1/x", one, rules, "/v1/x", two, rules));
    CHECK(!equal_targets(p, ALICE, rules, p, "Authorization: Bearer sk-b\r\n", rules));
}

static void test_memory(void)
{
    struct wire_request request = wire_request("02-");
    struct identity_rules rules = {.uid = 1};
    bool done = false;
    for (unsigned long n = 1; !done && n < 50; n++) {
        struct buffer out = {0};
        memory_fail_from(n);
        api_identity(&request.request, &rules, &out);
        memory_fail_from(0);
        done = buffer_ok(&out);
        buffer_free(&out);
    }
    CHECK(done);
    wire_request_free(&request);
}

int main(void)
{
    RUN(test_two_users_two_keys);
    RUN(test_uid_and_label);
    RUN(test_scopes);
    RUN(test_ambiguous_concatenation);
    RUN(test_field_order_and_noise);
    RUN(test_query_credentials);
    RUN(test_sigv4);
    RUN(test_tokens);
    RUN(test_google);
    RUN(test_memory);
    return unit_end();
}
