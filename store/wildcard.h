/* SPDX-License-Identifier: MIT */
/* Patterns of rules and prices: `*` stands for any characters, everything else for itself.
 * Independent of the locale, never more than |pattern| times |text| steps. Pure; any thread. */
#ifndef STORE_WILDCARD_H
#define STORE_WILDCARD_H

#include "bytes.h"

/* True when |pattern| fits all of |text|; |nocase|: whatever the case of ASCII letters. */
bool wildcard_matches(struct span pattern, struct span text, bool nocase);

#endif
