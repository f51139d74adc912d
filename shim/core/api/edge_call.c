/* SPDX-License-Identifier: MIT */
/* See edge_call.h. */
#include "edge_call.h"

#include "dialect.h"
#include "edge_list.h"

/* Changes whenever the meaning of the parts does. */
#define KEY_VERSION "preecho edge key 1"

static const struct operation operation_edge = {.name = "edge"};
static const struct dialect dialect_http = {.name = "http"};

bool edge_call_method(struct span method)
{
    return span_is(method, "GET") || span_is(method, "HEAD");
}

bool edge_call_is(struct span operation)
{
    return span_is(operation, operation_edge.name) ||
           span_is(operation, EDGE_WRITTEN_OPERATION);
}

bool edge_call_safe(struct span method)
{
    return edge_call_method(method) || span_is(method, "OPTIONS") ||
           span_is(method, "TRACE");
}

void edge_call_of(const struct request *request, struct call *call)
{
    const struct dialect *dialect = dialect_of(request->host);
    *call = (struct call){.dialect = dialect ? dialect : &dialect_http,
                          .operation = &operation_edge,
                          .choices = 1};
}

static bool contains(struct span name, const char *part)
{
    size_t size = strlen(part);
    for (; name.size >= size; name = span_skip(name, 1))
        if (span_is_nocase(span_of(name.at, size), part))
            return true;
    return false;
}

/* The identity has the usual ones; whoever invents others calls them something like this. */
bool edge_call_is_secret(struct span name)
{
    static const char *const parts[] = {"auth", "token",   "secret",    "session",
                                        "key",  "account", "credential"};
    if (span_is_nocase(name, "cookie"))
        return true;
    if (api_secret_header(name))
        return false;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (contains(name, parts[i]))
            return true;
    return false;
}

/* Servers forget to say that they look at Accept. */
static bool is_vital(struct span name)
{
    return key_header(name) || span_is_nocase(name, "accept");
}

/* In lower case, in pieces, since the keys must not depend on memory. */
static void add_name(struct key_hash *hash, struct span name)
{
    uint8_t piece[32];
    while (name.size) {
        size_t size = 0;
        for (; size < sizeof piece && size < name.size; size++) {
            uint8_t byte = name.at[size];
            piece[size] = byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
        }
        key_part(hash, span_of(piece, size));
        name = span_skip(name, size);
    }
    key_part(hash, (struct span){0});
}

static void add_fields(struct key_hash *hash, const struct headers *headers,
                       bool (*belongs)(struct span name))
{
    for (size_t i = 0; i < headers->count; i++) {
        const struct header *header = &headers->at[i];
        if (!belongs(header->name))
            continue;
        add_name(hash, header->name);
        key_part(hash, span_trim(header->value));
    }
    key_part(hash, (struct span){0});
}

void edge_call_key(const struct request *request, struct key_hash *hash)
{
    key_part(hash, span_text(KEY_VERSION));
    key_upstream(hash, request);
    add_fields(hash, &request->headers, edge_call_is_secret);
}

/* Every line, and of each its elements: blanks around them mean nothing. */
static void add_values(struct key_hash *hash, const struct headers *headers,
                       struct span name)
{
    for (size_t i = 0; i < headers->count; i++) {
        struct edge_list list = {.headers = &(struct headers){0},
                                 .left = headers->at[i].value};
        struct span element;
        if (!span_equal_nocase(headers->at[i].name, name))
            continue;
        key_part(hash, span_text("said"));
        while (edge_list_next(&list, &element))
            key_part(hash, element);
    }
    key_part(hash, (struct span){0});
}

void edge_call_variant(const struct request *request, const struct headers *response,
                       struct key_hash *hash)
{
    struct edge_list list = edge_list_begin(response, "Vary");
    struct span name;
    add_fields(hash, &request->headers, is_vital);
    while (edge_list_next(&list, &name)) {
        add_name(hash, name);
        add_values(hash, &request->headers, name);
    }
}
