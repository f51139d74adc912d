/* SPDX-License-Identifier: MIT */
/* Where recordings of a resource lie, for `preecho serve`: an entry tells its URL only to who opens
 * it, so all that may be public are opened, once for each edition of the rules. What is found here may be gone meanwhile, or no
 * longer public: whoever asks reads the entry itself.
 *
 * Thread class: catalogue_refresh() in one thread, catalogue_find() in any. */
#ifndef TOOLS_CATALOGUE_H
#define TOOLS_CATALOGUE_H

#include "resource.h"
#include "shim/core/config.h"
#include "store/store.h"

#define CATALOGUE_FOUND 64 /* more recordings of one resource are not looked at */

struct catalogue_place {
    uint8_t key[STORE_KEY_SIZE];
    uint8_t tenant[TENANT_ID_SIZE];
};

struct catalogue;

/* An empty one. |store| must live as long and belongs to the thread of catalogue_refresh(). NULL:
 * memory is short. */
MUST_USE struct catalogue *catalogue_new(struct store *store);
void catalogue_free(struct catalogue *catalogue);

/* Looks through the store if |config|, whose |edition| it is, or the store has changed since.
 * STORE_OK, or store_each()'s results: then the catalogue is as it was. */
MUST_USE int catalogue_refresh(struct catalogue *catalogue, const struct config *config,
                               uint64_t edition);

/* The places of |resource|'s recordings, the latest first; returns how many. */
size_t catalogue_find(struct catalogue *catalogue, const struct resource *resource,
                      struct catalogue_place out[CATALOGUE_FOUND]);

#endif
