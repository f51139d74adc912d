/* SPDX-License-Identifier: MIT */
/* The last user message of a request, and everything else of it: what the semantic layer compares by
 * meaning, and what must be equal. Only requests that are made of words alone have one: no tools, no
 * pictures, no files, no results of tools, whoever they say is their author; the last turn is the
 * user's. Of all others, and of dialects whose turns are not known for certain, nothing is said.
 * Pure functions; any thread. */
#ifndef CORE_API_QUESTION_H
#define CORE_API_QUESTION_H

#include "api.h"
#include "lexical.h"

struct question {
    struct buffer text; /* the message, as UTF-8 */
    struct buffer rest; /* the body's canonical form with nothing in its place */
    struct lexical
        *read; /* |text|, when question_key() has found that it has a key; else NULL */
};

enum question_result {
    QUESTION_FOUND = 0,
    QUESTION_NONE = 1,   /* none that could be compared */
    QUESTION_MEMORY = 2, /* memory is short */
};

/* Fills |out|, all zeroes or filled before, which is the caller's to free whatever the result. |call|
 * is what api_recognise() found cacheable in a request with |body|; |more| as in api_canonicalise(). */
MUST_USE enum question_result question_of(const struct call *call, struct span body,
                                          struct json_ignoring *more,
                                          struct question *out);
/* The lexical key of its text, as lexical_key() says, unless the rest makes the text's form count. */
MUST_USE enum lexical_verdict question_key(struct question *question,
                                           struct lexical_key *key);
/* Afterwards, where it has one: the key of the text with misspelt words put right, as lexical_make()
 * says. */
MUST_USE enum lexical_verdict question_fold(const struct question *question,
                                            const struct vocabulary *vocabulary,
                                            struct lexical_key *key);
void question_free(struct question *question);

#endif
