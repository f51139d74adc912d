/* SPDX-License-Identifier: MIT */
/* A JSON value in its own order. Pure; any thread. */
#ifndef CORE_API_JSON_COMPACT_H
#define CORE_API_JSON_COMPACT_H

#include "json.h"

/* Appends |text|, which json_valid() accepted, without white space, strings in their one spelling,
 * members in the order in which they stand; without those of json_compact_leaves_out(). */
void json_compact(struct span text, struct buffer *out);
/* True for names of members that only say where a provider shall cache. */
bool json_compact_leaves_out(struct json name);

#endif
