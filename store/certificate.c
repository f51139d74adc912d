/* SPDX-License-Identifier: MIT */
/* Leave to serve by similarity, see certificate.h. */
#include "certificate.h"

#define VERSION     1
#define COUNTS_MOST 1000000000 /* what bounds can be reckoned for in no time */

static uint32_t millionths(double share)
{
    return (uint32_t)(share * CERTIFICATE_ONE + 0.5);
}

bool certificate_issue(const struct certify_result *result,
                       const struct certify_rules *rules,
                       const struct certificate_scope *scope, int64_t now_ms,
                       struct certificate *out)
{
    *out = (struct certificate){.scope = *scope,
                                .threshold = result->threshold * (CERTIFICATE_ONE / 1000),
                                .most_wrong = millionths(rules->most_wrong),
                                .confidence = millionths(rules->confidence),
                                .issued_ms = now_ms,
                                .older = result->older,
                                .newer = result->newer};
    return result->verdict == CERTIFY_GRANTED && out->most_wrong && out->confidence &&
           out->most_wrong < CERTIFICATE_ONE && out->confidence < CERTIFICATE_ONE;
}

static double share(uint32_t millionths)
{
    return (double)millionths / CERTIFICATE_ONE;
}

const char *certificate_state_name(enum certificate_state state)
{
    static const char *const names[] = {
        [CERTIFICATE_VALID] = "valid",
        [CERTIFICATE_NONE] = "none",
        [CERTIFICATE_OTHER_MODEL] = "other-model",
        [CERTIFICATE_OTHER_GUARDS] = "other-guards",
        [CERTIFICATE_OTHER_CLASS] = "other-class",
        [CERTIFICATE_EXPIRED] = "expired",
        [CERTIFICATE_FALLEN] = "fallen",
    };
    return names[state];
}

enum certificate_state certificate_state(const struct certificate *certificate,
                                         const struct certificate_scope *scope,
                                         int64_t now_ms)
{
    if (!certificate)
        return CERTIFICATE_NONE;
    if (strcmp(certificate->scope.model, scope->model) != 0)
        return CERTIFICATE_OTHER_MODEL;
    if (certificate->scope.guards != scope->guards)
        return CERTIFICATE_OTHER_GUARDS;
    if (strcmp(certificate->scope.class, scope->class) != 0)
        return CERTIFICATE_OTHER_CLASS;
    if (certificate->issued_ms < now_ms - CERTIFICATE_LIFE_MS ||
        certificate->issued_ms > now_ms + CERTIFICATE_SLACK_MS)
        return CERTIFICATE_EXPIRED;
    if (canary_exceeds(&certificate->canary, share(certificate->most_wrong)))
        return CERTIFICATE_FALLEN;
    return CERTIFICATE_VALID;
}

bool certificate_canary(struct certificate *certificate, enum correctness answer)
{
    canary_add(&certificate->canary, answer, share(certificate->confidence));
    return canary_exceeds(&certificate->canary, share(certificate->most_wrong));
}

/* -- bytes --------------------------------------------------------------------------- */

static void append_counts(struct buffer *out, const struct answer_counts *counts)
{
    buffer_append_u64(out, counts->hits);
    buffer_append_u64(out, counts->wrong);
    buffer_append_u64(out, counts->unknown);
}

static void append_text(struct buffer *out, const char *text)
{
    size_t size = strnlen(text, CERTIFICATE_TEXT - 1);
    buffer_append_u16(out, (uint16_t)size);
    buffer_append(out, text, size);
}

void certificate_scope_encode(const struct certificate_scope *scope, struct buffer *out)
{
    append_text(out, scope->model);
    append_text(out, scope->class);
}

/* A bound never gets smaller by being written: upwards. */
static uint32_t upwards(double bound)
{
    uint32_t low = (uint32_t)(bound * CERTIFICATE_ONE);
    return low < CERTIFICATE_ONE && share(low) < bound ? low + 1 : low;
}

void certificate_encode(const struct certificate *certificate, struct buffer *out)
{
    buffer_append_u16(out, VERSION);
    buffer_append_u32(out, certificate->scope.guards);
    buffer_append_u32(out, certificate->threshold);
    buffer_append_u32(out, certificate->most_wrong);
    buffer_append_u32(out, certificate->confidence);
    buffer_append_u64(out, (uint64_t)certificate->issued_ms);
    append_counts(out, &certificate->older);
    append_counts(out, &certificate->newer);
    append_counts(out, &certificate->canary.counts);
    buffer_append_u32(out, upwards(certificate->canary.bound));
    certificate_scope_encode(&certificate->scope, out);
}

static void take_counts(struct cursor *cursor, struct answer_counts *counts)
{
    counts->hits = cursor_u64(cursor);
    counts->wrong = cursor_u64(cursor);
    counts->unknown = cursor_u64(cursor);
    if (counts->hits > COUNTS_MOST || counts->wrong > counts->hits ||
        counts->unknown > counts->hits - counts->wrong)
        cursor->failed = true;
}

static uint32_t take_number(struct cursor *cursor, uint32_t least, uint32_t most)
{
    uint32_t number = cursor_u32(cursor);
    if (number < least || number > most)
        cursor->failed = true;
    return number;
}

static void take_text(struct cursor *cursor, char out[CERTIFICATE_TEXT])
{
    size_t size = cursor_u16(cursor);
    struct span text = cursor_bytes(cursor, size);
    if (!cursor_ok(cursor) || size >= CERTIFICATE_TEXT ||
        (size && memchr(text.at, 0, size)))
        cursor->failed = true;
    else
        span_copy_text(text, out, CERTIFICATE_TEXT);
}

void certificate_scope_decode(struct cursor *cursor, struct certificate_scope *out)
{
    take_text(cursor, out->model);
    take_text(cursor, out->class);
}

bool certificate_decode(struct span value, struct certificate *out)
{
    struct cursor cursor = cursor_of(value);
    *out = (struct certificate){.threshold = 0};
    size_t version = cursor_u16(&cursor);
    out->scope.guards = cursor_u32(&cursor);
    out->threshold = take_number(&cursor, 1, CERTIFICATE_ONE);
    out->most_wrong = take_number(&cursor, 1, CERTIFICATE_ONE - 1);
    out->confidence = take_number(&cursor, 1, CERTIFICATE_ONE - 1);
    uint64_t issued = cursor_u64(&cursor);
    out->issued_ms = (int64_t)(issued & INT64_MAX);
    take_counts(&cursor, &out->older);
    take_counts(&cursor, &out->newer);
    take_counts(&cursor, &out->canary.counts);
    out->canary.bound = share(take_number(&cursor, 0, CERTIFICATE_ONE));
    certificate_scope_decode(&cursor, &out->scope);
    return cursor_ok(&cursor) && cursor.left == 0 && version == VERSION &&
           issued <= INT64_MAX;
}
