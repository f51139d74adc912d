/* SPDX-License-Identifier: MIT */
/* What the semantic layer's tiers (exchange_lexical.c, exchange_near.c) have in common: an entry that
 * was found for another text is served; or what it would have served is kept, compared with the answer
 * that comes, and noted with that one's entry. */
#include "exchange_parts.h"

#include "api/wording.h"

/* -- found --------------------------------------------------------------------------------- */

void exchange_semantic_forget(struct exchange *exchange,
                              const struct journal_record *before)
{
    record_free(&exchange->record);
    entry_free(&exchange->entry);
    exchange->verdict = VERDICT_IS_MISS;
    exchange->line = *before;
}

void exchange_semantic_serve(struct exchange *exchange, const uint8_t key[STORE_KEY_SIZE])
{
    exchange->line.layer = LAYER_SEMANTIC;
    memcpy(exchange->key, key, STORE_KEY_SIZE);
    if (exchange->policy.mode == MODE_OBSERVE)
        exchange_observe(exchange);
}

void exchange_semantic_scope(const struct exchange *exchange, struct span model,
                             uint32_t guards, struct certificate_scope *scope)
{
    const struct journal_record *line = &exchange->line;
    struct buffer class = {0};
    *scope = (struct certificate_scope){.guards = guards};
    span_copy_text(model, scope->model, sizeof scope->model);
    buffer_append_text(&class, line->dialect);
    buffer_append_byte(&class, ' ');
    buffer_append_text(&class, line->model);
    span_copy_text(buffer_span(&class), scope->class, sizeof scope->class);
    buffer_free(&class);
}

void exchange_semantic_keep(struct exchange *exchange, const struct sample *seen)
{
    buffer_clear(&exchange->shadow);
    exchange->sampled = wording_of(&exchange->call, &exchange->record.response,
                                   &exchange->shadow) == WORDING_PLAIN;
    exchange->seen = *seen;
}

/* -- recording ----------------------------------------------------------------------------- */

void exchange_semantic_label(struct exchange *exchange, const struct response *response,
                             struct entry_label *label, struct buffer *words)
{
    struct buffer text = {0};
    if (exchange->policy.lexical == LEXICAL_TIER_OFF &&
        exchange->policy.semantic == SEMANTIC_TIER_OFF)
        return;
    exchange->plain = wording_of(&exchange->call, response, &text) == WORDING_PLAIN;
    if (exchange->plain)
        exchange_lexical_label(exchange, label, words);
    exchange->seen.comparison =
        exchange->plain && exchange->sampled
            ? wording_likeness(buffer_span(&exchange->shadow), buffer_span(&text))
            : COMPARISON_UNKNOWN;
    exchange->seen.time_ms = label->created_ms;
    buffer_free(&text);
}

void exchange_semantic_notes(const struct exchange *exchange, struct buffer *vector,
                             struct buffer *sample)
{
    if (exchange->plain)
        exchange_near_note(exchange, vector);
    if (exchange->sampled)
        sample_encode(&exchange->seen, sample);
}

enum reason exchange_semantic_remark(const struct exchange *exchange)
{
    static const uint8_t reasons[] = {
        [COMPARISON_EQUAL] = REASON_SHADOW_EQUAL,
        [COMPARISON_SIMILAR] = REASON_SHADOW_SIMILAR,
        [COMPARISON_DIFFERENT] = REASON_SHADOW_DIFFERENT,
        [COMPARISON_UNKNOWN] = REASON_SHADOW_UNKNOWN,
    };
    if (exchange->sampled && exchange->admitted)
        return (enum reason)reasons[exchange->seen.comparison];
    return exchange->remark;
}
