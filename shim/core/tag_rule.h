/* SPDX-License-Identifier: MIT */
/* A rule's tag as it is written: `TEXT`, or `TEMPLATE from SOURCE [matching REGEX]`. SOURCE is `path`
 * (without the query), `header:NAME` or `body:/json/pointer`; in TEMPLATE `\0` is what REGEX matched
 * (without one: all of it), `\1` to `\9` its groups, `\\` a backslash. Pure; any thread. */
#ifndef CORE_TAG_RULE_H
#define CORE_TAG_RULE_H

#include "api/message.h"

enum tag_source { TAG_FIXED, TAG_PATH, TAG_HEADER, TAG_BODY };

struct tag_rule {
    enum tag_source source;
    struct span template;
    struct span name;    /* of the header; the pointer */
    struct span pattern; /* empty: none */
};

/* What is wrong with |text|, static, as in "has no source behind `from`"; NULL: nothing. */
MUST_USE const char *tag_rule_problem(struct span text);
/* Appends the tag of |request|, whose body is valid JSON, or nothing where there is none. |text| has
 * no problem. Ask buffer_ok(). */
void tag_rule_apply(struct span text, const struct request *request, struct buffer *out);

#endif
