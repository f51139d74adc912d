/* SPDX-License-Identifier: MIT */
/* Changing one member of a JSON text and nothing else. Pure; any thread. */
#ifndef CORE_API_REWRITE_H
#define CORE_API_REWRITE_H

#include "json.h"

/* Appends |body|, an object that json_valid() has accepted, with |value|, a JSON text, where one of
 * |paths| ("a/b|c/b", no "*") leads to. That is the first one with a member there, which is
 * replaced; else the first one whose containers are there; else the first one. What is missing on
 * its way is made, at the front of its container; a container that is null counts as missing.
 * 0, or -1: a value on the way is no container. Ask buffer_ok() afterwards. */
MUST_USE int rewrite_member(struct span body, const char *paths, const char *value,
                            struct buffer *out);

#endif
