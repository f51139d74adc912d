/* SPDX-License-Identifier: MIT */
/* Certificates for those who read them, see certificates.h. */
#include "certificates.h"

#include "uncancelled.h"

void certificate_name(struct partition_key *out, const struct tenant *tenant,
                      const struct certificate_scope *scope)
{
    struct key_hash hash;
    uint8_t id[32], guards[4];
    for (unsigned i = 0; i < 4; i++)
        guards[i] = (uint8_t)(scope->guards >> 8 * i);
    key_begin(&hash, tenant, "certificate");
    key_part(&hash, span_text(scope->model));
    key_part(&hash, span_text(scope->class));
    key_part(&hash, span_of(guards, sizeof(guards)));
    key_end(&hash, id);
    (void)partition_key(out, RECORD_CERTIFICATE, tenant->id, id, 0);
}

int store_certificate(struct store *store, const struct tenant *tenant,
                      const struct certificate_scope *scope, struct certificate *out)
{
    UNCANCELLED;
    struct partition_key name;
    struct buffer value = {0}, plain = {0};
    certificate_name(&name, tenant, scope);
    struct span key = span_of(name.bytes, PARTITION_HEAD);
    int result =
        pages_find(&store->cache, store->layout.data, key, PARTITION_VALUE, &value);
    if (result == STORE_OK && !box_open(tenant, key, buffer_span(&value), &plain))
        result = buffer_ok(&plain) ? STORE_CORRUPT : STORE_NO_MEMORY;
    if (result == STORE_OK && !certificate_decode(buffer_span(&plain), out))
        result = STORE_CORRUPT;
    buffer_free(&value);
    buffer_free(&plain);
    return result;
}
