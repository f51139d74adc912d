/* SPDX-License-Identifier: MIT */
/* Facts about the outside world that no tenant owns: one small sealed file per subject, named by
 * a keyed hash, under keys of their own. The store does not look into them. They are replaced
 * whole, so any number of processes may write and read them at once.
 *
 * Thread class: any thread. */
#ifndef STORE_FACTS_H
#define STORE_FACTS_H

#include "store.h"

enum facts {
    FACTS_HOSTS,  /* `hosts/`: what a host's name, addresses and handshake have shown */
    FACTS_MODELS, /* `models/`: which models have answered under a model's name */
};

/* Appends what was last recorded about |subject| to |out|. STORE_OK, STORE_MISS,
 * STORE_UNAVAILABLE, STORE_NO_MEMORY. */
MUST_USE int facts_find(struct store *store, enum facts facts, struct span subject,
                        struct buffer *out);
/* Replaces it. STORE_OK, STORE_UNAVAILABLE, STORE_REFUSED, STORE_NO_MEMORY, STORE_FULL. */
MUST_USE int facts_record(struct store *store, enum facts facts, struct span subject,
                          struct span record);

/* Removes all of them, of every kind. STORE_OK, STORE_UNAVAILABLE. */
MUST_USE int facts_clear(struct store *store);

#endif
