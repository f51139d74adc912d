/* SPDX-License-Identifier: MIT */
/* Which entries a command is about: the conditions of `ls` and `purge`. One thread. */
#ifndef TOOLS_FILTER_H
#define TOOLS_FILTER_H

#include "store/each.h"

struct filter {
    const char *host;  /* a pattern of fnmatch(3), letter case ignored; NULL = any */
    const char *model; /* the same */
    const char *key;   /* the beginning of a key in hexadecimal digits; NULL = any */
    bool sensitive;    /* only entries whose prompts hold personal data or secrets */
    int64_t created_before_ms; /* since 1970; 0 = any */
    struct buffer tags;        /* framed texts: an entry must have all of them */
};

/* True when |entry| meets every condition but tags, which are store_each_tagged()'s; one that cannot be opened has neither host nor
 * model. */
bool filter_matches(const struct filter *filter, const struct each_entry *entry);
/* Adds a tag. Ends the command when memory is short. */
void filter_tag(struct filter *filter, const char *text);
/* What is wrong with an entry that cannot be opened; "" for one that can. Static. */
const char *filter_state_text(enum each_state state);
/* True when |text| is 1 to 64 hexadecimal digits; makes them lower case. */
MUST_USE bool filter_key(char *text);
/* Reads an age ("90m", "36h", "7d") in milliseconds. False when |text| is none. */
MUST_USE bool filter_age(const char *text, int64_t *milliseconds);
/* Milliseconds since 1970. */
int64_t filter_now_ms(void);

#endif
