/* SPDX-License-Identifier: MIT */
/* An exchange's tenant and its two keys. */
#include "exchange_parts.h"

#include "keys.h"

#include <sodium.h>

int exchange_find_tenant(struct exchange *exchange, struct store *store,
                         const struct request *request, bool create)
{
    int result = keys_tenant(core_config(), store, request, create, &exchange->tenant);
    if (result != STORE_OK)
        return result;
    keys_alias(core_config(), &exchange->tenant, request, exchange->alias);
    exchange->has_tenant = true;
    return STORE_OK;
}

void exchange_make_sample_key(struct exchange *exchange)
{
    struct key_hash hash;
    uint8_t number[4];
    for (size_t i = 0; i < sizeof number; i++)
        number[i] = (uint8_t)(exchange->ordinal >> (8 * i));
    key_begin(&hash, &exchange->tenant, "sample");
    key_part(&hash, span_of(exchange->key, sizeof exchange->key));
    key_part(&hash, span_of(number, sizeof number));
    key_end(&hash, exchange->key);
    sodium_memzero(&hash, sizeof hash);
}

int exchange_make_key(struct exchange *exchange, const struct request *request)
{
    return keys_exact(&exchange->policy, &exchange->tenant, request, &exchange->call,
                      exchange->key);
}
