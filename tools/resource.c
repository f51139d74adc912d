/* SPDX-License-Identifier: MIT */
/* See resource.h. */
#include "resource.h"

#include "shim/core/field.h"
#include "shim/core/host_list.h"

#include <sodium.h>

#define PORT 443

/* -- what is asked for ----------------------------------------------------------------- */

/* HOST, HOST:PORT, [ADDRESS], [ADDRESS]:PORT. |*port| stays when there is none. */
static bool split_authority(struct span text, struct span *host, uint16_t *port)
{
    bool literal = span_starts(text, "[");
    size_t end = span_find(text, span_text(literal ? "]" : ":"));
    if (literal && end == text.size)
        return false;
    *host = literal ? span_of(text.at + 1, end - 1) : span_of(text.at, end);
    struct span rest = span_skip(text, end + literal);
    if (host->size == 0)
        return false;
    return rest.size == 0 ||
           (rest.at[0] == ':' && host_list_port(span_skip(rest, 1), port));
}

/* RFC 9112, 3.2.2: a server takes the absolute form, too; its authority replaces the Host field. */
static void take_authority(struct span *target, struct span *authority)
{
    static const char scheme[] = "http://";
    if (target->size < sizeof scheme - 1 ||
        !span_equal_nocase(span_of(target->at, sizeof scheme - 1), span_text(scheme)))
        return;
    struct span rest = span_skip(*target, sizeof scheme - 1);
    size_t size = span_find(rest, span_text("/"));
    *authority = span_of(rest.at, size);
    *target = span_skip(rest, size);
}

static bool asked_by_path(struct span target, struct resource *out)
{
    struct span rest = span_skip(target, 1);
    size_t size = span_find(rest, span_text("/"));
    out->target = span_skip(rest, size);
    return size < rest.size &&
           split_authority(span_of(rest.at, size), &out->host, &out->port);
}

/* The member of |hosts| that |host| is. */
static bool asked_by_name(struct span hosts, struct span host, struct resource *out)
{
    struct span member;
    while (field_names_next(&hosts, &member)) {
        out->port = PORT;
        if (split_authority(member, &out->host, &out->port) &&
            span_equal_nocase(out->host, host))
            return true;
    }
    return false;
}

bool resource_asked(const struct request *request, struct span hosts,
                    struct resource *out)
{
    struct span target = request->target, host;
    struct span authority = span_trim(headers_value(&request->headers, "host"));
    uint16_t port; /* of a proxy or of our own: it says nothing */
    *out = (struct resource){.target = target};
    take_authority(&target, &authority);
    if (!span_starts(target, "/"))
        return false;
    out->target = target;
    if (split_authority(authority, &host, &port) && asked_by_name(hosts, host, out))
        return true;
    out->port = PORT;
    return asked_by_path(target, out);
}

/* -- what was recorded ----------------------------------------------------------------- */

static int hex_value(uint8_t digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    digit |= 0x20;
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* What stands for something else when it is decoded, perhaps twice. */
static bool escape_is_plain(struct span text)
{
    int high = text.size > 2 ? hex_value(text.at[1]) : -1;
    int low = high >= 0 ? hex_value(text.at[2]) : -1;
    int byte = low >= 0 ? high * 16 + low : 0;
    return byte >= 0x20 && byte != 0x7f && !strchr("./\\%;", byte);
}

static bool bytes_are_plain(struct span path)
{
    for (; path.size; path = span_skip(path, 1)) {
        uint8_t byte = path.at[0];
        if (byte <= 0x20 || byte >= 0x7f || byte == '\\' || byte == '#' ||
            (byte == '%' && !escape_is_plain(path)))
            return false;
    }
    return true;
}

/* Some servers cut the parameters behind a semicolon off before they look at the dots. */
static bool segment_is_plain(struct span segment)
{
    struct span name = span_of(segment.at, span_find(segment, span_text(";")));
    return name.size && !span_is(name, ".") && !span_is(name, "..");
}

static bool path_is_plain(struct span path)
{
    if (!span_starts(path, "/") || !bytes_are_plain(path))
        return false;
    for (path = span_skip(path, 1); path.size;) {
        size_t size = span_find(path, span_text("/"));
        if (!segment_is_plain(span_of(path.at, size)))
            return false;
        path = span_skip(path, size + 1);
    }
    return true;
}

bool resource_recorded(const struct request *request, struct resource *out)
{
    struct span host = request->host, target = request->target;
    if (span_starts(host, "[") && span_ends(host, "]"))
        host = span_of(host.at + 1, host.size - 2);
    *out = (struct resource){host, request->port, target};
    return host.size &&
           path_is_plain(span_of(target.at, span_find(target, span_text("?"))));
}

/* -- comparing ------------------------------------------------------------------------- */

static void add(crypto_generichash_state *hash, struct span part)
{
    uint64_t size = part.size;
    crypto_generichash_update(hash, (const uint8_t *)&size, sizeof size);
    crypto_generichash_update(hash, part.at, part.size);
}

static void add_lower(crypto_generichash_state *hash, struct span text)
{
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.at[i];
        if (byte >= 'A' && byte <= 'Z')
            byte |= 0x20;
        crypto_generichash_update(hash, &byte, 1);
    }
}

void resource_digest(const struct resource *resource, uint8_t out[RESOURCE_DIGEST])
{
    crypto_generichash_state hash;
    crypto_generichash_init(&hash, NULL, 0, RESOURCE_DIGEST);
    add(&hash, span_of(&resource->port, sizeof resource->port));
    add(&hash, resource->target);
    add_lower(&hash, resource->host);
    crypto_generichash_final(&hash, out, RESOURCE_DIGEST);
}

bool resource_equal(const struct resource *a, const struct resource *b)
{
    return a->port == b->port && span_equal_nocase(a->host, b->host) &&
           span_equal(a->target, b->target);
}
