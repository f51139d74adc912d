/* SPDX-License-Identifier: MIT */
/* An exchange's tenant and its two keys. */
#include "exchange_parts.h"

#include "keys.h"

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

int exchange_make_key(struct exchange *exchange, const struct request *request)
{
    return keys_exact(&exchange->policy, &exchange->tenant, request, &exchange->call,
                      exchange->key);
}
