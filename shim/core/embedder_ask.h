/* SPDX-License-Identifier: MIT */
/* Asks an embedding model for one text's vector, over a connection of its own. No name is looked up; a
 * deadline holds for all of it, and whatever is not as it has to be is a reason to do without.
 *
 * Never in a host: the call waits. A helper process makes it, which is not preloaded
 * (embedding_job.h). */
#ifndef CORE_EMBEDDER_ASK_H
#define CORE_EMBEDDER_ASK_H

#include "embedder.h"
#include "store/vector.h"

#define EMBEDDER_ANSWER ((size_t)512 << 10) /* bytes of a response, at most */

/* |out|, 13 KiB, is undefined unless EMBEDDED_OK. |text| is UTF-8; what is not becomes U+FFFD. Leaves
 * errno as it was. */
MUST_USE enum embedded embedder_ask(const struct embedder *embedder, struct span text,
                                    struct vector *out);
/* Static text for people. */
const char *embedded_text(enum embedded embedded);

/* The two halves of it, without a network. Appends the request; ask buffer_ok() afterwards. */
void embedder_request(const struct embedder *embedder, struct span text,
                      struct buffer *out);
/* Reads a whole response. */
MUST_USE enum embedded embedder_response(const struct embedder *embedder,
                                         struct span response, struct vector *out);

#endif
