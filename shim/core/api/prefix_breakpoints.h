/* SPDX-License-Identifier: MIT */
/* Anthropic's `cache_control`, and Bedrock's `cachePoint`: behind which parts of a prompt the provider shall keep what it has read.
 * Any thread. */
#ifndef CORE_API_PREFIX_BREAKPOINTS_H
#define CORE_API_PREFIX_BREAKPOINTS_H

#include "api.h"

/* Appends |request|'s body, which |call| was recognised in, with up to three breakpoints: behind the
 * tools, the system texts, and the last turn that is there again. Each only where this process has
 * asked |tenant|'s question with the same beginning before (of the latest few thousand beginnings),
 * and where that is as long as the provider asks for. Nothing is appended where there is none. A text
 * that is to carry one becomes a list of it; all other bytes are as they were. 0, or -1 when memory is
 * short. */
MUST_USE int prefix_breakpoints_add(const struct request *request,
                                    const struct call *call, const struct tenant *tenant,
                                    struct buffer *out);

#endif
