/* SPDX-License-Identifier: MIT */
/* Who asks: the parts of a request that a tenant's keys are derived from. Each part is
 * framed by its length. What rotates (signatures, hourly tokens) is reduced to what
 * stays. */
#include <sodium.h>

#include "dialect.h"
#include "store/memory.h"

/* Fields whose value is a credential or chooses the account. Cookies are not among them:
 * clients hand back whatever a proxy in between has set. */
static const char *const fields[] = {
    "authorization",
    "x-api-key",
    "api-key",
    "apikey",
    "x-goog-api-key",
    "ocp-apim-subscription-key",
    "x-auth-token",
    "x-access-token",
    "x-functions-key",
    "x-litellm-api-key",
    "x-portkey-api-key",
    "x-portkey-virtual-key",
    "x-portkey-config",
    "cf-aig-authorization",
    "helicone-auth",
    "x-amz-region-set",
    "openai-organization",
    "openai-project",
    "chatgpt-account-id",
    "anthropic-workspace-id",
    "x-goog-user-project",
    "x-hf-bill-to",
    "x-databricks-org-id",
};

bool api_secret_header(struct span name)
{
    static const char *const others[] = {"cookie", "proxy-authorization",
                                         "x-amz-security-token"};
    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
        if (span_is_nocase(name, fields[i]))
            return true;
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        if (span_is_nocase(name, others[i]))
            return true;
    return false;
}

/* Tokens that live longer are kept whole: there is no need to find something stable in
 * them, and some vendors' API keys are JWTs that all name the same subject. */
#define SHORT_LIFE 172800 /* two days, in seconds */

static void add_text(struct buffer *out, const char *text)
{
    buffer_append_framed(out, span_text(text));
}

/* Cuts off what stands before |separator|, all of |text| when it does not occur. */
static struct span take_until(struct span *text, const char *separator)
{
    size_t size = span_find(*text, span_text(separator));
    struct span part = span_of(text->at, size);
    *text = span_skip(*text, size + 1);
    return part;
}

/* "Credential=AKID/20261120/us-east-1/bedrock/aws4_request": all but the date
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html). */
static void add_aws_scope(struct span scope, const char *separator, struct buffer *out)
{
    add_text(out, "aws");
    for (unsigned i = 0; scope.size; i++) {
        struct span part = take_until(&scope, separator);
        if (i != 1)
            buffer_append_framed(out, part);
    }
}

static bool add_aws(struct span value, struct buffer *out)
{
    static const char mark[] = "Credential=";
    if (!span_starts(value, "AWS4-"))
        return false;
    size_t at = span_find(value, span_text(mark));
    if (at == value.size)
        return false;
    struct span scope = span_skip(value, at + sizeof(mark) - 1);
    scope = span_trim(take_until(&scope, ","));
    add_aws_scope(scope, "/", out);
    return true;
}

/* The claims (RFC 7519, 4.1; Microsoft Entra's tid, oid, appid) that name the issuer and
 * whom it was issued to. */
static bool add_claims(struct json claims, struct buffer *out)
{
    static const char *const names[] = {"iss",   "sub", "tid",       "oid",
                                        "appid", "azp", "client_id", "aud"};
    uint64_t issued = 0, expires = 0;
    if (!json_u64(json_member(claims, "iat"), &issued) ||
        !json_u64(json_member(claims, "exp"), &expires) || expires < issued ||
        expires - issued > SHORT_LIFE || !json_is_set(json_member(claims, "iss")))
        return false;
    if (!json_is_set(json_member(claims, "sub")) &&
        !json_is_set(json_member(claims, "oid")) &&
        !json_is_set(json_member(claims, "appid")))
        return false;
    add_text(out, "jwt");
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        buffer_append_framed(out, json_member(claims, names[i]).text);
    return true;
}

static bool add_jwt(struct span token, struct buffer *out)
{
    if (!span_starts(token, "eyJ"))
        return false;
    take_until(&token, ".");
    struct span payload = take_until(&token, ".");
    uint8_t *text = payload.size && token.size ? memory_new(payload.size) : NULL;
    size_t size = 0;
    if (!text)
        return false;
    bool good = sodium_base642bin(text, payload.size, (const char *)payload.at,
                                  payload.size, NULL, &size, NULL,
                                  sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
                json_valid(span_of(text, size)) &&
                add_claims(json_of(span_of(text, size)), out);
    sodium_memzero(text, payload.size);
    memory_free(text);
    return good;
}

/* The path's part behind "/projects/". */
static struct span project_of(struct span target)
{
    struct span path = target_path(target), mark = span_text("/projects/");
    struct span rest = span_skip(path, span_find(path, mark) + mark.size);
    return take_until(&rest, "/");
}

/* Google's access tokens are opaque and live an hour; the project in the path pays. */
static bool add_google(struct span token, const struct request *request,
                       struct buffer *out)
{
    struct span project = project_of(request->target);
    if (!span_starts(token, "ya29.") || project.size == 0)
        return false;
    add_text(out, "google");
    buffer_append_framed(out, project);
    return true;
}

static void add_authorization(struct span value, const struct request *request,
                              struct buffer *out)
{
    if (add_aws(value, out))
        return;
    struct span token = value;
    if (span_is_nocase(take_until(&token, " "), "bearer")) {
        token = span_trim(token);
        if (add_google(token, request, out) || add_jwt(token, out))
            return;
    }
    add_text(out, "whole");
    buffer_append_framed(out, value);
}

static void add_parameter(struct span name, struct span value, struct span whole,
                          void *context)
{
    struct buffer *out = context;
    (void)whole;
    if (span_is_nocase(name, "x-amz-date") || span_is_nocase(name, "x-amz-signature") ||
        span_is_nocase(name, "x-amz-security-token"))
        return; /* they change with every signature */
    buffer_append_framed(out, name);
    if (span_is_nocase(name, "x-amz-credential"))
        add_aws_scope(value, span_find(value, span_text("/")) < value.size ? "/" : "%",
                      out);
    else
        buffer_append_framed(out, value);
}

static void add_credentials(const struct request *request, struct buffer *out)
{
    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
        for (size_t j = 0; j < request->headers.count; j++) {
            struct header header = request->headers.at[j];
            if (!span_is_nocase(header.name, fields[i]))
                continue;
            add_text(out, fields[i]);
            if (i == 0)
                add_authorization(span_trim(header.value), request, out);
            else
                buffer_append_framed(out, span_trim(header.value));
        }
    }
    add_text(out, "query");
    query_each(request->target, true, add_parameter, out);
}

void api_identity(const struct request *request, const struct identity_rules *rules,
                  struct buffer *out)
{
    static const char *const scopes[] = {"credential", "tenant", "user"};
    add_text(out, "preecho identity 1");
    add_text(out, scopes[rules->scope]);
    buffer_append_framed(out, rules->tenant);
    if (rules->scope == SCOPE_TENANT)
        return;
    buffer_append_u32(out, rules->uid);
    if (rules->scope == SCOPE_CREDENTIAL)
        add_credentials(request, out);
}
