/* SPDX-License-Identifier: MIT */
/* See pricing.h. */
#include "pricing.h"

#include "store/reason.h"

/* A call that was answered by its provider, or by what its provider had answered before. */
static bool has_worth(const struct journal_record *record)
{
    return (record->usage_known || record->usage_estimated) &&
           record->verdict != VERDICT_STALE && record->reason != REASON_REPLAY;
}

enum pricing_kind pricing_of(struct quotes *quotes, const struct journal_record *record,
                             uint64_t *pico_dollars)
{
    struct sums_key key = {0};
    *pico_dollars = 0;
    if (!has_worth(record))
        return PRICING_NONE;
    memcpy(key.dialect, record->dialect, sizeof(key.dialect));
    memcpy(key.host, record->host, sizeof(key.host));
    memcpy(key.model, record->model, sizeof(key.model));
    const struct quote *quote = quote_of(quotes, &key);
    if (!quote->known)
        return PRICING_UNKNOWN;
    struct price_tokens tokens = {record->tokens_in, record->tokens_cached,
                                  record->tokens_cache_write, record->tokens_out};
    *pico_dollars = price_of(&quote->price, price_embeds(record->operation), &tokens);
    return record->verdict == VERDICT_HIT ? PRICING_SAVED : PRICING_SPENT;
}

uint64_t pricing_saved_us(const struct journal_record *record)
{
    if (record->verdict != VERDICT_HIT ||
        record->recorded_last_byte_us < record->last_byte_us)
        return 0;
    return record->recorded_last_byte_us - record->last_byte_us;
}
