/* SPDX-License-Identifier: MIT */
/* The tenants' keys that a process has derived so far, so that a hit reads neither secret
 * nor salt. That a salt was destroyed is noticed within KEYRING_TRUST_MS.
 *
 * Thread class: any thread. The lock is held for copies only, never across a system call.
 */
#ifndef STORE_KEYRING_H
#define STORE_KEYRING_H

#include "secret.h"

#include <pthread.h>

#define KEYRING_SLOTS    64
#define KEYRING_TRUST_MS 2000

struct keyring_slot {
    bool used;
    struct tenant tenant;
    struct file_stamp salt;
    int64_t checked_ms;
};

/* Starts with keyring_init(). */
struct keyring {
    pthread_mutex_t lock;
    bool has_secret;
    uint8_t secret[SECRET_SIZE];
    struct file_stamp secret_stamp;
    int64_t checked_ms;
    struct keyring_slot slots[KEYRING_SLOTS]; /* by the id's first byte */
};

void keyring_init(struct keyring *keyring);
/* In a forked child: another thread of the parent may have held the lock. */
void keyring_after_fork(struct keyring *keyring);
/* Forgets all keys. */
void keyring_clear(struct keyring *keyring);

/* The keys of |identity|; with |create| makes secret and salt where they are missing.
 * STORE_OK, STORE_MISS (no secret or salt yet, not |create|), STORE_UNAVAILABLE,
 * STORE_REFUSED, STORE_NO_MEMORY, STORE_FULL. */
MUST_USE int keyring_tenant(struct keyring *keyring, const char *config,
                            struct span identity, bool create, struct tenant *out);

/* The keys of the tenant with this |id|, for tools. The same results. */
MUST_USE int keyring_tenant_by_id(struct keyring *keyring, const char *config,
                                  const uint8_t id[TENANT_ID_SIZE], struct tenant *out);

/* The id of the tag |text|, for tools. The same results. */
MUST_USE int keyring_tag(struct keyring *keyring, const char *config, struct span text,
                         uint8_t id[TAG_ID_SIZE]);

#endif
