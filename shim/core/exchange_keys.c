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

void exchange_note_key(struct exchange *exchange)
{
    memcpy(exchange->line.request, exchange->key, sizeof exchange->line.request);
    exchange->keyed = true;
}

int exchange_make_key(struct exchange *exchange, const struct request *request)
{
    if (keys_exact(&exchange->policy, &exchange->tenant, request, &exchange->call,
                   exchange->key) != 0)
        return -1;
    exchange_note_key(exchange);
    return 0;
}
