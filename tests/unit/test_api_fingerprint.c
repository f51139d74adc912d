/* SPDX-License-Identifier: MIT */
/* Which model has really answered, as the example answers say it. */
#include "unit.h"
#include "wire.h"

static void check(const char *example, const char *expected)
{
    struct wire_request request = wire_request(example);
    struct wire_response response = wire_response(example);
    struct call call;
    char text[64];
    unit_test = example;
    CHECK_TEXT(reason_name(api_recognise(&request.request, &call)), "none");
    api_fingerprint(&call, &response.response, text, sizeof text);
    CHECK_TEXT(text, expected);
    api_fingerprint(&call, &response.response, text, 8); /* cut, never too long */
    CHECK(strlen(text) < 8 && strncmp(text, expected, strlen(text)) == 0);
    api_call_free(&call);
    wire_request_free(&request);
    wire_response_free(&response);
}

static void test_examples(void)
{
    check("01-", "gpt-4o-mini-2024-07-18 fp_50906f2aac");
    check("03-", "gpt-4o-mini-2024-07-18 fp_50906f2aac");
    check("09-", "gpt-4.1-mini-2025-04-14");
    check("10-", "text-embedding-3-small");
    check("16-", "claude-sonnet-4-5-20250929");
    check("17-", "claude-sonnet-4-5-20250929");
    check("21-", "gemini-2.5-flash");
    check("22-", "gemini-2.5-flash");
    check("23-", "gemini-2.5-flash");
    check("28-", "");
    check("32-", "");
    check("36-", "llama3.2");
}

int main(void)
{
    RUN(test_examples);
    return unit_end();
}
