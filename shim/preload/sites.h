/* SPDX-License-Identifier: MIT */
/* The call-site cache: (return address, hook) -> real function. A fixed table without
 * locks. The hook belongs to the key: an interpreter's foreign-function interface calls
 * everything from one place. All functions are async-signal-safe, any thread. */
#ifndef PRELOAD_SITES_H
#define PRELOAD_SITES_H

#include "resolve.h"

/* True and |target| filled in when the site is known, and both its object and the
 * function's are still those that were loaded when it was added. */
MUST_USE bool sites_find(enum hook hook, const void *site, struct target *target);

/* Adds a site. With a full table nothing happens: the site is then resolved at each call.
 */
void sites_add(enum hook hook, const void *site, struct target target);

#endif
