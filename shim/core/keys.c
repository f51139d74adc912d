/* SPDX-License-Identifier: MIT */
/* See keys.h. The identity holds the credential itself, so its memory is reserved at once (growing
 * would leave copies behind) and wiped. */
#include "keys.h"

#include "api/edge_call.h"

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

int keys_tenant(const struct config *config, struct store *store,
                const struct request *request, bool create, struct tenant *out)
{
    struct identity_rules rules = {config->scope, (uint32_t)geteuid(),
                                   span_text(config->tenant)};
    struct buffer identity = {0};
    if (!buffer_room(&identity, identity_limit(request, rules.tenant)))
        return STORE_NO_MEMORY;
    api_identity(request, &rules, &identity);
    int result = STORE_NO_MEMORY;
    if (buffer_ok(&identity))
        result = store_tenant(store, buffer_span(&identity), create, out);
    sodium_memzero(identity.at, identity.size);
    buffer_free(&identity);
    return result;
}

void keys_alias(const struct config *config, const struct tenant *tenant,
                const struct request *request, uint8_t alias[STORE_KEY_SIZE])
{
    struct key_hash hash;
    key_begin(&hash, tenant, "alias");
    api_alias_key(request, &hash);
    if (!sodium_is_zero(config->keying, sizeof config->keying))
        key_part(&hash, span_of(config->keying, sizeof config->keying));
    key_end(&hash, alias);
    sodium_memzero(&hash, sizeof hash);
}

int keys_exact(const struct policy *policy, const struct tenant *tenant,
               const struct request *request, const struct call *call,
               uint8_t key[STORE_KEY_SIZE])
{
    struct key_hash hash;
    key_begin(&hash, tenant, "exact");
    int result = api_exact_key(request, call, &hash);
    if (policy->version.size)
        key_part(&hash, policy->version);
    key_end(&hash, key);
    sodium_memzero(&hash, sizeof hash);
    return result;
}

void keys_lexical(const struct policy *policy, const struct tenant *tenant,
                  const struct request *request, const struct call *call,
                  struct span rest, struct span words, uint8_t alias[STORE_KEY_SIZE])
{
    struct key_hash hash;
    key_begin(&hash, tenant, "lexical alias");
    api_call_key(request, call, rest, &hash);
    key_part(&hash, policy->version);
    key_part(&hash, words);
    key_end(&hash, alias);
    sodium_memzero(&hash, sizeof hash);
}

void keys_partition(const struct policy *policy, const struct tenant *tenant,
                    const struct request *request, const struct call *call,
                    struct span rest, uint8_t partition[STORE_KEY_SIZE])
{
    struct key_hash hash;
    key_begin(&hash, tenant, "semantic partition");
    api_call_key(request, call, rest, &hash);
    key_part(&hash, policy->version);
    key_end(&hash, partition);
    sodium_memzero(&hash, sizeof hash);
}

void keys_marks(const struct tenant *tenant, struct span marks, uint8_t out[16])
{
    struct key_hash hash;
    uint8_t whole[STORE_KEY_SIZE] = {0};
    if (marks.size) {
        key_begin(&hash, tenant, "lexical marks");
        key_part(&hash, marks);
        key_end(&hash, whole);
        sodium_memzero(&hash, sizeof hash);
    }
    memcpy(out, whole, 16);
}

void keys_edge(const struct policy *policy, const struct tenant *tenant,
               const struct request *request, uint8_t alias[STORE_KEY_SIZE])
{
    struct key_hash hash;
    key_begin(&hash, tenant, "edge alias");
    edge_call_key(request, &hash);
    key_part(&hash, policy->version);
    key_end(&hash, alias);
    sodium_memzero(&hash, sizeof hash);
}

void keys_edge_variant(const struct policy *policy, const struct tenant *tenant,
                       const struct request *request, const struct headers *response,
                       struct span epoch, uint8_t key[STORE_KEY_SIZE])
{
    struct key_hash hash;
    key_begin(&hash, tenant, "edge");
    edge_call_key(request, &hash);
    key_part(&hash, policy->version);
    key_part(&hash, epoch);
    edge_call_variant(request, response, &hash);
    key_end(&hash, key);
    sodium_memzero(&hash, sizeof hash);
}

void keys_sample(const struct tenant *tenant, uint32_t ordinal,
                 uint8_t key[STORE_KEY_SIZE])
{
    struct key_hash hash;
    uint8_t number[4];
    for (size_t i = 0; i < sizeof number; i++)
        number[i] = (uint8_t)(ordinal >> (8 * i));
    key_begin(&hash, tenant, "sample");
    key_part(&hash, span_of(key, STORE_KEY_SIZE));
    key_part(&hash, span_of(number, sizeof number));
    key_end(&hash, key);
    sodium_memzero(&hash, sizeof hash);
}
