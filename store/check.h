/* SPDX-License-Identifier: MIT */
/* The store's health, for `preecho doctor`: opens everything, changes nothing.
 *
 * Thread class: one thread; hosts and the merger may run meanwhile. */
#ifndef STORE_CHECK_H
#define STORE_CHECK_H

#include "each.h"

struct store_check {
    uint64_t entries; /* that open */
    uint64_t unknown_tenant;
    uint64_t damaged; /* that are not whole or do not authenticate */
    uint64_t foreign; /* of another format version */
    uint64_t spooled; /* of all of these */
    uint64_t tenants; /* salts */
    struct journal_state journal;
    uint64_t problems; /* how many were told */
};

/* One sentence without a line end; the text lives until it returns. */
typedef void (*check_problem)(void *context, const char *text);

/* Works on paths rather than on a store, for a store that is refused cannot be opened.
 * STORE_OK (look at |out| and what was told), STORE_NO_MEMORY. */
MUST_USE int store_check(const struct store_paths *paths, check_problem tell,
                         void *context, struct store_check *out);

#endif
