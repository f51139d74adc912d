/* SPDX-License-Identifier: MIT */
/* Where two JSON texts differ. Pure functions, any thread; nothing recurses. */
#ifndef CORE_API_JSON_DIFFERENCE_H
#define CORE_API_JSON_DIFFERENCE_H

#include "json.h"

/* How much two texts have in common: values without members of their own (numbers, texts,
 * {} …) that stand at the same place and are equal, and places at which they differ. A
 * member that only one of them has is one such place, whatever is in it. */
struct json_likeness {
    size_t equal;
    size_t different;
};

/* Called for each place at which they differ, in the texts' order. |pointer| is a JSON
 * pointer (RFC 6901), valid during the call; a value that is not there is
 * JSON_KIND_ABSENT. False: no more calls (the count goes on). */
typedef bool json_difference_visit(void *context, struct span pointer, struct json left,
                                   struct json right);

/* Compares two texts in the form of json_canonical(). |visit| may be NULL. 0, or -1 when
 * memory is short: |likeness| counts what was seen by then. */
MUST_USE int json_difference(struct span left, struct span right,
                             json_difference_visit *visit, void *context,
                             struct json_likeness *likeness);

/* A bounded piece of each value, from shortly before their first difference on: two long
 * texts with the same beginning are told apart. Whole characters, marked with "..." where
 * something is left out. Appended to the buffers. */
void json_excerpt(struct json left, struct json right, size_t most,
                  struct buffer *left_out, struct buffer *right_out);

#endif
