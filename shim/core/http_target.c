/* SPDX-License-Identifier: MIT */
/* Splits request targets and authorities. */
#include "http_target.h"

/* 0 for what is no port. */
static uint16_t parse_port(struct span text)
{
    unsigned port = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || port > 6553)
            return 0;
        port = port * 10 + (text.at[i] - '0');
    }
    return port <= UINT16_MAX ? (uint16_t)port : 0;
}

/* host [ ":" port ], where the host may be an IPv6 literal in brackets (RFC 3986, 3.2.2).
 */
static void split_authority(struct span authority, struct request *request)
{
    size_t at = span_find(authority, span_text("@"));
    if (at < authority.size)
        authority = span_skip(authority, at + 1);
    size_t literal =
        span_starts(authority, "[") ? span_find(authority, span_text("]")) : 0;
    struct span rest = span_skip(authority, literal);
    size_t colon = literal + span_find(rest, span_text(":"));
    request->host = span_of(authority.at, colon);
    request->port = parse_port(span_skip(authority, colon + 1));
}

static size_t scheme_size(struct span target)
{
    if (span_equal_nocase(span_of(target.at, target.size < 7 ? target.size : 7),
                          span_text("http://")))
        return 7;
    if (span_equal_nocase(span_of(target.at, target.size < 8 ? target.size : 8),
                          span_text("https://")))
        return 8;
    return 0;
}

/* The absolute form (RFC 9112, 3.2.2) names the host, whatever the Host field says. */
static void split_target(struct request *request, size_t scheme)
{
    struct span rest = span_skip(request->target, scheme);
    size_t size = 0;
    while (size < rest.size && rest.at[size] != '/' && rest.at[size] != '?')
        size++;
    split_authority(span_of(rest.at, size), request);
    if (request->port == 0)
        request->port = scheme == 8 ? 443 : 80;
    request->target = size < rest.size ? span_skip(rest, size) : span_text("/");
}

void http_name_host(struct request *request)
{
    size_t scheme = scheme_size(request->target);
    if (scheme)
        split_target(request, scheme);
    else
        split_authority(headers_value(&request->headers, "Host"), request);
}
