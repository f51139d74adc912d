/* SPDX-License-Identifier: MIT */
/* Forgetting a tenant, for tools: its salt is destroyed first, so that nothing of it opens any
 * more, here or in a copy of the store; then what it has in the store is removed. Programs that
 * run notice within KEYRING_TRUST_MS. What one of them records before that stays, unreadable.
 *
 * Thread class: one thread. */
#ifndef STORE_FORGET_H
#define STORE_FORGET_H

#include "each.h"

struct forget_counts {
    uint64_t tenants; /* identities */
    uint64_t entries;
};

/* |who| is a tenant's id in hexadecimal digits, or the label of any number of tenants that have
 * entries. With |only_count| nothing is done.
 * STORE_OK, STORE_MISS (nobody is called so), STORE_CORRUPT (LMDB's file is damaged: what can be
 * read is done), STORE_UNAVAILABLE, STORE_REFUSED, STORE_NO_MEMORY, STORE_FULL. */
MUST_USE int store_forget(struct store *store, const char *who, bool only_count,
                          struct forget_counts *counts);

#endif
