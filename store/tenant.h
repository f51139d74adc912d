/* SPDX-License-Identifier: MIT */
/* A tenant's keys: who may read an entry. Derived from the master secret, the identity
 * and the tenant's salt, all of which lie apart from the store (design: destroying a salt
 * makes that tenant's entries unreadable in every copy). */
#ifndef STORE_TENANT_H
#define STORE_TENANT_H

#include "bytes.h"

#define TENANT_ID_SIZE 16
#define TAG_ID_SIZE    16

struct tenant {
    uint8_t id[TENANT_ID_SIZE]; /* a pseudonym: keyed hash of the identity; stands in the
                                   store */
    uint8_t name_key[32];       /* for keys and aliases */
    uint8_t seal_key[32];       /* for values */
};

/* Keyed BLAKE2b-256 under the tenant's name_key over parts framed by their lengths.
 * (RFC 7693; crypto_generichash of libsodium.) No results: these cannot fail. Any thread.
 */
struct key_hash {
    _Alignas(64) uint8_t state[384]; /* crypto_generichash_state */
};

/* The pseudonym of |identity| under the master secret. Any length of identity. */
void tenant_id(const uint8_t secret[32], struct span identity,
               uint8_t id[TENANT_ID_SIZE]);
/* What stands for the tag |text| in the store: who has no secret learns nothing from it. */
void tag_id(const uint8_t secret[32], struct span text, uint8_t id[TAG_ID_SIZE]);
/* The keys of tenant |id|. Needs no identity: whoever holds secret and salts can read
 * all. */
void tenant_from_id(const uint8_t secret[32], const uint8_t id[TENANT_ID_SIZE],
                    const uint8_t salt[32], struct tenant *out);

/* |purpose| keeps hashes of different meaning apart; "alias value" is the store's own. */
void key_begin(struct key_hash *hash, const struct tenant *tenant, const char *purpose);
void key_part(struct key_hash *hash, struct span part);
void key_end(struct key_hash *hash, uint8_t out[32]);

#endif
