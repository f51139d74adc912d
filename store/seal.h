/* SPDX-License-Identifier: MIT */
/* The sealed form of an entry and of an alias, as they stand in the spool and in LMDB.
 *
 * An entry (numbers little-endian):
 *
 *     offset  size  what
 *          0     8  "preechoE"
 *          8     2  format version: 1, or 2 where the payload is a recipe (recipe.h)
 *         10     2  0
 *         12     4  size of the label box
 *         16    16  tenant id
 *         32     8  created, milliseconds since 1970
 *         40     8  size of the payload before compression
 *         48     8  size of the payload box
 *         56        label box, payload box
 *
 * A box is a random nonce (24), XChaCha20-Poly1305 ciphertext and tag (16)
 * (draft-irtf-cfrg-xchacha-03; crypto_aead_xchacha20poly1305_ietf of libsodium) under the
 * tenant's seal_key. Associated data: which box it is, the entry's key, the 56 bytes above. So
 * no box opens under another key, tenant, time or beside another header. In the label box is
 * the label, and notes behind it where there are some; in the payload box the label again, framed (a hit opens one box only), and the
 * payload as one zstd frame (RFC 8878).
 *
 * An alias value: version 1 (1), tenant id (16), key (32), keyed BLAKE2b-256 under
 * name_key over "alias value", the alias, the key (32).
 *
 * Thread class: any thread on distinct objects. */
#ifndef STORE_SEAL_H
#define STORE_SEAL_H

#include "label.h"
#include "result.h"
#include "tenant.h"

#define SEAL_MAGIC         "preechoE" /* what every entry begins with */
#define SEAL_HEADER_SIZE   56
#define SEAL_PAYLOAD_LIMIT ((size_t)512 << 20) /* of a payload, uncompressed */
#define SEAL_LIMIT         ((size_t)256 << 20) /* of a sealed entry */
#define SEAL_LABEL_LIMIT   8136 /* of a label box: with the header two pages */
#define ALIAS_VALUE_SIZE   81

/* A parsed entry; the spans point into the blob. Nothing of it is authenticated yet. */
struct sealed {
    struct span header;
    struct span label_box;
    struct span payload_box;
    uint8_t tenant[TENANT_ID_SIZE];
    int64_t created_ms;
    uint64_t payload_size;
    bool recipe; /* the payload is one */
};

/* Keeps a decompressor between calls: starts as all zeroes, free with unseal_free(). One
 * thread at a time. */
struct unsealer {
    void *context; /* ZSTD_DCtx */
};

/* Appends the sealed entry to |out|. |notes| may be NULL; where all of them do not fit, words and
 * then the vector are left out. STORE_OK, STORE_NO_MEMORY,
 * STORE_FULL (payload or notes are too large). */
MUST_USE int seal_entry(const struct tenant *tenant, const uint8_t key[STORE_KEY_SIZE],
                        const struct entry_label *label, const struct entry_notes *notes,
                        struct span payload, struct buffer *out);

/* The same for an entry whose payload |recipe| makes. */
MUST_USE int seal_recipe(const struct tenant *tenant, const uint8_t key[STORE_KEY_SIZE],
                         const struct entry_label *label, const struct entry_notes *notes,
                         struct span recipe, struct buffer *out);

/* STORE_OK, STORE_CORRUPT, STORE_UNAVAILABLE (an entry of another format version). */
MUST_USE int sealed_parse(struct span blob, struct sealed *out);

/* The same for the beginning of an entry of |size| bytes; what is cut off is left out of
 * |out->payload_box|. */
MUST_USE int sealed_parse_cut(struct span blob, uint64_t size, struct sealed *out);

/* STORE_OK, STORE_MISS (does not authenticate), STORE_NO_MEMORY, STORE_UNAVAILABLE (a
 * label of another version). */
MUST_USE int unseal_label(const struct sealed *sealed, const struct tenant *tenant,
                          const uint8_t key[STORE_KEY_SIZE], struct entry_label *out);

/* The same with the notes, which point into |plain| (appended to). */
MUST_USE int unseal_notes(const struct sealed *sealed, const struct tenant *tenant,
                          const uint8_t key[STORE_KEY_SIZE], struct entry_label *label,
                          struct entry_notes *notes, struct buffer *plain);

/* The whole entry: fills |label| and appends the payload to |out|. STORE_OK, STORE_MISS,
 * STORE_NO_MEMORY, STORE_UNAVAILABLE (a label of another version). */
MUST_USE int unseal_entry(struct unsealer *unsealer, const struct sealed *sealed,
                          const struct tenant *tenant, const uint8_t key[STORE_KEY_SIZE],
                          struct entry_label *label, struct buffer *out);
void unseal_free(struct unsealer *unsealer);

/* True when both boxes authenticate. Decrypts and allocates nothing. */
MUST_USE bool sealed_authentic(const struct sealed *sealed, const struct tenant *tenant,
                               const uint8_t key[STORE_KEY_SIZE]);

void seal_alias(const struct tenant *tenant, const uint8_t alias[STORE_KEY_SIZE],
                const uint8_t key[STORE_KEY_SIZE], uint8_t out[ALIAS_VALUE_SIZE]);

/* STORE_OK, STORE_MISS (does not authenticate), STORE_CORRUPT, STORE_UNAVAILABLE (another
 * version). */
MUST_USE int unseal_alias(const struct tenant *tenant,
                          const uint8_t alias[STORE_KEY_SIZE], struct span value,
                          uint8_t key[STORE_KEY_SIZE]);

/* What an alias value says without being authenticated. STORE_OK, STORE_CORRUPT,
 * STORE_UNAVAILABLE. */
MUST_USE int alias_parse(struct span value, uint8_t tenant[TENANT_ID_SIZE],
                         uint8_t key[STORE_KEY_SIZE]);

#endif
