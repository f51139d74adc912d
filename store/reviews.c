/* SPDX-License-Identifier: MIT */
/* Reviews of samples, see reviews.h. */
#include "reviews.h"

enum review review_find(const struct layout *layout, const struct tenant *tenant,
                        const uint8_t key[STORE_KEY_SIZE],
                        const uint8_t candidate[STORE_KEY_SIZE])
{
    struct record_key record;
    struct span name = record_key(&record, RECORD_REVIEW, key);
    struct buffer value = {0}, plain = {0};
    enum review review = REVIEW_NONE;
    if (pages_find(NULL, layout->data, name, PARTITION_VALUE, &value) == STORE_OK &&
        box_open(tenant, name, span_skip(buffer_span(&value), TENANT_ID_SIZE), &plain)) {
        struct cursor cursor = cursor_of(buffer_span(&plain));
        struct span about = cursor_bytes(&cursor, STORE_KEY_SIZE);
        unsigned said = cursor_u8(&cursor);
        if (cursor_ok(&cursor) && memcmp(about.at, candidate, STORE_KEY_SIZE) == 0 &&
            said <= REVIEW_WRONG)
            review = (enum review)said;
    }
    buffer_free(&value);
    buffer_free(&plain);
    return review;
}

enum review store_review(struct store *store, const struct tenant *tenant,
                         const uint8_t key[STORE_KEY_SIZE],
                         const uint8_t candidate[STORE_KEY_SIZE])
{
    return review_find(&store->layout, tenant, key, candidate);
}

static int put(struct writer *writer, const struct tenant *tenant,
               const uint8_t key[STORE_KEY_SIZE], struct span plain)
{
    struct record_key record;
    struct span name = record_key(&record, RECORD_REVIEW, key);
    struct buffer value = {0};
    buffer_append(&value, tenant->id, TENANT_ID_SIZE);
    box_seal(tenant, name, plain, &value);
    int result = buffer_ok(&value) ? STORE_OK : STORE_NO_MEMORY;
    if (result == STORE_OK)
        writer_put(writer, name, buffer_span(&value));
    buffer_free(&value);
    return result;
}

int store_review_put(struct store *store, const struct tenant *tenant,
                     const uint8_t key[STORE_KEY_SIZE],
                     const uint8_t candidate[STORE_KEY_SIZE], enum review review)
{
    struct writer writer;
    struct record_key record;
    uint8_t plain[STORE_KEY_SIZE + 1];
    int result = writer_open(&writer, &store->layout, true);
    if (result != STORE_OK)
        return result;
    memcpy(plain, candidate, STORE_KEY_SIZE);
    plain[STORE_KEY_SIZE] = (uint8_t)review;
    if (review == REVIEW_NONE)
        writer_delete(&writer, record_key(&record, RECORD_REVIEW, key));
    else
        result = put(&writer, tenant, key, span_of(plain, sizeof(plain)));
    if (result == STORE_OK)
        result = writer_flush(&writer);
    writer_close(&writer);
    return result;
}
