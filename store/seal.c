/* SPDX-License-Identifier: MIT */
/* Sealing and opening, see seal.h. */
#include "seal.h"

#include "memory.h"

#include <sodium.h>
#include <zstd.h>

#define ALIAS_VERSION 1
/* Small answers are read in microseconds, and most of those would go to zstd's tables for
 * literals: negative levels do without them. */
#define SMALL_PAYLOAD     ((size_t)16 << 10)
#define SMALL_LEVEL       (-3)
#define COMPRESSION_LEVEL 3
#define NONCE_SIZE        crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_SIZE          crypto_aead_xchacha20poly1305_ietf_ABYTES
#define BOX_OVERHEAD      (NONCE_SIZE + TAG_SIZE)

enum entry_version { ENTRY_PLAIN = 1, ENTRY_RECIPE = 2 };

enum box { BOX_LABEL = 'L', BOX_PAYLOAD = 'P' };

struct associated {
    uint8_t bytes[1 + STORE_KEY_SIZE + SEAL_HEADER_SIZE];
};

static void associate(struct associated *out, enum box box,
                      const uint8_t key[STORE_KEY_SIZE], const uint8_t *header)
{
    out->bytes[0] = (uint8_t)box;
    memcpy(out->bytes + 1, key, STORE_KEY_SIZE);
    memcpy(out->bytes + 1 + STORE_KEY_SIZE, header, SEAL_HEADER_SIZE);
}

static void seal_box(const struct tenant *tenant, const struct associated *associated,
                     struct span plain, uint8_t *out)
{
    randombytes_buf(out, NONCE_SIZE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        out + NONCE_SIZE, NULL, plain.at, plain.size, associated->bytes,
        sizeof(associated->bytes), NULL, out, tenant->seal_key);
}

/* |out| has room for the plain text; NULL = only authenticate. */
static bool open_box(const struct tenant *tenant, const struct associated *associated,
                     struct span box, uint8_t *out)
{
    struct span cipher = span_skip(box, NONCE_SIZE);
    return crypto_aead_xchacha20poly1305_ietf_decrypt(
               out, NULL, NULL, cipher.at, cipher.size, associated->bytes,
               sizeof(associated->bytes), box.at, tenant->seal_key) == 0;
}

/* Writes a span into |target| at a place whose room was made before. */
static void header_encode(struct buffer *target, enum entry_version version,
                          const struct tenant *tenant, const struct entry_label *label,
                          size_t label_box, size_t payload, size_t payload_box)
{
    buffer_append_text(target, SEAL_MAGIC);
    buffer_append_u16(target, (uint16_t)version);
    buffer_append_u16(target, 0);
    buffer_append_u32(target, (uint32_t)label_box);
    buffer_append(target, tenant->id, TENANT_ID_SIZE);
    buffer_append_u64(target, (uint64_t)label->created_ms);
    buffer_append_u64(target, payload);
    buffer_append_u64(target, payload_box);
}

static int compress(struct span payload, struct buffer *out)
{
    size_t bound = ZSTD_compressBound(payload.size);
    uint8_t *room = buffer_room(out, bound);
    if (!room)
        return STORE_NO_MEMORY;
    int level = payload.size <= SMALL_PAYLOAD ? SMALL_LEVEL : COMPRESSION_LEVEL;
    size_t size = ZSTD_compress(room, bound, payload.at, payload.size, level);
    if (ZSTD_isError(size))
        return STORE_NO_MEMORY;
    out->size += size;
    return STORE_OK;
}

static int seal_parts(enum entry_version version, const struct tenant *tenant,
                      const uint8_t key[STORE_KEY_SIZE], const struct entry_label *label,
                      struct span label_bytes, struct span compressed,
                      size_t payload_size, struct buffer *out)
{
    size_t label_box = label_bytes.size + BOX_OVERHEAD;
    size_t payload_box = compressed.size + BOX_OVERHEAD;
    if (label_box > SEAL_LABEL_LIMIT ||
        payload_box > SEAL_LIMIT - SEAL_HEADER_SIZE - SEAL_LABEL_LIMIT)
        return STORE_FULL;
    if (!buffer_room(out, SEAL_HEADER_SIZE + label_box + payload_box))
        return STORE_NO_MEMORY;
    size_t start = out->size;
    header_encode(out, version, tenant, label, label_box, payload_size, payload_box);
    struct associated associated;
    associate(&associated, BOX_LABEL, key, out->at + start);
    seal_box(tenant, &associated, label_bytes, out->at + out->size);
    out->size += label_box;
    associate(&associated, BOX_PAYLOAD, key, out->at + start);
    seal_box(tenant, &associated, compressed, out->at + out->size);
    out->size += payload_box;
    return STORE_OK;
}

static bool label_fits(const struct entry_label *label, const struct entry_notes *notes,
                       struct buffer *out)
{
    buffer_clear(out);
    label_encode_noted(label, notes, out);
    return out->size + BOX_OVERHEAD <= SEAL_LABEL_LIMIT;
}

/* The answer counts for more than its words and its vector: those go where there is no room for
 * them. */
static void label_encode_fitting(const struct entry_label *label,
                                 const struct entry_notes *notes, struct buffer *out)
{
    if (label_fits(label, notes, out) || !notes)
        return;
    struct entry_notes fewer = *notes;
    fewer.words = (struct span){0};
    if (label_fits(label, &fewer, out))
        return;
    fewer.vector = (struct span){0};
    (void)label_fits(label, &fewer, out);
}

static int seal(enum entry_version version, const struct tenant *tenant,
                const uint8_t key[STORE_KEY_SIZE], const struct entry_label *label,
                const struct entry_notes *notes, struct span payload, struct buffer *out)
{
    if (payload.size > SEAL_PAYLOAD_LIMIT)
        return STORE_FULL;
    struct buffer label_bytes = {0}, compressed = {0};
    label_encode(label, &label_bytes);
    buffer_append_framed(&compressed, buffer_span(&label_bytes));
    label_encode_fitting(label, notes, &label_bytes);
    int result =
        buffer_ok(&label_bytes) && buffer_ok(&compressed) ? STORE_OK : STORE_NO_MEMORY;
    if (result == STORE_OK)
        result = compress(payload, &compressed);
    if (result == STORE_OK)
        result = seal_parts(version, tenant, key, label, buffer_span(&label_bytes),
                            buffer_span(&compressed), payload.size, out);
    buffer_free(&label_bytes);
    buffer_free(&compressed);
    return result;
}

int seal_entry(const struct tenant *tenant, const uint8_t key[STORE_KEY_SIZE],
               const struct entry_label *label, const struct entry_notes *notes,
               struct span payload, struct buffer *out)
{
    return seal(ENTRY_PLAIN, tenant, key, label, notes, payload, out);
}

int seal_recipe(const struct tenant *tenant, const uint8_t key[STORE_KEY_SIZE],
                const struct entry_label *label, const struct entry_notes *notes,
                struct span recipe, struct buffer *out)
{
    return seal(ENTRY_RECIPE, tenant, key, label, notes, recipe, out);
}

int sealed_parse_cut(struct span blob, uint64_t size, struct sealed *out)
{
    struct cursor cursor = cursor_of(blob);
    if (!span_is(cursor_bytes(&cursor, strlen(SEAL_MAGIC)), SEAL_MAGIC))
        return STORE_CORRUPT;
    uint16_t version = cursor_u16(&cursor), zero = cursor_u16(&cursor);
    if (cursor_ok(&cursor) && version != ENTRY_PLAIN && version != ENTRY_RECIPE)
        return STORE_UNAVAILABLE;
    out->recipe = version == ENTRY_RECIPE;
    uint32_t label_box = cursor_u32(&cursor);
    struct span tenant = cursor_bytes(&cursor, TENANT_ID_SIZE);
    out->created_ms = (int64_t)cursor_u64(&cursor);
    out->payload_size = cursor_u64(&cursor);
    uint64_t payload_box = cursor_u64(&cursor);
    if (!cursor_ok(&cursor) || zero != 0 || label_box < BOX_OVERHEAD ||
        label_box > SEAL_LABEL_LIMIT || payload_box < BOX_OVERHEAD ||
        payload_box > SEAL_LIMIT || out->payload_size > SEAL_PAYLOAD_LIMIT ||
        size != SEAL_HEADER_SIZE + (uint64_t)label_box + payload_box || blob.size > size)
        return STORE_CORRUPT;
    memcpy(out->tenant, tenant.at, TENANT_ID_SIZE);
    out->header = span_of(blob.at, SEAL_HEADER_SIZE);
    out->label_box = cursor_bytes(&cursor, label_box);
    out->payload_box = cursor_bytes(&cursor, cursor.left);
    return cursor_ok(&cursor) ? STORE_OK : STORE_CORRUPT;
}

int sealed_parse(struct span blob, struct sealed *out)
{
    return sealed_parse_cut(blob, blob.size, out);
}

int unseal_notes(const struct sealed *sealed, const struct tenant *tenant,
                 const uint8_t key[STORE_KEY_SIZE], struct entry_label *label,
                 struct entry_notes *notes, struct buffer *plain)
{
    struct associated associated;
    associate(&associated, BOX_LABEL, key, sealed->header.at);
    uint8_t *room = buffer_room(plain, sealed->label_box.size);
    if (!room)
        return STORE_NO_MEMORY;
    if (!open_box(tenant, &associated, sealed->label_box, room))
        return STORE_MISS;
    size_t size = sealed->label_box.size - BOX_OVERHEAD;
    plain->size += size;
    return label_decode_noted(span_of(room, size), label, notes) ? STORE_OK
                                                                 : STORE_UNAVAILABLE;
}

int unseal_label(const struct sealed *sealed, const struct tenant *tenant,
                 const uint8_t key[STORE_KEY_SIZE], struct entry_label *out)
{
    struct entry_notes notes;
    struct buffer plain = {0};
    int result = unseal_notes(sealed, tenant, key, out, &notes, &plain);
    buffer_free(&plain);
    return result;
}

/* Authenticated before, so a wrong frame is a bug or a cosmic ray: still only a miss. */
static int decompress(struct unsealer *unsealer, struct span compressed, size_t size,
                      struct buffer *out)
{
    if (!unsealer->context)
        unsealer->context = ZSTD_createDCtx();
    uint8_t *room = buffer_room(out, size);
    if (!unsealer->context || !room)
        return STORE_NO_MEMORY;
    size_t got = ZSTD_decompressDCtx(unsealer->context, room, size, compressed.at,
                                     compressed.size);
    if (ZSTD_isError(got) || got != size)
        return STORE_MISS;
    out->size += size;
    return STORE_OK;
}

int unseal_entry(struct unsealer *unsealer, const struct sealed *sealed,
                 const struct tenant *tenant, const uint8_t key[STORE_KEY_SIZE],
                 struct entry_label *label, struct buffer *out)
{
    struct associated associated;
    associate(&associated, BOX_PAYLOAD, key, sealed->header.at);
    struct buffer plain = {0};
    uint8_t *room = buffer_room(&plain, sealed->payload_box.size);
    if (!room)
        return STORE_NO_MEMORY;
    int result = STORE_MISS;
    if (open_box(tenant, &associated, sealed->payload_box, room)) {
        struct cursor cursor =
            cursor_of(span_of(room, sealed->payload_box.size - BOX_OVERHEAD));
        struct span label_bytes = cursor_framed(&cursor);
        result = STORE_UNAVAILABLE;
        if (cursor_ok(&cursor) && label_decode(label_bytes, label))
            result = decompress(unsealer, span_of(cursor.at, cursor.left),
                                (size_t)sealed->payload_size, out);
    }
    buffer_free(&plain);
    return result;
}

void unseal_free(struct unsealer *unsealer)
{
    ZSTD_freeDCtx(unsealer->context);
    unsealer->context = NULL;
}

bool sealed_authentic(const struct sealed *sealed, const struct tenant *tenant,
                      const uint8_t key[STORE_KEY_SIZE])
{
    struct associated associated;
    associate(&associated, BOX_LABEL, key, sealed->header.at);
    if (!open_box(tenant, &associated, sealed->label_box, NULL))
        return false;
    associate(&associated, BOX_PAYLOAD, key, sealed->header.at);
    return open_box(tenant, &associated, sealed->payload_box, NULL);
}

static void alias_mac(const struct tenant *tenant, const uint8_t alias[STORE_KEY_SIZE],
                      const uint8_t key[STORE_KEY_SIZE], uint8_t out[32])
{
    struct key_hash hash;
    key_begin(&hash, tenant, "alias value");
    key_part(&hash, span_of(alias, STORE_KEY_SIZE));
    key_part(&hash, span_of(key, STORE_KEY_SIZE));
    key_end(&hash, out);
}

void seal_alias(const struct tenant *tenant, const uint8_t alias[STORE_KEY_SIZE],
                const uint8_t key[STORE_KEY_SIZE], uint8_t out[ALIAS_VALUE_SIZE])
{
    out[0] = ALIAS_VERSION;
    memcpy(out + 1, tenant->id, TENANT_ID_SIZE);
    memcpy(out + 1 + TENANT_ID_SIZE, key, STORE_KEY_SIZE);
    alias_mac(tenant, alias, key, out + 1 + TENANT_ID_SIZE + STORE_KEY_SIZE);
}

int alias_parse(struct span value, uint8_t tenant[TENANT_ID_SIZE],
                uint8_t key[STORE_KEY_SIZE])
{
    if (value.size == 0 || value.at[0] == 0) /* 0: zeroes after a power cut */
        return STORE_CORRUPT;
    if (value.at[0] != ALIAS_VERSION)
        return STORE_UNAVAILABLE;
    if (value.size != ALIAS_VALUE_SIZE)
        return STORE_CORRUPT;
    memcpy(tenant, value.at + 1, TENANT_ID_SIZE);
    memcpy(key, value.at + 1 + TENANT_ID_SIZE, STORE_KEY_SIZE);
    return STORE_OK;
}

int unseal_alias(const struct tenant *tenant, const uint8_t alias[STORE_KEY_SIZE],
                 struct span value, uint8_t key[STORE_KEY_SIZE])
{
    uint8_t id[TENANT_ID_SIZE], named[STORE_KEY_SIZE], mac[32];
    int result = alias_parse(value, id, named);
    if (result != STORE_OK)
        return result;
    if (memcmp(id, tenant->id, TENANT_ID_SIZE) != 0)
        return STORE_MISS;
    alias_mac(tenant, alias, named, mac);
    if (sodium_memcmp(mac, value.at + ALIAS_VALUE_SIZE - sizeof(mac), sizeof(mac)) != 0)
        return STORE_MISS;
    memcpy(key, named, STORE_KEY_SIZE);
    return STORE_OK;
}
