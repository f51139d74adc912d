/* SPDX-License-Identifier: MIT */
/* How much of the store each tenant has. Pure; one thread. */
#ifndef STORE_SHARES_H
#define STORE_SHARES_H

#include "label.h"
#include "tenant.h"

struct share {
    uint8_t tenant[TENANT_ID_SIZE];
    uint8_t key[STORE_KEY_SIZE]; /* of one of its entries */
    uint64_t bytes;
    char label[64]; /* empty until somebody fills it in */
};

/* Starts as all zeroes. */
struct shares {
    struct buffer list; /* struct share, by tenant */
};

/* Adds one entry. */
void shares_add(struct shares *shares, const uint8_t tenant[TENANT_ID_SIZE],
                const uint8_t key[STORE_KEY_SIZE], uint64_t bytes);
/* False when memory was short. */
bool shares_ok(const struct shares *shares);
size_t shares_count(const struct shares *shares);
struct share *shares_at(const struct shares *shares, size_t index);
/* The bytes of all that have the label of the one at |index|, whose ids |tenants| becomes; 0 and
 * none when an earlier one has it, too. An empty label is nobody else's. */
uint64_t shares_gather(const struct shares *shares, size_t index, struct buffer *tenants);
void shares_free(struct shares *shares);

#endif
