/* SPDX-License-Identifier: MIT */
/* Eviction, see evict.h. */
#include "evict.h"

#include "card.h"
#include "filing.h"
#include "pages.h"
#include "shares.h"
#include "victims.h"

#define QUOTA_PART                                                                       \
    16 /* of a quota: what is freed beyond need, so as not to begin again at once */

/* A card's footprint, without its tags having been read. */
static uint64_t footprint_of(const struct card *card, uint64_t value_size)
{
    return card_footprint(card, (size_t)(value_size - CARD_SIZE) / TAG_ID_SIZE);
}

static int cards_scan(const struct eviction *eviction, pages_visit visit, void *context)
{
    static const uint8_t prefix = RECORD_CARD;
    int result = pages_scan(eviction->writer->layout->data, span_of(&prefix, 1),
                            CARD_SIZE, visit, context);
    return result == STORE_MISS || result == STORE_CORRUPT ? STORE_OK : result;
}

static bool card_take(struct span key, struct span value, struct card *out)
{
    return key.size == 1 + STORE_KEY_SIZE && card_decode(value, out);
}

struct offering {
    struct victims victims;
    struct span tenants;
    int64_t now_s;
};

static bool is_among(struct span tenants, const uint8_t id[TENANT_ID_SIZE])
{
    for (size_t i = 0; i + TENANT_ID_SIZE <= tenants.size; i += TENANT_ID_SIZE)
        if (memcmp(tenants.at + i, id, TENANT_ID_SIZE) == 0)
            return true;
    return tenants.size == 0;
}

static bool offer_card(void *context, struct span key, struct span value, uint64_t size)
{
    struct offering *offering = context;
    struct victim victim;
    struct card card;
    if (!card_take(key, value, &card) || !is_among(offering->tenants, card.tenant))
        return true;
    victim.bytes = footprint_of(&card, size);
    victim.value = card_value(&card, victim.bytes, offering->now_s);
    memcpy(victim.key, key.at + 1, STORE_KEY_SIZE);
    victims_offer(&offering->victims, &victim);
    return victims_ok(&offering->victims);
}

static int victims_remove(struct eviction *eviction, struct victims *victims)
{
    size_t count;
    const struct victim *sorted = victims_sorted(victims, &count);
    int result = victims_ok(victims) ? STORE_OK : STORE_NO_MEMORY;
    for (size_t i = 0; result == STORE_OK && sorted && i < count; i++) {
        result = filing_remove(eviction->writer, sorted[i].key);
        evicted_add(eviction->memory, sorted[i].key);
        eviction->entries++;
        if (result == STORE_OK && writer_is_full(eviction->writer))
            result = writer_flush(eviction->writer);
    }
    if (result != STORE_OK)
        return result;
    evicted_save(eviction->memory, eviction->writer);
    return writer_flush(eviction->writer);
}

int evict_bytes(struct eviction *eviction, uint64_t bytes, struct span tenants)
{
    struct offering offering = {
        .victims = {.wanted = bytes}, .tenants = tenants, .now_s = eviction->now_s};
    int result = cards_scan(eviction, offer_card, &offering);
    if (result == STORE_OK)
        result = victims_remove(eviction, &offering.victims);
    victims_free(&offering.victims);
    return result;
}

static bool sum_card(void *context, struct span key, struct span value, uint64_t size)
{
    struct card card;
    if (card_take(key, value, &card))
        *(uint64_t *)context += footprint_of(&card, size);
    return true;
}

int evict_to(struct eviction *eviction, uint64_t target)
{
    uint64_t sum = 0;
    int result = cards_scan(eviction, sum_card, &sum);
    if (result != STORE_OK || sum <= target)
        return result;
    return evict_bytes(eviction, sum - target, (struct span){0});
}

static bool share_card(void *context, struct span key, struct span value, uint64_t size)
{
    struct shares *shares = context;
    struct card card;
    if (card_take(key, value, &card))
        shares_add(shares, card.tenant, key.at + 1, footprint_of(&card, size));
    return shares_ok(shares);
}

/* The label of a tenant, out of one of its entries; empty when that cannot be opened. */
static int label_find(const struct eviction *eviction, const struct share *share,
                      struct entry_label *out)
{
    const struct layout *layout = eviction->writer->layout;
    struct pages_session session = {0};
    struct record_key name;
    struct buffer value = {0};
    struct sealed sealed;
    struct tenant tenant;
    uint64_t size = 0;
    *out = (struct entry_label){0};
    int result = pages_begin(&session, NULL, layout->data, SEAL_LIMIT);
    if (result == STORE_OK) {
        result = pages_get_head(&session, record_key(&name, RECORD_ENTRY, share->key),
                                SEAL_HEADER_SIZE + SEAL_LABEL_LIMIT, &value, &size);
        pages_end(&session);
    }
    if (result == STORE_OK)
        result = sealed_parse_cut(buffer_span(&value), size, &sealed);
    if (result == STORE_OK)
        result = keyring_tenant_by_id(eviction->keyring, layout->config, share->tenant,
                                      &tenant);
    if (result == STORE_OK && unseal_label(&sealed, &tenant, share->key, out) != STORE_OK)
        *out = (struct entry_label){0};
    buffer_free(&value);
    return result == STORE_NO_MEMORY ? result : STORE_OK;
}

static int labels_find(const struct eviction *eviction, struct shares *shares)
{
    struct entry_label label;
    int result = STORE_OK;
    for (size_t i = 0; result == STORE_OK && i < shares_count(shares); i++) {
        struct share *share = shares_at(shares, i);
        result = label_find(eviction, share, &label);
        span_copy_text(span_text(label.tenant), share->label, sizeof(share->label));
    }
    return result;
}

int evict_quotas(struct eviction *eviction, evict_quota quota, void *context)
{
    struct shares shares = {0};
    struct buffer tenants = {0};
    int result = cards_scan(eviction, share_card, &shares);
    if (result == STORE_OK && !shares_ok(&shares))
        result = STORE_NO_MEMORY;
    if (result == STORE_OK)
        result = labels_find(eviction, &shares);
    for (size_t i = 0; result == STORE_OK && i < shares_count(&shares); i++) {
        struct span label = span_text(shares_at(&shares, i)->label);
        uint64_t most = quota(context, label);
        uint64_t used = shares_gather(&shares, i, &tenants);
        if (!buffer_ok(&tenants))
            result = STORE_NO_MEMORY;
        else if (most && used > most)
            result = evict_bytes(eviction, used - most + most / QUOTA_PART,
                                 buffer_span(&tenants));
    }
    buffer_free(&tenants);
    shares_free(&shares);
    return result;
}
