/* SPDX-License-Identifier: MIT */
/* The last user message of any body, and the words of any answer. The first byte chooses where the request
 * goes; the rest is split at the first zero byte into the request's body and the answer's. What is found
 * is found again in the same body, written otherwise; likeness has no direction. */
#include <stdlib.h>

#include "shim/core/api/question.h"
#include "shim/core/api/wording.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const targets[][2] = {
    {"api.openai.com", "/v1/chat/completions"},
    {"api.openai.com", "/v1/responses"},
    {"api.anthropic.com", "/v1/messages"},
    {"generativelanguage.googleapis.com", "/v1beta/models/g:generateContent"},
    {"generativelanguage.googleapis.com", "/v1beta/models/g:streamGenerateContent"},
    {"bedrock-runtime.us-east-1.amazonaws.com", "/model/a:0/converse"},
    {"bedrock-runtime.us-east-1.amazonaws.com", "/model/a:0/converse-stream"},
    {"bedrock-runtime.us-east-1.amazonaws.com", "/model/a:0/invoke"},
    {"api.cohere.com", "/v2/chat"},
    {"localhost", "/api/chat"},
};

#define COUNT (sizeof(targets) / sizeof(*targets))

static void require(bool good)
{
    if (!good)
        abort();
}

/* The body's one form has the same message and the same rest. */
static void compare_forms(const struct call *call, const struct question *found)
{
    struct question again = {0};
    require(json_valid(buffer_span(&found->rest)));
    require(question_of(call, buffer_span(&call->canonical), NULL, &again) ==
            QUESTION_FOUND);
    require(span_equal(buffer_span(&found->rest), buffer_span(&again.rest)));
    question_free(&again);
}

static void ask(const struct call *call, struct span body)
{
    struct question question = {0};
    struct lexical_key key = {0};
    if (question_of(call, body, NULL, &question) == QUESTION_FOUND) {
        require(question.text.size > 0);
        compare_forms(call, &question);
        enum lexical_verdict verdict = question_key(&question, &key);
        require(verdict < LEXICAL_VERDICTS &&
                (verdict == LEXICAL_KEY) == (key.words.size > 0));
    }
    lexical_key_free(&key);
    question_free(&question);
}

static void answer(const struct call *call, struct span body)
{
    struct response response = {.status = 200, .body = body};
    struct buffer text = {0};
    if (wording_of(call, &response, &text) == WORDING_PLAIN)
        require(text.size > 0);
    buffer_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct call call;
    if (size < 1)
        return 0;
    const char *const *target = targets[data[0] % COUNT];
    struct span rest = span_of(data + 1, size - 1);
    size_t middle = span_find(rest, span_of("", 1));
    struct span body = span_of(rest.at, middle), other = span_skip(rest, middle + 1);
    struct request request = {.method = span_text("POST"),
                              .tls = true,
                              .host = span_text(target[0]),
                              .port = 443,
                              .target = span_text(target[1]),
                              .body = body};
    if (api_recognise(&request, &call) == REASON_NONE)
        ask(&call, body);
    answer(&call, other);
    api_call_free(&call);
    require(wording_likeness(body, body) == COMPARISON_EQUAL);
    require(wording_likeness(body, other) == wording_likeness(other, body));
    return 0;
}
