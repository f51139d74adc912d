/* SPDX-License-Identifier: MIT */
/* The tags of a recording: those that rules give, and what is known anyway. */
#ifndef CORE_TAGS_H
#define CORE_TAGS_H

#include "api/message.h"
#include "config.h"

#define TAGS_LIMIT 32  /* of one entry */
#define TAG_LIMIT  128 /* bytes; longer ones are cut */

#define TAG_EMBEDDING "layer:embedding" /* an entry of one vector */

/* Appends the tags of |request| to |out|, which holds nothing else, framed, each once: program:, host:,
 * model:, tenant:, repo:, test: (pytest's), run: (GitHub's), and those of the sections in |policy|. The
 * request's body is valid JSON. Ask buffer_ok(). Not for hits: takes some system calls. */
void tags_collect(const struct config *config, const struct policy *policy,
                  const struct policy_facts *facts, const struct request *request,
                  struct buffer *out);

/* What the journal says of a call, hits too: its rules' tags, test:, run: and repo:, each once. System
 * calls are made only where a test may be running. The body is valid JSON, or empty. */
void tags_of_call(const struct config *config, const struct policy *policy,
                  struct span program, const struct request *request, struct buffer *out);

#endif
