/* SPDX-License-Identifier: MIT */
/* Host records: one small sealed file per host in `hosts/`, named by a keyed hash, under
 * keys of their own. The store does not look into them. They are replaced whole, so any
 * number of processes may write and read them at once.
 *
 * Thread class: any thread. */
#ifndef STORE_HOSTS_H
#define STORE_HOSTS_H

#include "store.h"

/* Appends what was last recorded for |host| to |out|. STORE_OK, STORE_MISS,
 * STORE_UNAVAILABLE, STORE_NO_MEMORY. */
MUST_USE int hosts_find(struct store *store, struct span host, struct buffer *out);
/* Replaces it. STORE_OK, STORE_UNAVAILABLE, STORE_REFUSED, STORE_NO_MEMORY, STORE_FULL. */
MUST_USE int hosts_record(struct store *store, struct span host, struct span record);

/* Removes all of them. STORE_OK, STORE_UNAVAILABLE. */
MUST_USE int hosts_clear(struct store *store);

#endif
