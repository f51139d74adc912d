/* SPDX-License-Identifier: MIT */
/* Tenants' shares, see shares.h. */
#include "shares.h"

size_t shares_count(const struct shares *shares)
{
    return shares->list.size / sizeof(struct share);
}

struct share *shares_at(const struct shares *shares, size_t index)
{
    return (struct share *)(void *)shares->list.at + index;
}

bool shares_ok(const struct shares *shares)
{
    return buffer_ok(&shares->list);
}

/* The index of the first that is not below |tenant|. */
static size_t place_of(const struct shares *shares, const uint8_t tenant[TENANT_ID_SIZE])
{
    size_t low = 0, high = shares_count(shares);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(shares_at(shares, middle)->tenant, tenant, TENANT_ID_SIZE) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void insert(struct shares *shares, size_t place, const struct share *share)
{
    size_t behind = shares_count(shares) - place;
    buffer_append(&shares->list, share, sizeof(*share));
    if (!shares_ok(shares))
        return;
    memmove(shares_at(shares, place + 1), shares_at(shares, place),
            behind * sizeof(*share));
    *shares_at(shares, place) = *share;
}

void shares_add(struct shares *shares, const uint8_t tenant[TENANT_ID_SIZE],
                const uint8_t key[STORE_KEY_SIZE], uint64_t bytes)
{
    size_t place = place_of(shares, tenant);
    if (place < shares_count(shares) &&
        memcmp(shares_at(shares, place)->tenant, tenant, TENANT_ID_SIZE) == 0) {
        shares_at(shares, place)->bytes += bytes;
        return;
    }
    struct share share = {.bytes = bytes};
    memcpy(share.tenant, tenant, TENANT_ID_SIZE);
    memcpy(share.key, key, STORE_KEY_SIZE);
    insert(shares, place, &share);
}

uint64_t shares_gather(const struct shares *shares, size_t index, struct buffer *tenants)
{
    uint64_t sum = 0;
    const char *label = shares_at(shares, index)->label;
    buffer_clear(tenants);
    for (size_t i = label[0] ? 0 : index; i < shares_count(shares); i++) {
        const struct share *share = shares_at(shares, i);
        if (i != index && (!label[0] || strcmp(share->label, label) != 0))
            continue;
        if (i < index) {
            buffer_clear(tenants);
            return 0;
        }
        sum += share->bytes;
        buffer_append(tenants, share->tenant, TENANT_ID_SIZE);
    }
    return sum;
}

void shares_free(struct shares *shares)
{
    buffer_free(&shares->list);
}
