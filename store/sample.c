/* SPDX-License-Identifier: MIT */
/* Samples in notes, see sample.h. */
#include "sample.h"

#define SAMPLE_VERSION 1

void sample_encode(const struct sample *sample, struct buffer *out)
{
    buffer_append_u16(out, SAMPLE_VERSION);
    buffer_append_u64(out, (uint64_t)sample->time_ms);
    buffer_append_u32(out, sample->similarity);
    buffer_append_u32(out, sample->scope.guards);
    buffer_append_byte(out, sample->guard);
    buffer_append_byte(out, (uint8_t)sample->comparison);
    buffer_append_byte(out, sample->canary);
    buffer_append(out, sample->candidate, STORE_KEY_SIZE);
    certificate_scope_encode(&sample->scope, out);
}

bool sample_decode(struct span note, struct sample *out)
{
    struct cursor cursor = cursor_of(note);
    *out = (struct sample){0};
    unsigned version = cursor_u16(&cursor);
    uint64_t time = cursor_u64(&cursor);
    out->time_ms = (int64_t)(time & INT64_MAX);
    out->similarity = cursor_u32(&cursor);
    out->scope.guards = cursor_u32(&cursor);
    out->guard = cursor_u8(&cursor);
    unsigned comparison = cursor_u8(&cursor), canary = cursor_u8(&cursor);
    struct span candidate = cursor_bytes(&cursor, STORE_KEY_SIZE);
    certificate_scope_decode(&cursor, &out->scope);
    if (!cursor_ok(&cursor) || cursor.left || version != SAMPLE_VERSION ||
        time > INT64_MAX || out->similarity > CERTIFICATE_ONE ||
        comparison > COMPARISON_UNKNOWN || canary > 1)
        return false;
    out->comparison = (enum comparison)comparison;
    out->canary = canary;
    memcpy(out->candidate, candidate.at, STORE_KEY_SIZE);
    return true;
}
