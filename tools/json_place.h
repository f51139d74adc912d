/* SPDX-License-Identifier: MIT */
/* Which value a byte of a JSON text lies in. Pure; any thread. */
#ifndef TOOLS_JSON_PLACE_H
#define TOOLS_JSON_PLACE_H

#include "shim/core/api/json.h"

/* |text| is what json_valid() accepted, |at| one of its bytes. Appends the JSON pointer of the value
 * there to |pointer|; |*offset| is the byte's place in it: of a string, in its text, escapes
 * resolved. */
void json_place(struct span text, size_t at, struct buffer *pointer, size_t *offset);

#endif
