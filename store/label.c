/* SPDX-License-Identifier: MIT */
/* A label's encoding: a version, four framed texts, then numbers, all little-endian. Version 2
 * goes on with three texts and further numbers, version 3 with two more, version 4, which only
 * labels with |words| have, with those and |marks|. Notes are a version and two framed sequences;
 * in version 2 two framed parts more, in version 3 three, each written where it is needed alone. */
#include "label.h"

#include "duration.h"

#define LABEL_VERSION        4
#define LABEL_VERSION_THIRD  3
#define LABEL_VERSION_SECOND 2
#define LABEL_VERSION_FIRST  1
#define NOTES_VERSION        3
#define NOTES_VERSION_SECOND 2
#define NOTES_VERSION_FIRST  1

static struct span text_of(const char *text, size_t capacity)
{
    return span_of(text, strnlen(text, capacity));
}

static bool has_words(const struct entry_label *label)
{
    static const uint8_t none[STORE_KEY_SIZE];
    return memcmp(label->words, none, sizeof(none)) != 0;
}

void label_encode(const struct entry_label *label, struct buffer *out)
{
    buffer_append_u16(out, has_words(label) ? LABEL_VERSION : LABEL_VERSION_THIRD);
    buffer_append_framed(out, text_of(label->dialect, sizeof(label->dialect)));
    buffer_append_framed(out, text_of(label->operation, sizeof(label->operation)));
    buffer_append_framed(out, text_of(label->model, sizeof(label->model)));
    buffer_append_framed(out, text_of(label->host, sizeof(label->host)));
    buffer_append_u16(out, label->port);
    buffer_append_u16(out, label->status);
    buffer_append_byte(out, label->stream);
    buffer_append_byte(out, label->usage_known);
    buffer_append_u64(out, (uint64_t)label->created_ms);
    buffer_append_u64(out, label->first_byte_us);
    buffer_append_u64(out, label->last_byte_us);
    buffer_append_u64(out, label->tokens_in);
    buffer_append_u64(out, label->tokens_out);
    buffer_append_u64(out, label->tokens_cached);
    buffer_append_u64(out, label->request_bytes);
    buffer_append_u64(out, label->response_bytes);
    buffer_append_framed(out, text_of(label->program, sizeof(label->program)));
    buffer_append_framed(out, text_of(label->tenant, sizeof(label->tenant)));
    buffer_append_framed(out, text_of(label->fingerprint, sizeof(label->fingerprint)));
    buffer_append_byte(out, label->stochastic);
    buffer_append_u32(out, label->ordinal);
    buffer_append_u32(out, label->sensitive);
    buffer_append_u64(out, label->ttl_s);
    buffer_append_byte(out, label->usage_estimated);
    buffer_append_u64(out, label->tokens_cache_write);
    if (!has_words(label))
        return;
    buffer_append(out, label->words, sizeof(label->words));
    buffer_append(out, label->marks, sizeof(label->marks));
}

/* What version 1 did not know. */
static void decode_second(struct cursor *cursor, struct entry_label *out)
{
    span_copy_text(cursor_framed(cursor), out->program, sizeof(out->program));
    span_copy_text(cursor_framed(cursor), out->tenant, sizeof(out->tenant));
    span_copy_text(cursor_framed(cursor), out->fingerprint, sizeof(out->fingerprint));
    out->stochastic = cursor_u8(cursor) != 0;
    out->ordinal = cursor_u32(cursor);
    out->sensitive = cursor_u32(cursor);
    out->ttl_s = cursor_u64(cursor);
}

/* What version 2 did not know. */
static void decode_third(struct cursor *cursor, struct entry_label *out)
{
    out->usage_estimated = cursor_u8(cursor) != 0;
    out->tokens_cache_write = cursor_u64(cursor);
}

/* What version 3 does not have. */
static void decode_fourth(struct cursor *cursor, struct entry_label *out)
{
    struct span words = cursor_bytes(cursor, sizeof(out->words));
    struct span marks = cursor_bytes(cursor, sizeof(out->marks));
    if (!cursor_ok(cursor))
        return;
    memcpy(out->words, words.at, sizeof(out->words));
    memcpy(out->marks, marks.at, sizeof(out->marks));
}

static bool label_take(struct cursor *cursor, struct entry_label *out)
{
    unsigned version = cursor_u16(cursor);
    if (version < LABEL_VERSION_FIRST || version > LABEL_VERSION)
        return false;
    *out = (struct entry_label){.ttl_s = DURATION_FOREVER};
    span_copy_text(cursor_framed(cursor), out->dialect, sizeof(out->dialect));
    span_copy_text(cursor_framed(cursor), out->operation, sizeof(out->operation));
    span_copy_text(cursor_framed(cursor), out->model, sizeof(out->model));
    span_copy_text(cursor_framed(cursor), out->host, sizeof(out->host));
    out->port = cursor_u16(cursor);
    out->status = cursor_u16(cursor);
    out->stream = cursor_u8(cursor) != 0;
    out->usage_known = cursor_u8(cursor) != 0;
    out->created_ms = (int64_t)cursor_u64(cursor);
    out->first_byte_us = cursor_u64(cursor);
    out->last_byte_us = cursor_u64(cursor);
    out->tokens_in = cursor_u64(cursor);
    out->tokens_out = cursor_u64(cursor);
    out->tokens_cached = cursor_u64(cursor);
    out->request_bytes = cursor_u64(cursor);
    out->response_bytes = cursor_u64(cursor);
    if (version >= LABEL_VERSION_SECOND)
        decode_second(cursor, out);
    if (version >= LABEL_VERSION_THIRD)
        decode_third(cursor, out);
    if (version >= LABEL_VERSION)
        decode_fourth(cursor, out);
    return cursor_ok(cursor);
}

bool label_decode(struct span bytes, struct entry_label *out)
{
    struct cursor cursor = cursor_of(bytes);
    return label_take(&cursor, out) && cursor.left == 0;
}

/* The first that has what there is; 0: nothing is. */
static unsigned notes_version(const struct entry_notes *notes)
{
    if (notes->words.size)
        return NOTES_VERSION;
    if (notes->vector.size || notes->sample.size)
        return NOTES_VERSION_SECOND;
    return notes->tags.size || notes->ignored.size ? NOTES_VERSION_FIRST : 0;
}

void label_encode_noted(const struct entry_label *label, const struct entry_notes *notes,
                        struct buffer *out)
{
    label_encode(label, out);
    if (!notes)
        return;
    unsigned version = notes_version(notes);
    if (version == 0)
        return;
    buffer_append_u16(out, (uint16_t)version);
    buffer_append_framed(out, notes->tags);
    buffer_append_framed(out, notes->ignored);
    if (version >= NOTES_VERSION_SECOND) {
        buffer_append_framed(out, notes->vector);
        buffer_append_framed(out, notes->sample);
    }
    if (version >= NOTES_VERSION)
        buffer_append_framed(out, notes->words);
}

bool label_decode_noted(struct span bytes, struct entry_label *label,
                        struct entry_notes *notes)
{
    struct cursor cursor = cursor_of(bytes);
    *notes = (struct entry_notes){0};
    if (!label_take(&cursor, label) || cursor.left == 0)
        return cursor_ok(&cursor);
    unsigned version = cursor_u16(&cursor);
    if (version < NOTES_VERSION_FIRST || version > NOTES_VERSION)
        return false;
    notes->tags = cursor_framed(&cursor);
    notes->ignored = cursor_framed(&cursor);
    if (version >= NOTES_VERSION_SECOND) {
        notes->vector = cursor_framed(&cursor);
        notes->sample = cursor_framed(&cursor);
    }
    if (version >= NOTES_VERSION)
        notes->words = cursor_framed(&cursor);
    return cursor_ok(&cursor) && cursor.left == 0;
}

bool texts_hold(struct span texts, struct span text)
{
    struct cursor cursor = cursor_of(texts);
    while (cursor.left && cursor_ok(&cursor)) {
        struct span one = cursor_framed(&cursor);
        if (cursor_ok(&cursor) && span_equal(one, text))
            return true;
    }
    return false;
}
