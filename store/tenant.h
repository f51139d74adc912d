/* SPDX-License-Identifier: MIT */
/* A tenant's keys: who may read an entry. Derived from the master secret, the identity and the
 * tenant's salt, all of which lie apart from the store (design: destroying a salt makes that
 * tenant's entries unreadable in every copy). */
#ifndef STORE_TENANT_H
#define STORE_TENANT_H

#include "bytes.h"

#define TENANT_ID_SIZE 16

struct tenant {
    uint8_t id[TENANT_ID_SIZE]; /* a pseudonym: keyed hash of the identity; stands in the store */
    uint8_t name_key[32];       /* for keys and aliases */
    uint8_t seal_key[32];       /* for values */
};

/* Keyed BLAKE2b-256 under the tenant's name_key over parts framed by their lengths. */
struct key_hash {
    _Alignas(64) uint8_t state[384]; /* crypto_generichash_state */
};
void key_begin(struct key_hash *hash, const struct tenant *tenant, const char *purpose);
void key_part(struct key_hash *hash, struct span part);
void key_end(struct key_hash *hash, uint8_t out[32]);

#endif
