/* SPDX-License-Identifier: MIT */
/* What may be given to everybody: recordings by GET that a rule makes public. Nothing else is.
 *
 * Thread class: one thread per store. */
#ifndef TOOLS_PUBLICATION_H
#define TOOLS_PUBLICATION_H

#include "catalogue.h"
#include "shim/core/api/record.h"

#define PUBLICATION_OPERATION "edge"

struct publication {
    struct entry entry;
    struct record record; /* points into |entry| */
    struct policy policy; /* points into the configuration */
    uint8_t key[STORE_KEY_SIZE];
    struct tenant tenant;
};

/* Reads the recording at |place| as it is now. STORE_OK, STORE_MISS (also when it is none that
 * could ever be given), STORE_NO_MEMORY, STORE_UNAVAILABLE. publication_free() after STORE_OK. */
MUST_USE int publication_read(struct store *store, const struct catalogue_place *place,
                              struct publication *out);
/* True when |config| and the server let it be given to those whose request fits, as long as it
 * holds; finds its policy. */
bool publication_is_public(const struct config *config, struct publication *publication);
/* Reads it if it is public and |resource|, may be given now, and answers a request with these |fields|. */
MUST_USE int publication_get(struct store *store, const struct config *config,
                             const struct catalogue_place *place,
                             const struct resource *resource,
                             const struct headers *fields, int64_t now_ms,
                             struct publication *out);
/* The one that answers, out of |count| places: what came over TLS, else the first. */
MUST_USE int publication_find(struct store *store, const struct config *config,
                              const struct catalogue_place *places, size_t count,
                              const struct resource *resource,
                              const struct headers *fields, int64_t now_ms,
                              struct publication *out);
void publication_free(struct publication *publication);

#endif
