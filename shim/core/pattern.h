/* SPDX-License-Identifier: MIT */
/* Regular expressions of rules: POSIX extended ones (regex(7)), matched in the program's own locale.
 * They are compiled where they are used and belong to one thread at a time: a compiled one has a lock
 * inside, which a forked child might find held. */
#ifndef CORE_PATTERN_H
#define CORE_PATTERN_H

#include "store/bytes.h"

#include <regex.h>

#define PATTERN_GROUPS 10

/* What is wrong with |text|, static, as in "is no regular expression"; NULL: nothing. Back references
 * are refused, since matching them can take for ever, and unless |may_be_empty| what matches the
 * empty text. */
MUST_USE const char *pattern_problem(struct span text, bool may_be_empty);
/* True: |*out| is to be freed with regfree(3). False: no such expression, or memory is short. */
MUST_USE bool pattern_compile(struct span text, regex_t *out);
/* The first match in |text| at |from| or behind; false: none. */
bool pattern_find(const regex_t *pattern, struct span text, size_t from, size_t count,
                  regmatch_t groups[PATTERN_GROUPS]);

#endif
