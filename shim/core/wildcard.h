/* SPDX-License-Identifier: MIT */
/* Patterns of a rule: `*` stands for any characters, everything else for itself. Independent of
 * the locale, and never more than |pattern| times |text| steps. Pure; any thread. */
#ifndef CORE_WILDCARD_H
#define CORE_WILDCARD_H

#include "store/bytes.h"

/* True when |pattern| fits all of |text|; |nocase|: whatever the case of ASCII letters. */
bool wildcard_matches(struct span pattern, struct span text, bool nocase);

#endif
