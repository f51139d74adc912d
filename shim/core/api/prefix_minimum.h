/* SPDX-License-Identifier: MIT */
/* How long a prefix must be for its provider to cache it, as the providers document it. Pure; any
 * thread. */
#ifndef CORE_API_PREFIX_MINIMUM_H
#define CORE_API_PREFIX_MINIMUM_H

#include "store/bytes.h"

/* Tokens; shorter ones are not cached. 0: nobody says. */
uint64_t prefix_minimum(const char *dialect, const char *model);

#endif
