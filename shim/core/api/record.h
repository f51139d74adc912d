/* SPDX-License-Identifier: MIT */
/* The payload of a store entry: a request and its response, packed. Versioned,
 * length-checked, fuzzed. Credentials never go in: the request's headers are reduced to
 * those that are part of the key, its target is the public one. Response headers lose
 * what is hop-by-hop, Set-Cookie and rate limits (see record.c for the list); the body is
 * decoded and otherwise untouched. */
#ifndef CORE_API_RECORD_H
#define CORE_API_RECORD_H

#include "api.h"

/* An unpacked record; the spans point into the packed bytes, which must outlive it. */
struct record {
    struct request request;
    struct response response;
    struct span
        level; /* what the recording level added, opaque here (libcurl: getinfo values) */
    struct piece *piece_memory;
};

/* Appends the packed record to |out| (check buffer_ok()). |level| may be empty. */
void record_pack(const struct request *request, const struct response *response,
                 struct span level, struct buffer *out);
/* The same for a body that is still to be made: record_pack_begin(), which leaves |response|'s out,
 * then it is appended to |out|, then record_pack_end() with what the former has returned. */
size_t record_pack_begin(const struct request *request, const struct response *response,
                         struct buffer *out);
void record_pack_end(size_t begun, const struct response *response, struct span level,
                     struct buffer *out);
/* True when a record keeps the response field |name| of |headers|. */
bool record_keeps(const struct headers *headers, struct span name);
/* Likewise when it answers a GET: RFC 9111, 3.1. */
bool record_keeps_edge(const struct headers *headers, struct span name);
/* 0, or -1 when |packed| is not a record of this version or memory is short. Free after
 * 0. */
MUST_USE int record_unpack(struct span packed, struct record *record);
void record_free(struct record *record);

#endif
