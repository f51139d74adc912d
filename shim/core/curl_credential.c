/* SPDX-License-Identifier: MIT */
/* Basic, Bearer and AWS Signature Version 4, as far as they tell who asks. */
#define CURL_DISABLE_DEPRECATION
#include "curl_credential.h"

/* RFC 4648, section 4. */
static void append_base64(struct buffer *out, struct span bytes)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes.size; i += 3) {
        size_t left = bytes.size - i;
        uint32_t group = (uint32_t)bytes.at[i] << 16;
        if (left > 1)
            group |= (uint32_t)bytes.at[i + 1] << 8;
        if (left > 2)
            group |= bytes.at[i + 2];
        buffer_append_byte(out, (uint8_t)digits[group >> 18]);
        buffer_append_byte(out, (uint8_t)digits[group >> 12 & 63]);
        buffer_append_byte(out, left > 1 ? (uint8_t)digits[group >> 6 & 63] : '=');
        buffer_append_byte(out, left > 2 ? (uint8_t)digits[group & 63] : '=');
    }
}

static void append_basic(struct buffer *out, const struct curl_login *login)
{
    struct buffer plain = {0};
    buffer_append_text(&plain, login->user);
    buffer_append_byte(&plain, ':');
    if (login->password)
        buffer_append_text(&plain, login->password);
    buffer_append_text(out, "Basic ");
    append_base64(out, buffer_span(&plain));
    if (!buffer_ok(&plain))
        out->failed = true;
    if (plain.at)
        explicit_bzero(plain.at, plain.size);
    buffer_free(&plain);
}

/* The |index|-th part of |text| between |border|s; empty when there are not so many. */
static struct span part_of(const char *text, char border, int index)
{
    const char *at = text;
    while (index-- > 0 && at)
        at = (at = strchr(at, border)) ? at + 1 : NULL;
    if (!at)
        return span_of(NULL, 0);
    const char *end = strchr(at, border);
    return end ? span_of(at, (size_t)(end - at)) : span_text(at);
}

/* CURLOPT_AWS_SIGV4: provider1[:provider2[:region[:service]]]; what is missing comes from
 * the host, "service.region.provider". */
static bool append_aws(struct buffer *out, const char *rule,
                       const struct curl_login *login, const char *host)
{
    struct span region = part_of(rule, ':', 2);
    struct span service = part_of(rule, ':', 3);
    if (!login->user || !span_is_nocase(part_of(rule, ':', 0), "aws"))
        return false;
    if (!region.size)
        region = part_of(host, '.', 1);
    if (!service.size)
        service = part_of(host, '.', 0);
    buffer_append_text(out, "AWS4-HMAC-SHA256 Credential=");
    buffer_append_text(out, login->user);
    buffer_append_text(out, "/00000000/");
    buffer_append_span(out, region);
    buffer_append_byte(out, '/');
    buffer_append_span(out, service);
    buffer_append_text(out, "/aws4_request, SignedHeaders=host, Signature=0");
    return true;
}

bool curl_credential(const struct curl_options *options, const struct curl_login *login,
                     const char *host, bool custom, struct buffer *out)
{
    unsigned long way = options->authentication & ~CURLAUTH_ONLY;
    const char *bearer = options->text[CURL_TEXT_BEARER];
    const char *rule = options->text[CURL_TEXT_SIGV4];
    if (custom || way == CURLAUTH_NONE)
        return true;
    if (way == CURLAUTH_AWS_SIGV4 && rule)
        return append_aws(out, rule, login, host);
    if (!login->user && !bearer)
        return true;
    if (bearer && (way == CURLAUTH_BEARER || !login->user)) {
        buffer_append_text(out, "Bearer ");
        buffer_append_text(out, bearer);
        return true;
    }
    if (bearer || way != CURLAUTH_BASIC)
        return false;
    append_basic(out, login);
    return true;
}
