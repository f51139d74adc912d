/* SPDX-License-Identifier: MIT */
/* A partition's records, see partition.h. */
#include "partition.h"

#include <sodium.h>

#define HEAD_VERSION 1

void partition_id(const struct tenant *tenant,
                  const uint8_t partition[VECTOR_PARTITION_SIZE], struct span model,
                  size_t dimensions, uint8_t id[PARTITION_ID_SIZE])
{
    struct key_hash hash;
    uint8_t whole[32], size[2] = {(uint8_t)dimensions, (uint8_t)(dimensions >> 8)};
    key_begin(&hash, tenant, "vector partition");
    key_part(&hash, span_of(partition, VECTOR_PARTITION_SIZE));
    key_part(&hash, model);
    key_part(&hash, span_of(size, sizeof(size)));
    key_end(&hash, whole);
    memcpy(id, whole, PARTITION_ID_SIZE);
}

struct span partition_key(struct partition_key *out, int kind, const uint8_t *tenant,
                          const uint8_t *id, uint32_t number)
{
    out->bytes[0] = (uint8_t)kind;
    memcpy(out->bytes + 1, tenant, TENANT_ID_SIZE);
    memcpy(out->bytes + 1 + TENANT_ID_SIZE, id, PARTITION_ID_SIZE);
    for (unsigned i = 0; i < 4; i++)
        out->bytes[PARTITION_HEAD + i] = (uint8_t)(number >> (24 - 8 * i));
    return span_of(out->bytes, sizeof(out->bytes));
}

struct span partition_head_key(struct partition_key *out, const uint8_t *tenant,
                               const uint8_t *id)
{
    struct span whole = partition_key(out, RECORD_NEAR, tenant, id, 0);
    return span_of(whole.at, PARTITION_HEAD);
}

void box_seal(const struct tenant *tenant, struct span name, struct span plain,
              struct buffer *out)
{
    uint8_t *room = buffer_room(out, plain.size + PARTITION_BOX);
    if (!room)
        return;
    randombytes_buf(room, PARTITION_NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(room + PARTITION_NONCE, NULL, plain.at,
                                               plain.size, name.at, name.size, NULL, room,
                                               tenant->seal_key);
    out->size += plain.size + PARTITION_BOX;
}

bool box_open(const struct tenant *tenant, struct span name, struct span box,
              struct buffer *out)
{
    if (box.size < PARTITION_BOX)
        return false;
    struct span cipher = span_skip(box, PARTITION_NONCE);
    uint8_t *room = buffer_room(out, box.size);
    if (!room || crypto_aead_xchacha20poly1305_ietf_decrypt(
                     room, NULL, NULL, cipher.at, cipher.size, name.at, name.size, box.at,
                     tenant->seal_key) != 0)
        return false;
    out->size += box.size - PARTITION_BOX;
    return true;
}

void partition_head_encode(const struct partition_head *head, struct buffer *out)
{
    buffer_append_u16(out, HEAD_VERSION);
    buffer_append_u16(out, (uint16_t)head->dimensions);
    buffer_append_u32(out, head->rows);
    buffer_append(out, head->stamps,
                  (size_t)partition_blocks(head->rows) * VECTOR_STAMP_SIZE);
}

bool partition_head_decode(struct span plain, struct partition_head *out)
{
    struct cursor cursor = cursor_of(plain);
    unsigned version = cursor_u16(&cursor);
    out->dimensions = cursor_u16(&cursor);
    out->rows = cursor_u32(&cursor);
    out->stamps = cursor.at;
    return cursor_ok(&cursor) && version == HEAD_VERSION && out->dimensions &&
           out->dimensions <= VECTOR_DIMENSIONS && out->rows <= PARTITION_ROWS &&
           cursor.left == (size_t)partition_blocks(out->rows) * VECTOR_STAMP_SIZE;
}

void row_place_seal(const struct tenant *tenant, const uint8_t key[STORE_KEY_SIZE],
                    const struct row_place *place, struct buffer *out)
{
    struct record_key name;
    struct buffer plain = {0};
    buffer_append(&plain, place->id, PARTITION_ID_SIZE);
    buffer_append_u32(&plain, place->row);
    buffer_append(out, tenant->id, TENANT_ID_SIZE);
    if (buffer_ok(&plain))
        box_seal(tenant, record_key(&name, RECORD_PLACE, key), buffer_span(&plain), out);
    else
        out->failed = true;
    buffer_free(&plain);
}

bool row_place_open(const struct tenant *tenant, const uint8_t key[STORE_KEY_SIZE],
                    struct span value, struct row_place *out)
{
    struct record_key name;
    struct buffer plain = {0};
    bool good = value.size > TENANT_ID_SIZE &&
                memcmp(value.at, tenant->id, TENANT_ID_SIZE) == 0 &&
                box_open(tenant, record_key(&name, RECORD_PLACE, key),
                         span_skip(value, TENANT_ID_SIZE), &plain);
    struct cursor cursor = cursor_of(buffer_span(&plain));
    if (good) {
        struct span id = cursor_bytes(&cursor, PARTITION_ID_SIZE);
        out->row = cursor_u32(&cursor);
        good = cursor_ok(&cursor) && cursor.left == 0;
        if (good)
            memcpy(out->id, id.at, PARTITION_ID_SIZE);
    }
    buffer_free(&plain);
    return good;
}
