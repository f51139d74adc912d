/* SPDX-License-Identifier: MIT */
/* What a request may say to its provider's prefix cache, and its program has not said. Pure; any
 * thread. */
#ifndef CORE_API_PREFIX_MARK_H
#define CORE_API_PREFIX_MARK_H

#include "api.h"

enum prefix_mark {
    PREFIX_MARK_NONE,
    PREFIX_MARK_KEY, /* OpenAI's prompt_cache_key: who begins alike is answered by the same
                         machine */
    PREFIX_MARK_BREAKPOINTS, /* Anthropic's cache_control, see prefix_breakpoints.h */
    PREFIX_MARK_POINTS,      /* Bedrock's cachePoint, the same for Converse */
    PREFIX_MARK_SALT, /* vLLM's cache_salt: nobody else can tell by the time what was asked */
};

/* The member's name. */
const char *prefix_mark_name(enum prefix_mark mark);

/* Which of them |request|, which |call| was recognised in, could have: NONE where its provider is not
 * known to take it for this model, where its answer would repeat it, where the program has said it itself, and where
 * the request is signed. |salted|: the salt rather than the key. */
enum prefix_mark prefix_mark_of(const struct request *request, const struct call *call,
                                bool salted);
/* Appends the body with |mark|, all other bytes as they are; nothing when there is no place for it. Its
 * value depends on |tenant| and, of a key, on what the prompt begins with: model, tools, system texts
 * or else the first turn, and of those on the first 2 KiB. 0, or -1 when memory is short. */
MUST_USE int prefix_mark_add(const struct request *request, const struct call *call,
                             const struct tenant *tenant, enum prefix_mark mark,
                             struct buffer *out);

#endif
