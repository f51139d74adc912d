/* SPDX-License-Identifier: MIT */
/* From a request to its tenant and its two keys. The identity holds the credential
 * itself, so its memory is reserved at once (growing would leave copies behind) and
 * wiped. */
#include "exchange_parts.h"

#include <sodium.h>
#include <unistd.h>

/* More than the frames and numbers of an identity take. */
#define IDENTITY_FRAME 1024

/* No identity is longer: it is made of parts of the head, and of the label. */
static size_t identity_limit(const struct request *request, struct span label)
{
    size_t size =
        IDENTITY_FRAME + label.size + request->host.size + 2 * request->target.size;
    for (size_t i = 0; i < request->headers.count; i++)
        size +=
            request->headers.at[i].name.size + 2 * request->headers.at[i].value.size + 16;
    return size;
}

static int derive_tenant(struct exchange *exchange, struct store *store,
                         const struct request *request, bool create)
{
    const struct config *config = core_config();
    struct identity_rules rules = {config->scope, (uint32_t)geteuid(),
                                   span_text(config->tenant)};
    struct buffer identity = {0};
    if (!buffer_room(&identity, identity_limit(request, rules.tenant)))
        return STORE_NO_MEMORY;
    api_identity(request, &rules, &identity);
    int result = STORE_NO_MEMORY;
    if (buffer_ok(&identity))
        result = store_tenant(store, buffer_span(&identity), create, &exchange->tenant);
    sodium_memzero(identity.at, identity.size);
    buffer_free(&identity);
    return result;
}

int exchange_find_tenant(struct exchange *exchange, struct store *store,
                         const struct request *request, bool create)
{
    int result = derive_tenant(exchange, store, request, create);
    if (result != STORE_OK)
        return result;
    struct key_hash hash;
    key_begin(&hash, &exchange->tenant, "alias");
    api_alias_key(request, &hash);
    if (!sodium_is_zero(core_config()->keying, sizeof core_config()->keying))
        key_part(&hash, span_of(core_config()->keying, sizeof core_config()->keying));
    key_end(&hash, exchange->alias);
    sodium_memzero(&hash, sizeof hash);
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
    struct key_hash hash;
    key_begin(&hash, &exchange->tenant, "exact");
    int result = api_exact_key(request, &exchange->call, &hash);
    if (exchange->policy.version.size)
        key_part(&hash, exchange->policy.version);
    key_end(&hash, exchange->key);
    sodium_memzero(&hash, sizeof hash);
    return result;
}
