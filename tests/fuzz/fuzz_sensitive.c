/* SPDX-License-Identifier: MIT */
/* Any bytes as a text, and as the body of a request whose prompt is looked through. What is found
 * does not depend on what stands before the text in memory. */
#include <stdlib.h>

#include "shim/core/api/prompt.h"
#include "shim/core/api/sensitive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const targets[][2] = {
    {"api.openai.com", "/v1/chat/completions"},
    {"api.openai.com", "/v1/responses"},
    {"api.anthropic.com", "/v1/messages"},
    {"generativelanguage.googleapis.com", "/v1beta/models/g:generateContent"},
    {"bedrock-runtime.us-east-1.amazonaws.com", "/model/a/converse"},
    {"bedrock-runtime.us-east-1.amazonaws.com", "/model/a/invoke"},
    {"api.cohere.com", "/v1/chat"},
    {"localhost", "/x/rerank"},
};

static void look_through(const char *const target[2], struct span body)
{
    struct request request = {.method = span_text("POST"),
                              .tls = true,
                              .host = span_text(target[0]),
                              .port = 443,
                              .target = span_text(target[1]),
                              .body = body};
    struct call call;
    uint32_t kinds = 0;
    if (api_recognise(&request, &call) == REASON_NONE &&
        (!sensitive_in_call(&call, body, &kinds) || kinds > SENSITIVE_ALL))
        abort();
    api_call_free(&call);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer padded = {0};
    uint32_t kinds = sensitive_find(span_of(data, size));
    buffer_append_text(&padded, "4111 @");
    buffer_append(&padded, data, size);
    if (kinds > SENSITIVE_ALL || sensitive_find(span_of(padded.at + 6, size)) != kinds)
        abort();
    buffer_free(&padded);
    if (size > 0)
        look_through(targets[data[0] % (sizeof(targets) / sizeof(*targets))],
                     span_of(data + 1, size - 1));
    return 0;
}
