/* SPDX-License-Identifier: MIT */
/* Whole requests and answers through recognition, keys, identity, checks and counting.
 * The first two bytes choose host, path and a field; the rest is split at the first zero
 * byte into the request's body and the answer's. */
#include <stdlib.h>

#include "shim/core/api/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const targets[][2] = {
    {"api.openai.com", "/v1/chat/completions"},
    {"api.openai.com", "/v1/completions"},
    {"api.openai.com", "/v1/responses"},
    {"api.openai.com", "/v1/embeddings"},
    {"api.openai.com", "/v1/audio/speech"},
    {"api.anthropic.com", "/v1/messages?beta=true"},
    {"generativelanguage.googleapis.com", "/v1beta/models/g:streamGenerateContent?key=k"},
    {"generativelanguage.googleapis.com",
     "/v1beta/models/g:streamGenerateContent?alt=sse"},
    {"generativelanguage.googleapis.com", "/v1beta/models/g:batchEmbedContents"},
    {"aiplatform.googleapis.com", "/v1/projects/p/publishers/google/models/g:predict"},
    {"bedrock-runtime.us-east-1.amazonaws.com", "/model/a%3A0/converse-stream"},
    {"bedrock-runtime.us-east-1.amazonaws.com", "/model/a:0/invoke-with-response-stream"},
    {"bedrock-runtime.us-east-1.amazonaws.com", "/model/%3/invoke"},
    {"api.cohere.com", "/v2/chat"},
    {"api.cohere.com", "/v1/chat"},
    {"api.cohere.com", "/v2/embed"},
    {"localhost", "/api/chat"},
    {"localhost", "/embed"},
    {"localhost", "/generate_stream"},
    {"localhost", "/x/rerank"},
    {"r.openai.azure.com", "/openai/deployments/d/chat/completions"},
};

static const char *const fields[][2] = {
    {"accept", "*/*"},
    {"authorization", "Bearer eyJhbGciOiJub25lIn0.eyJpc3MiOiJpIiwic3ViIjoicyJ9.x"},
    {"authorization",
     "AWS4-HMAC-SHA256 Credential=A/2026/r/bedrock/aws4_request, Signature=x"},
    {"authorization", "Bearer ya29.x"},
    {"content-type", "application/json"},
    {"cache-control", "no-cache"},
    {"content-length", "99999999999999999999"},
    {"anthropic-version", "x"},
};

#define COUNT(LIST) (sizeof(LIST) / sizeof(*(LIST)))

static const struct tenant tenant;

static void hash_keys(const struct request *request, const struct call *call)
{
    uint8_t key[32];
    struct key_hash hash;
    struct buffer identity = {0};
    struct identity_rules rules = {.scope = SCOPE_CREDENTIAL, .uid = 1};
    key_begin(&hash, &tenant, "alias");
    api_alias_key(request, &hash);
    key_end(&hash, key);
    key_begin(&hash, &tenant, "exact");
    if (api_exact_key(request, call, &hash))
        abort();
    key_end(&hash, key);
    api_identity(request, &rules, &identity);
    buffer_free(&identity);
}

/* What is asked for without chance is the same call. */
static void remove_chance(const struct request *request, const struct call *call)
{
    struct buffer body = {0};
    if (call->stochastic && api_without_chance(request, call, &body) == REASON_NONE) {
        struct request changed = *request;
        struct call again;
        changed.body = buffer_span(&body);
        if (api_recognise(&changed, &again) != REASON_NONE ||
            again.operation != call->operation || strcmp(again.model, call->model) != 0)
            abort();
        api_call_free(&again);
    }
    buffer_free(&body);
}

static void judge_answer(const struct call *call, struct span body)
{
    struct response response = {.status = 200, .body = body};
    struct usage usage;
    enum reason reason = api_check(call, &response);
    if (reason == REASON_NONE && body.size == 0)
        abort();
    api_usage(call, &response, &usage);
    if (usage.tokens_cached + usage.tokens_cache_write > usage.tokens_in)
        abort();
    api_estimate(call, body, &response, &usage);
    if (usage.estimated && usage.tokens_in + usage.tokens_out > 64 * body.size + 2)
        abort();
}

/* Bytes from the input as path, host and field, too. */
static void judge_wild(struct span bytes)
{
    struct header field = {span_text("authorization"), bytes};
    struct request request = {.method = span_text("POST"),
                              .host = bytes,
                              .target = bytes,
                              .headers = {&field, 1, 1},
                              .body = bytes};
    struct call call;
    (void)api_known_host(bytes);
    enum reason reason = api_recognise(&request, &call);
    hash_keys(&request, &call);
    if (reason == REASON_NONE)
        judge_answer(&call, bytes);
    api_call_free(&call);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const char *const *target = targets[data[0] % COUNT(targets)];
    const char *const *field = fields[data[1] % COUNT(fields)];
    struct header header = {span_text(field[0]), span_text(field[1])};
    struct span bytes = span_of(data + 2, size - 2);
    size_t cut = span_find(bytes, span_of("", 1));
    struct request request = {.method = span_text("POST"),
                              .tls = true,
                              .host = span_text(target[0]),
                              .port = 443,
                              .target = span_text(target[1]),
                              .headers = {&header, 1, 1},
                              .body = span_of(bytes.at, cut)};
    struct call call;
    if (api_recognise(&request, &call) == REASON_NONE) {
        hash_keys(&request, &call);
        remove_chance(&request, &call);
    }
    judge_answer(&call, span_skip(bytes, cut + 1));
    api_call_free(&call);
    judge_wild(bytes);
    return 0;
}
