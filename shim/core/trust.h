/* SPDX-License-Identifier: MIT */
/* The list of project files that the user trusts: `trusted` in the configuration directory, a line
 * each: 64 hexadecimal digits (BLAKE2b-256 of the content), a blank, the path. A file that was changed
 * has to be trusted anew. Pure; any thread. */
#ifndef CORE_TRUST_H
#define CORE_TRUST_H

#include "store/bytes.h"

#define TRUST_FILE  "trusted"
#define TRUST_LIMIT ((size_t)1 << 20) /* bytes of the list */

/* True when |list| has |path| with this |content|. */
bool trust_covers(struct span list, const char *path, struct span content);
/* Appends |list| without |path| to |out|; true when it was there. Ask buffer_ok(). */
bool trust_without(struct span list, const char *path, struct buffer *out);
/* Appends the line for |path|, which has no line feed in it. */
void trust_append(const char *path, struct span content, struct buffer *out);

#endif
