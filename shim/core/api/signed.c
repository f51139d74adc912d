/* SPDX-License-Identifier: MIT */
/* Requests whose body is vouched for: by a signature, a digest, or fields behind the body. */
#include "dialect.h"

/* RFC 1864, RFC 3230, RFC 9530, RFC 9421; AWS, Azure, Oracle, Google. */
static const char *const vouching_fields[] = {
    "content-md5",
    "digest",
    "content-digest",
    "repr-digest",
    "signature",
    "signature-input",
    "x-amz-content-sha256",
    "x-amz-trailer",
    "x-amz-sdk-checksum-algorithm",
    "x-ms-content-sha256",
    "x-content-sha256",
    "x-goog-hash",
    "trailer",
};

/* Schemes of Authorization. */
static const char *const vouching_schemes[] = {"AWS4", "Signature", "HMAC"};

static bool begins_nocase(struct span text, const char *prefix)
{
    size_t size = strlen(prefix);
    return text.size >= size && span_is_nocase(span_of(text.at, size), prefix);
}

static bool is_vouching(const struct header *header)
{
    for (size_t i = 0; i < sizeof(vouching_fields) / sizeof(*vouching_fields); i++)
        if (span_is_nocase(header->name, vouching_fields[i]))
            return true;
    if (begins_nocase(header->name, "x-amz-checksum-"))
        return true;
    if (!span_is_nocase(header->name, "authorization"))
        return false;
    for (size_t i = 0; i < sizeof(vouching_schemes) / sizeof(*vouching_schemes); i++)
        if (begins_nocase(header->value, vouching_schemes[i]))
            return true;
    return false;
}

bool request_is_signed(const struct request *request)
{
    for (size_t i = 0; i < request->headers.count; i++)
        if (is_vouching(&request->headers.at[i]))
            return true;
    return query_value(request->target, "X-Amz-Signature").size > 0;
}
