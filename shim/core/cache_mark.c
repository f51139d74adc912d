/* SPDX-License-Identifier: MIT */
/* The value of Cache-Status. */
#include "cache_mark.h"

/* RFC 9211, 2.1 and 2.2: a request that went forward is no `hit`, whoever answers it. */
static void append_stale(const struct cache_mark *mark, struct buffer *out)
{
    buffer_append_text(out, "; fwd=stale");
    if (mark->failure) {
        buffer_append_text(out, "; fwd-status=");
        buffer_append_decimal(out, mark->failure);
    }
}

static void append_lifetime(const struct cache_mark *mark, struct buffer *out)
{
    buffer_append_text(out, mark->expired_s ? "; ttl=-" : "; ttl=");
    buffer_append_decimal(out, mark->expired_s);
}

void cache_mark_append(const struct cache_mark *mark, struct buffer *out)
{
    buffer_append_text(out, "preecho");
    if (mark->stale || mark->validated)
        append_stale(mark, out);
    else if (mark->partial)
        buffer_append_text(out, "; fwd=partial");
    else
        buffer_append_text(out, "; hit");
    if (mark->stale || mark->revalidated)
        append_lifetime(mark, out);
    if (mark->edge)
        buffer_append_text(out, "; detail=edge");
}
