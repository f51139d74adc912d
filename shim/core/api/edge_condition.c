/* SPDX-License-Identifier: MIT */
/* See edge_condition.h. */
#include "edge_condition.h"

#include "edge_date.h"
#include "edge_list.h"
#include "record.h"

bool edge_condition_is_foreign(const struct headers *request)
{
    return headers_find(request, "Range") || headers_find(request, "If-Range") ||
           headers_find(request, "If-Match") ||
           headers_find(request, "If-Unmodified-Since");
}

bool edge_condition_asked(const struct headers *request)
{
    return headers_find(request, "If-None-Match") ||
           headers_find(request, "If-Modified-Since");
}

/* -- the program's ------------------------------------------------------------------------ */

/* RFC 9110, 8.8.3.2: the weak comparison. */
static bool same_tag(struct span a, struct span b)
{
    if (span_starts(a, "W/"))
        a = span_skip(a, 2);
    if (span_starts(b, "W/"))
        b = span_skip(b, 2);
    return a.size >= 2 && a.at[0] == '"' && span_equal(a, b);
}

static bool lists_tag(const struct headers *request, struct span tag)
{
    struct edge_list list = edge_list_begin(request, "If-None-Match");
    struct span element;
    while (edge_list_next(&list, &element))
        if (span_is(element, "*") || same_tag(element, tag))
            return true;
    return false;
}

/* The stored date that counts (RFC 9111, 4.3.2): of the change, else of the answer. */
static bool is_unmodified_since(const struct headers *stored, int64_t limit_s,
                                int64_t now_s)
{
    int64_t changed_s;
    if (edge_date_parse(headers_value(stored, "Last-Modified"), now_s, &changed_s) ||
        edge_date_parse(headers_value(stored, "Date"), now_s, &changed_s))
        return changed_s <= limit_s;
    return false;
}

bool edge_condition_unmodified(const struct headers *request,
                               const struct headers *stored, int64_t now_s)
{
    int64_t limit_s;
    if (headers_find(request, "If-None-Match"))
        return lists_tag(request, span_trim(headers_value(stored, "ETag")));
    return edge_date_parse(headers_value(request, "If-Modified-Since"), now_s,
                           &limit_s) &&
           is_unmodified_since(stored, limit_s, now_s);
}

/* -- ours --------------------------------------------------------------------------------- */

static bool is_tag(struct span tag)
{
    return same_tag(tag, tag);
}

bool edge_condition_possible(const struct headers *stored)
{
    return is_tag(span_trim(headers_value(stored, "ETag"))) ||
           headers_value(stored, "Last-Modified").size;
}

static void append_line(struct buffer *out, const char *name, struct span value)
{
    buffer_append_text(out, name);
    buffer_append_text(out, ": ");
    buffer_append_span(out, value);
    buffer_append_text(out, "\r\n");
}

void edge_condition_make(const struct headers *stored, struct buffer *out)
{
    struct span tag = span_trim(headers_value(stored, "ETag"));
    struct span changed = span_trim(headers_value(stored, "Last-Modified"));
    if (is_tag(tag))
        append_line(out, "If-None-Match", tag);
    if (changed.size)
        append_line(out, "If-Modified-Since", changed);
}

/* RFC 9111, 4.3.4: what it names must be what is stored, a strong tag the same strong one; naming
 * nothing it means what it was asked about. */
bool edge_condition_confirms(const struct headers *fields, const struct headers *stored,
                             int64_t now_s)
{
    struct span tag = span_trim(headers_value(fields, "ETag"));
    int64_t changed_s, stored_s;
    struct span stored_tag = span_trim(headers_value(stored, "ETag"));
    if (tag.size)
        return same_tag(tag, stored_tag) &&
               (span_starts(tag, "W/") || span_equal(tag, stored_tag));
    if (!edge_date_parse(headers_value(fields, "Last-Modified"), now_s, &changed_s))
        return true;
    return !edge_date_parse(headers_value(stored, "Last-Modified"), now_s, &stored_s) ||
           changed_s == stored_s;
}

/* -- updating ------------------------------------------------------------------------------- */

/* RFC 9111, 3.2: neither what belongs to one message nor what the stored bytes depend on. */
static bool is_updated(const struct headers *fields, struct span name)
{
    static const char *const kept[] = {"Content-Encoding", "Content-Type",
                                       "Content-Range", "Content-Length"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (span_is_nocase(name, kept[i]))
            return false;
    return record_keeps_edge(fields, name);
}

static bool replaces(const struct headers *fields, struct span name)
{
    for (size_t i = 0; i < fields->count; i++)
        if (span_equal_nocase(fields->at[i].name, name))
            return is_updated(fields, name);
    return false;
}

int edge_condition_update(const struct headers *stored, const struct headers *fields,
                          struct headers *out)
{
    for (size_t i = 0; i < stored->count; i++) {
        const struct header *header = &stored->at[i];
        if (!replaces(fields, header->name) &&
            headers_add(out, header->name, header->value) != 0)
            return -1;
    }
    for (size_t i = 0; i < fields->count; i++) {
        const struct header *header = &fields->at[i];
        if (is_updated(fields, header->name) &&
            headers_add(out, header->name, header->value) != 0)
            return -1;
    }
    return 0;
}
