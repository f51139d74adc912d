/* SPDX-License-Identifier: MIT */
/* Where two prompts part, and why they probably do. */
#ifndef TOOLS_PREFIX_CAUSE_H
#define TOOLS_PREFIX_CAUSE_H

#include "shim/core/api/prompt_segments.h"

enum prefix_cause {
    CAUSE_TIME,
    CAUSE_UUID,
    CAUSE_COUNTER,
    CAUSE_BILLING, /* a header for billing that stands in the prompt */
    CAUSE_NONCE,   /* letters and digits that say nothing */
    CAUSE_TOOL_ORDER,
    CAUSE_MEMBER_ORDER,
    CAUSE_TOOLS,    /* other tools */
    CAUSE_SETTING,  /* another schema of answers, choice of tools, thinking */
    CAUSE_REMOVED,  /* a turn that stood here before is gone */
    CAUSE_INSERTED, /* a turn has come in before others */
    CAUSE_VOLATILE, /* a short text that changes, and what follows does not */
    CAUSE_TEXT,
    CAUSE_COUNT
};

/* Short, for programs: "timestamp"; and a sentence's part, for people: "a time stamp". */
const char *prefix_cause_name(enum prefix_cause cause);
const char *prefix_cause_text(enum prefix_cause cause);

/* Why two texts part at byte |at|, which is their first difference. Pure. */
enum prefix_cause prefix_cause_of_texts(struct span before, struct span now, size_t at);

/* Where. Free with prefix_place_free(). */
struct prefix_place {
    bool any; /* they do part: neither is the other's beginning */
    enum segment_part part;
    enum prefix_cause cause;
    struct buffer pointer;   /* of the later request's value, RFC 6901 */
    size_t offset;           /* in the value's text: of a string, escapes resolved */
    uint64_t before_bytes;   /* of the prompt, what they have in common */
    struct buffer then, now; /* from shortly before the place on */
};

/* Compares the prompts of two requests that |before_call| and |call| were recognised in. 0, or -1
 * when memory is short. */
MUST_USE int prefix_place_find(const struct call *before_call, struct span before,
                               const struct call *call, struct span now,
                               struct prefix_place *out);
void prefix_place_free(struct prefix_place *place);

#endif
