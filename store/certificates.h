/* SPDX-License-Identifier: MIT */
/* Certificates (certificate.h) and canaries in LMDB. A certificate is a tenant's: it comes from its
 * own traffic, and is sealed under its key, so that nobody without it can make one.
 *
 *     RECORD_CERTIFICATE  tenant (16), scope's id (16)              the certificate, sealed (partition.h)
 *     RECORD_CANARY       tenant, scope's id, entry's key (32)      sealed: time (8), enum
 *                                                                  comparison (1), candidate (32)
 *
 * The id of a scope is a keyed hash. Hosts only read certificates; the merger counts canaries as it
 * files the entries that they are noted with, each once, and writes the result into the certificate.
 *
 * Thread class: any thread. */
#ifndef STORE_CERTIFICATES_H
#define STORE_CERTIFICATES_H

#include "partition.h"
#include "sample.h"
#include "writer.h"

/* The tenant's certificate for |scope|; whether it is valid, certificate_state() says. STORE_OK,
 * STORE_MISS, STORE_CORRUPT, STORE_UNAVAILABLE, STORE_NO_MEMORY. */
MUST_USE int store_certificate(struct store *store, const struct tenant *tenant,
                               const struct certificate_scope *scope,
                               struct certificate *out);

void certificate_name(struct partition_key *out, const struct tenant *tenant,
                      const struct certificate_scope *scope);

/* -- tools alone ----------------------------------------------------------------------- */

/* Puts |certificate|, or with NULL removes that of |scope|; waits for a merge that is running.
 * writer_flush's results. */
MUST_USE int certificates_put(struct store *store, const struct tenant *tenant,
                              const struct certificate_scope *scope,
                              const struct certificate *certificate);

/* False ends the walk. */
typedef bool (*certificates_visit)(void *context, const uint8_t tenant[TENANT_ID_SIZE],
                                   const struct certificate *certificate);
/* Visits all that can be opened. STORE_OK, STORE_CORRUPT (some may be missing), STORE_UNAVAILABLE,
 * STORE_NO_MEMORY. */
MUST_USE int certificates_each(struct store *store, certificates_visit visit,
                               void *context);

/* The entry |key| is filed, with |sample|, the note of a canary or of none. STORE_OK,
 * STORE_NO_MEMORY. */
MUST_USE int canaries_come(struct writer *writer, const struct tenant *tenant,
                           const uint8_t key[STORE_KEY_SIZE], struct span sample);
/* Counts the canaries of every certificate since it was issued, those that were reviewed as the
 * review says. Nothing may be queued. writer_flush's results. */
MUST_USE int canaries_update(struct writer *writer, struct keyring *keyring);

#endif
