/* SPDX-License-Identifier: MIT */
/* See condition.h. The order is that of RFC 9110, 13.2.2. */
#include "condition.h"

#include "shim/core/api/edge_date.h"
#include "shim/core/api/edge_list.h"

/* A Last-Modified within this time before the recording may stand for two contents (8.8.2.2). */
#define SETTLED_S 60

static bool tag_equals(struct span tag, struct span etag, bool weakly)
{
    if (weakly && span_starts(tag, "W/"))
        tag = span_skip(tag, 2);
    return span_equal(tag, etag);
}

/* True when the list of the field |name| has |etag|, or is `*`. */
static bool is_listed(const struct headers *headers, const char *name, struct span etag,
                      bool weakly)
{
    struct edge_list list = edge_list_begin(headers, name);
    struct span tag;
    while (edge_list_next(&list, &tag))
        if (span_is(tag, "*") || tag_equals(tag, etag, weakly))
            return true;
    return false;
}

/* The date in the field |name|; false when there is none, or more than one. */
static bool date_of(const struct headers *headers, const char *name, int64_t now_s,
                    int64_t *seconds)
{
    unsigned count = 0;
    for (size_t i = 0; i < headers->count; i++)
        count += span_is_nocase(headers->at[i].name, name);
    return count == 1 &&
           edge_date_parse(span_trim(headers_value(headers, name)), now_s, seconds);
}

/* If-Match, If-Unmodified-Since. */
static bool is_wanted(const struct headers *headers, const struct validators *validators,
                      int64_t now_s)
{
    int64_t since;
    if (headers_find(headers, "if-match"))
        return is_listed(headers, "if-match", validators->etag, false);
    return !validators->dated ||
           !date_of(headers, "if-unmodified-since", now_s, &since) ||
           validators->modified_s <= since;
}

/* If-None-Match, If-Modified-Since. */
static bool is_known(const struct headers *headers, const struct validators *validators,
                     int64_t now_s)
{
    int64_t since;
    if (headers_find(headers, "if-none-match"))
        return is_listed(headers, "if-none-match", validators->etag, true);
    return validators->dated && date_of(headers, "if-modified-since", now_s, &since) &&
           validators->modified_s <= since;
}

enum condition condition_of(const struct headers *headers,
                            const struct validators *validators, int64_t now_s)
{
    if (!is_wanted(headers, validators, now_s))
        return CONDITION_FAILED;
    return is_known(headers, validators, now_s) ? CONDITION_NOT_MODIFIED : CONDITION_SEND;
}

bool condition_allows_range(const struct headers *headers,
                            const struct validators *validators, int64_t now_s)
{
    int64_t since;
    if (!headers_find(headers, "if-range"))
        return true;
    struct span value = span_trim(headers_value(headers, "if-range"));
    if (span_ends(value, "\""))
        return tag_equals(value, validators->etag, false);
    return validators->dated && date_of(headers, "if-range", now_s, &since) &&
           since == validators->modified_s &&
           validators->modified_s + SETTLED_S <= validators->created_s;
}
