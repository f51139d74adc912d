/* SPDX-License-Identifier: MIT */
/* See edge_control.h. */
#include "edge_control.h"

#include "edge_list.h"

/* RFC 9111, 1.2.2. */
static bool parse_seconds(struct span text, uint64_t *seconds)
{
    *seconds = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        *seconds = *seconds * 10 + (uint64_t)(text.at[i] - '0');
        if (*seconds > EDGE_SECONDS_MOST)
            *seconds = EDGE_SECONDS_MOST;
    }
    return text.size > 0;
}

/* RFC 9111, 4.2.1: of several values none can be trusted. */
static void set_seconds(struct edge_seconds *out, struct span value)
{
    uint64_t seconds;
    bool good = parse_seconds(value, &seconds);
    out->invalid = !good || (out->said && (out->invalid || out->seconds != seconds));
    out->said = true;
    out->seconds = good ? seconds : 0;
}

static struct edge_seconds *number_of(struct edge_control *out, struct span name)
{
    if (span_is_nocase(name, "max-age"))
        return &out->max_age;
    if (span_is_nocase(name, "max-stale"))
        return &out->max_stale;
    if (span_is_nocase(name, "min-fresh"))
        return &out->min_fresh;
    if (span_is_nocase(name, "stale-while-revalidate"))
        return &out->stale_while_revalidate;
    return span_is_nocase(name, "stale-if-error") ? &out->stale_if_error : NULL;
}

static bool *switch_of(struct edge_control *out, struct span name)
{
    if (span_is_nocase(name, "no-store"))
        return &out->no_store;
    if (span_is_nocase(name, "no-cache"))
        return &out->no_cache;
    if (span_is_nocase(name, "must-revalidate"))
        return &out->must_revalidate;
    if (span_is_nocase(name, "only-if-cached"))
        return &out->only_if_cached;
    if (span_is_nocase(name, "no-transform"))
        return &out->no_transform;
    if (span_is_nocase(name, "public"))
        return &out->public;
    if (span_is_nocase(name, "private"))
        return &out->private;
    return span_is_nocase(name, "immutable") ? &out->immutable : NULL;
}

static void read_directive(struct edge_control *out, struct span name, struct span value)
{
    struct edge_seconds *number = number_of(out, name);
    bool *whole = switch_of(out, name);
    if (number == &out->max_stale && !value.at)
        out->any_stale = true;
    else if (number)
        set_seconds(number, value);
    /* With names no-cache speaks of these fields alone. */
    else if (whole && !(whole == &out->no_cache && value.size))
        *whole = true;
}

void edge_control_read(const struct headers *headers, struct edge_control *out)
{
    struct edge_list list = edge_list_begin(headers, "Cache-Control");
    struct span element, name, value;
    *out = (struct edge_control){0};
    while (edge_list_next(&list, &element)) {
        edge_list_part(element, &name, &value);
        read_directive(out, name, value);
    }
    if (headers_find(headers, "Cache-Control"))
        return;
    list = edge_list_begin(headers, "Pragma");
    while (edge_list_next(&list, &element))
        out->no_cache = out->no_cache || span_is_nocase(element, "no-cache");
}

static bool names(struct span list, struct span name)
{
    while (list.size) {
        size_t size = span_find(list, span_text(","));
        if (span_equal_nocase(span_trim(span_of(list.at, size)), name))
            return true;
        list = span_skip(list, size + 1);
    }
    return false;
}

bool edge_control_withholds(const struct headers *headers, struct span field)
{
    struct edge_list list = edge_list_begin(headers, "Cache-Control");
    struct span element, name, value;
    while (edge_list_next(&list, &element)) {
        edge_list_part(element, &name, &value);
        if (span_is_nocase(name, "no-cache") && names(value, field))
            return true;
    }
    return false;
}
