/* SPDX-License-Identifier: MIT */
/* Keys derived so far, see keyring.h. */
#include "keyring.h"

#include "lock.h"

#include <sodium.h>
#include <time.h>

void keyring_init(struct keyring *keyring)
{
    *keyring = (struct keyring){.lock = PTHREAD_MUTEX_INITIALIZER};
}

void keyring_clear(struct keyring *keyring)
{
    sodium_memzero(keyring->secret, sizeof(keyring->secret));
    sodium_memzero(keyring->slots, sizeof(keyring->slots));
    keyring->has_secret = false;
}

void keyring_after_fork(struct keyring *keyring)
{
    if (!lock_after_fork(&keyring->lock))
        keyring_init(keyring);
}

static int64_t now_ms(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC_COARSE, &now) != 0)
        return 0;
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool trusted(int64_t checked_ms, int64_t now)
{
    return checked_ms <= now && now - checked_ms < KEYRING_TRUST_MS;
}

/* The secret as kept, when its file is still the same. */
static bool secret_recall(struct keyring *keyring, const char *config, int64_t now,
                          uint8_t secret[SECRET_SIZE])
{
    pthread_mutex_lock(&keyring->lock);
    bool found = keyring->has_secret;
    bool fresh = found && trusted(keyring->checked_ms, now);
    struct file_stamp kept = keyring->secret_stamp, stamp;
    memcpy(secret, keyring->secret, SECRET_SIZE);
    pthread_mutex_unlock(&keyring->lock);
    if (!found || fresh)
        return found;
    if (secret_stamp(config, &stamp) != STORE_OK || !file_stamp_equal(&stamp, &kept))
        return false;
    pthread_mutex_lock(&keyring->lock);
    keyring->checked_ms = now;
    pthread_mutex_unlock(&keyring->lock);
    return true;
}

static int secret_get(struct keyring *keyring, const char *config, bool create,
                      int64_t now, uint8_t secret[SECRET_SIZE])
{
    struct file_stamp stamp;
    if (secret_recall(keyring, config, now, secret))
        return STORE_OK;
    int result = secret_load(config, create, secret, &stamp);
    if (result != STORE_OK)
        return result;
    pthread_mutex_lock(&keyring->lock);
    memcpy(keyring->secret, secret, SECRET_SIZE);
    keyring->secret_stamp = stamp;
    keyring->checked_ms = now;
    keyring->has_secret = true;
    pthread_mutex_unlock(&keyring->lock);
    return STORE_OK;
}

/* The tenant as kept, when its salt is still the same. */
static bool tenant_recall(struct keyring *keyring, const char *config, int64_t now,
                          const uint8_t id[TENANT_ID_SIZE], struct tenant *out)
{
    struct keyring_slot *slot = &keyring->slots[id[0] % KEYRING_SLOTS];
    pthread_mutex_lock(&keyring->lock);
    bool found = slot->used && memcmp(slot->tenant.id, id, TENANT_ID_SIZE) == 0;
    bool fresh = found && trusted(slot->checked_ms, now);
    struct file_stamp kept = slot->salt, stamp;
    if (found)
        *out = slot->tenant;
    pthread_mutex_unlock(&keyring->lock);
    if (!found || fresh)
        return found;
    if (salt_stamp(config, id, &stamp) != STORE_OK || !file_stamp_equal(&stamp, &kept))
        return false;
    pthread_mutex_lock(&keyring->lock);
    if (slot->used && memcmp(slot->tenant.id, id, TENANT_ID_SIZE) == 0)
        slot->checked_ms = now;
    pthread_mutex_unlock(&keyring->lock);
    return true;
}

static int tenant_get(struct keyring *keyring, const char *config, bool create,
                      int64_t now, const uint8_t secret[SECRET_SIZE],
                      const uint8_t id[TENANT_ID_SIZE], struct tenant *out)
{
    struct keyring_slot fresh = {.used = true, .checked_ms = now};
    uint8_t salt[SECRET_SIZE];
    if (tenant_recall(keyring, config, now, id, out))
        return STORE_OK;
    int result = salt_load(config, id, create, salt, &fresh.salt);
    if (result != STORE_OK)
        return result;
    tenant_from_id(secret, id, salt, out);
    fresh.tenant = *out;
    pthread_mutex_lock(&keyring->lock);
    keyring->slots[id[0] % KEYRING_SLOTS] = fresh;
    pthread_mutex_unlock(&keyring->lock);
    sodium_memzero(salt, sizeof(salt));
    sodium_memzero(&fresh, sizeof(fresh));
    return STORE_OK;
}

/* A file that vanished right after it was made, or one that is damaged: not usable. */
static int creation_result(int result, bool create)
{
    if (result == STORE_CORRUPT || (create && result == STORE_MISS))
        return STORE_UNAVAILABLE;
    return result;
}

int keyring_tenant(struct keyring *keyring, const char *config, struct span identity,
                   bool create, struct tenant *out)
{
    int64_t now = now_ms();
    uint8_t secret[SECRET_SIZE], id[TENANT_ID_SIZE];
    int result = secret_get(keyring, config, create, now, secret);
    if (result == STORE_OK) {
        tenant_id(secret, identity, id);
        result = tenant_get(keyring, config, create, now, secret, id, out);
    }
    sodium_memzero(secret, sizeof(secret));
    return creation_result(result, create);
}

int keyring_tenant_by_id(struct keyring *keyring, const char *config,
                         const uint8_t id[TENANT_ID_SIZE], struct tenant *out)
{
    int64_t now = now_ms();
    uint8_t secret[SECRET_SIZE];
    int result = secret_get(keyring, config, false, now, secret);
    if (result == STORE_OK)
        result = tenant_get(keyring, config, false, now, secret, id, out);
    sodium_memzero(secret, sizeof(secret));
    return creation_result(result, false);
}

int keyring_tag(struct keyring *keyring, const char *config, struct span text,
                uint8_t id[TAG_ID_SIZE])
{
    uint8_t secret[SECRET_SIZE];
    int result = secret_get(keyring, config, false, now_ms(), secret);
    if (result == STORE_OK)
        tag_id(secret, text, id);
    sodium_memzero(secret, sizeof(secret));
    return creation_result(result, false);
}
