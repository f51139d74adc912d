/* SPDX-License-Identifier: MIT */
/* A request as its provider strings it together: tools, then system texts, then the conversation.
 * What two requests have in common at the front of that, the provider's prefix cache can have read
 * once. The order stands in each form's table (dialect.h); requests of other forms are taken in
 * the order of their members. Pure functions, any thread; nothing recurses. */
#ifndef CORE_API_PROMPT_SEGMENTS_H
#define CORE_API_PROMPT_SEGMENTS_H

#include "json.h"

struct call;

enum segment_part {
    SEGMENT_TOOLS,
    SEGMENT_SETTINGS, /* what changes how later parts are read: a schema of answers, thinking */
    SEGMENT_SYSTEM,
    SEGMENT_TURNS,
    SEGMENT_PARTS
};

/* Views that live during the visit. */
struct segment {
    enum segment_part part;
    struct span pointer; /* RFC 6901, within the body */
    struct span
        name; /* what it is within its item: "content", "tool_calls/function/name";
                            alike for a text and a list of one text */
    struct span text; /* the string, escapes resolved; or |json| */
    bool
        json; /* a value whose text matters to the provider down to the order of its members:
                   spelled without white space, otherwise as it is */
    bool media; /* a picture or the like: its size says nothing about tokens */
};

/* False ends the walk. */
typedef bool segment_visit(const struct segment *segment, void *context);

enum segments_result {
    SEGMENTS_KNOWN,     /* in the provider's order */
    SEGMENTS_GUESSED,   /* in that of the members: the form says nothing */
    SEGMENTS_NONE,      /* this operation writes nothing after a prompt */
    SEGMENTS_NO_MEMORY, /* some are missing */
};

/* Visits them. |call| is what a request with |body| was recognised as. What only marks where to
 * cache ("cache_control") is no segment, nor a part of one; neither is what is null or empty. */
MUST_USE enum segments_result prompt_segments_each(const struct call *call,
                                                   struct span body, segment_visit *visit,
                                                   void *context);
const char *segment_part_name(enum segment_part part);

#endif
