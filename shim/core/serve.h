/* SPDX-License-Identifier: MIT */
/* A recorded response as HTTP/1.1 bytes for one particular request: what a hit looks like
 * on the wire. Status, end-to-end fields and body are the recorded ones; framing is the
 * recorded kind (chunks as recorded, or Content-Length) as far as the request allows. */
#ifndef CORE_SERVE_H
#define CORE_SERVE_H

#include "api/record.h"
#include "cache_mark.h"

/* Where a piece of the served bytes ends, for PREECHO_PACE=recorded. */
struct served_piece {
    size_t end;     /* offset in the served bytes, behind the piece */
    uint64_t at_us; /* when it is due, counted from the request's completion */
};

struct served {
    struct buffer bytes;
    bool close; /* the connection ends behind them */
    struct served_piece *pieces;
    size_t piece_count;
};

/* Renders |record|. |http10|: the request spoke HTTP/1.0 (no chunks). |close|: the
 * request asked for Connection: close. |mark|: what Age and Cache-Status say. 0, or -1 when memory is short. Free with served_free() after 0. */
MUST_USE int serve_http1(const struct record *record, bool http10, bool close,
                         const struct cache_mark *mark, struct served *out);
void served_free(struct served *served);

#endif
