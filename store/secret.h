/* SPDX-License-Identifier: MIT */
/* The master secret (`secret`, 32 random bytes) and the tenants' salts (`salts/<hex id>`,
 * 32 random bytes each) in the configuration directory: what keys are derived from. They
 * lie apart from the store, so that a copied store opens nothing.
 *
 * Thread class: any thread; any number of processes may create the same file at once and
 * all end with the same content. */
#ifndef STORE_SECRET_H
#define STORE_SECRET_H

#include "files.h"
#include "tenant.h"

#define SECRET_SIZE 32

/* Reads the master secret of the configuration directory |config|; with |create| makes
 * the directory and the secret when they are missing. STORE_OK, STORE_MISS (absent, not
 * |create|), STORE_REFUSED (someone else's, or others have access), STORE_CORRUPT (not 32
 * bytes), STORE_UNAVAILABLE, STORE_NO_MEMORY, STORE_FULL. */
MUST_USE int secret_load(const char *config, bool create, uint8_t secret[SECRET_SIZE],
                         struct file_stamp *stamp);

/* The same for the salt of tenant |id|. A salt of the wrong size (the machine lost power
 * right after it was made) opens nothing: STORE_MISS, or replaced with |create|. */
MUST_USE int salt_load(const char *config, const uint8_t id[TENANT_ID_SIZE], bool create,
                       uint8_t salt[SECRET_SIZE], struct file_stamp *stamp);

/* Removes the salt of tenant |id|: what was sealed under it opens nowhere any more. On disk when
 * it returns. STORE_OK, STORE_MISS (there is none), STORE_UNAVAILABLE. */
MUST_USE int salt_destroy(const char *config, const uint8_t id[TENANT_ID_SIZE]);

/* What lies there now, to notice that a secret or salt was destroyed. file_stamp_of's
 * results. */
MUST_USE int secret_stamp(const char *config, struct file_stamp *out);
MUST_USE int salt_stamp(const char *config, const uint8_t id[TENANT_ID_SIZE],
                        struct file_stamp *out);

#endif
