/* SPDX-License-Identifier: MIT */
/* JSON pointers (RFC 6901): `/messages/0/content`, `~1` for `/`, `~0` for `~`. Pure; any thread. */
#ifndef CORE_API_JSON_POINTER_H
#define CORE_API_JSON_POINTER_H

#include "json.h"

/* True when |pointer| is empty or begins with '/', and every '~' is followed by 0 or 1. */
bool json_pointer_valid(struct span pointer);
/* What |pointer| leads to in text that json_valid() accepted; JSON_KIND_ABSENT: nothing. */
struct json json_at_pointer(struct json value, struct span pointer);

#endif
