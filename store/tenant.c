/* SPDX-License-Identifier: MIT */
/* Key derivation, see tenant.h. */
#include "tenant.h"

#include <sodium.h>

_Static_assert(sizeof(struct key_hash) >= sizeof(crypto_generichash_state),
               "key_hash holds libsodium's state");

#define STATE_OF(hash) ((crypto_generichash_state *)(void *)(hash)->state)

/* crypto_generichash_* fail only on sizes out of range; ours are constants. */
static void hash_begin(struct key_hash *hash, const uint8_t key[32], size_t out_size)
{
    (void)crypto_generichash_init(STATE_OF(hash), key, 32, out_size);
}

static void hash_end(struct key_hash *hash, uint8_t *out, size_t out_size)
{
    (void)crypto_generichash_final(STATE_OF(hash), out, out_size);
}

void key_begin(struct key_hash *hash, const struct tenant *tenant, const char *purpose)
{
    hash_begin(hash, tenant->name_key, 32);
    key_part(hash, span_text(purpose));
}

void key_part(struct key_hash *hash, struct span part)
{
    uint8_t size[8];
    for (size_t i = 0; i < sizeof(size); i++)
        size[i] = (uint8_t)((uint64_t)part.size >> (8 * i));
    (void)crypto_generichash_update(STATE_OF(hash), size, sizeof(size));
    if (part.size)
        (void)crypto_generichash_update(STATE_OF(hash), part.at, part.size);
}

void key_end(struct key_hash *hash, uint8_t out[32])
{
    hash_end(hash, out, 32);
}

static void hash_named(const uint8_t secret[32], const char *purpose, struct span text,
                       uint8_t *id, size_t id_size)
{
    struct key_hash hash;
    hash_begin(&hash, secret, id_size);
    key_part(&hash, span_text(purpose));
    key_part(&hash, text);
    hash_end(&hash, id, id_size);
}

void tenant_id(const uint8_t secret[32], struct span identity, uint8_t id[TENANT_ID_SIZE])
{
    hash_named(secret, "preecho tenant 1", identity, id, TENANT_ID_SIZE);
}

void tag_id(const uint8_t secret[32], struct span text, uint8_t id[TAG_ID_SIZE])
{
    hash_named(secret, "preecho tag 1", text, id, TAG_ID_SIZE);
}

static void derive(const uint8_t secret[32], const char *purpose,
                   const struct tenant *tenant, const uint8_t salt[32], uint8_t out[32])
{
    struct key_hash hash;
    hash_begin(&hash, secret, 32);
    key_part(&hash, span_text(purpose));
    key_part(&hash, span_of(tenant->id, TENANT_ID_SIZE));
    key_part(&hash, span_of(salt, 32));
    hash_end(&hash, out, 32);
    sodium_memzero(&hash, sizeof(hash));
}

void tenant_from_id(const uint8_t secret[32], const uint8_t id[TENANT_ID_SIZE],
                    const uint8_t salt[32], struct tenant *out)
{
    memcpy(out->id, id, TENANT_ID_SIZE);
    derive(secret, "preecho name key 1", out, salt, out->name_key);
    derive(secret, "preecho seal key 1", out, salt, out->seal_key);
}
