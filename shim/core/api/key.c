/* SPDX-License-Identifier: MIT */
/* What makes two requests the same. */
#include "dialect.h"

/* Changes whenever the meaning of the parts does: old entries are then never found again.
 */
#define KEY_VERSION "preecho key 1"

/* Fields that change the answer: versions and features of the dialects, and the gateways'
 * choice of who answers. */
static const char *const key_headers[] = {
    "anthropic-version",
    "anthropic-beta",
    "openai-beta",
    "x-goog-fieldmask",
    "x-amzn-bedrock-accept",
    "x-amzn-bedrock-guardrailidentifier",
    "x-amzn-bedrock-guardrailversion",
    "x-amzn-bedrock-trace",
    "extra-parameters",
    "azureml-model-deployment",
    "x-ms-model-mesh-model-name",
    "x-portkey-provider",
    "x-portkey-config",
    "x-portkey-custom-host",
    "helicone-target-url",
    "helicone-target-provider",
    "helicone-openai-api-base",
    "x-use-cache",
};

bool key_header(struct span name)
{
    for (size_t i = 0; i < sizeof(key_headers) / sizeof(*key_headers); i++)
        if (span_is_nocase(name, key_headers[i]))
            return true;
    return false;
}

static void add_text(struct key_hash *hash, const char *text)
{
    key_part(hash, span_text(text));
}

static void add_number(struct key_hash *hash, uint64_t number)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(number >> (8 * i));
    key_part(hash, span_of(bytes, sizeof(bytes)));
}

/* The fields of the list, in the list's order whatever their order in the request, and
 * |extra|. */
static void add_headers(struct key_hash *hash, const struct headers *headers,
                        const char *extra)
{
    size_t count = sizeof(key_headers) / sizeof(*key_headers);
    for (size_t i = 0; i <= count; i++) {
        const char *name = i < count ? key_headers[i] : extra;
        for (size_t j = 0; name && j < headers->count; j++) {
            if (!span_is_nocase(headers->at[j].name, name))
                continue;
            add_text(hash, name);
            key_part(hash, span_trim(headers->at[j].value));
        }
    }
    add_text(hash, "");
}

static void add_parameter(struct span name, struct span value, struct span whole,
                          void *context)
{
    (void)name;
    (void)value;
    key_part(context, whole);
}

/* In lower case (RFC 9110, 4.2.3), in pieces, since the keys must not depend on memory.
 */
static void add_host(struct key_hash *hash, struct span host)
{
    uint8_t piece[64];
    add_number(hash, host.size);
    for (size_t at = 0; at < host.size; at += sizeof(piece)) {
        size_t size = 0;
        for (; size < sizeof(piece) && at + size < host.size; size++) {
            uint8_t byte = host.at[at + size];
            piece[size] = byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
        }
        key_part(hash, span_of(piece, size));
    }
}

void key_upstream(struct key_hash *hash, const struct request *request)
{
    add_text(hash, !request->tls         ? "http"
                   : request->unverified ? "https, unverified"
                                         : "https");
    add_host(hash, request->host);
    add_number(hash, request->port);
    key_part(hash, target_path(request->target));
    query_each(request->target, false, add_parameter, hash);
    add_text(hash, "");
}

int api_exact_key(const struct request *request, const struct call *call,
                  struct key_hash *hash)
{
    add_text(hash, KEY_VERSION);
    add_text(hash, api_dialect_name(call));
    add_text(hash, api_operation_name(call));
    key_upstream(hash, request);
    /* Bedrock's InvokeModel answers in the form that Accept names. */
    add_headers(hash, &request->headers,
                call->dialect == &dialect_bedrock ? "accept" : NULL);
    key_part(hash, buffer_span(&call->canonical));
    return 0;
}

void api_alias_key(const struct request *request, struct key_hash *hash)
{
    add_text(hash, KEY_VERSION);
    key_part(hash, request->method);
    key_upstream(hash, request);
    add_headers(hash, &request->headers, "accept");
    key_part(hash, span_trim(headers_value(&request->headers, "content-type")));
    key_part(hash, span_trim(headers_value(&request->headers, "content-encoding")));
    key_part(hash, request->body);
}
