/* SPDX-License-Identifier: MIT */
/* The texts of a request that make its prompt: what a person or a program has written, and the
 * earlier answers, calls of tools and their results that are sent along. No pictures, sound,
 * tokens, schemas of tools or settings. Where they stand is said by each form's table in
 * dialect.h. Pure functions, any thread. */
#ifndef CORE_API_PROMPT_H
#define CORE_API_PROMPT_H

#include "json.h"

struct call;

/* Who has written a text. */
enum prompt_role {
    PROMPT_UNSAID, /* nobody says: what is to be embedded, ranked, judged */
    PROMPT_SYSTEM, /* instructions by the program's maker */
    PROMPT_USER,
    PROMPT_MODEL, /* an earlier answer, or what it asked a tool */
    PROMPT_TOOL,  /* what a tool has returned */
};

/* |text| is a string of the body: see json_append_text(). False ends the walk. */
typedef bool prompt_visit(struct json text, enum prompt_role role, void *context);

/* Visits every text once, empty ones and data: URLs left out: part by part as the form's table
 * lists them, within a part as in the body. |call| is what api_recognise() found cacheable in a
 * request with |body|. False when a visit returned false. */
bool prompt_each(const struct call *call, struct span body, prompt_visit *visit,
                 void *context);

#endif
