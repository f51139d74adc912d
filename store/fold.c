/* SPDX-License-Identifier: MIT */
/* Folding the journal, see fold.h. The value under RECORD_TOTALS, little-endian: version
 * 2, how many reasons 2, layers 2 and segments 2; the plain counters; bypassed and
 * dropped by reason; the layers; the segments' identities; the stale, the observed, the
 * revalidated and the coalesced ones (0 when the value ends before them). */
#include "fold.h"

#include "memory.h"
#include "pages.h"
#include "segment.h"

#include <unistd.h>

#define FOLD_VERSION 1
#define FOLD_LIMIT   ((size_t)1 << 20)
#define FOLD_AT_ONCE 1024

struct folded {
    struct totals totals;
    struct buffer identities; /* uint64_t of the segments that the last fold took */
};

static void folded_encode(const struct folded *folded, struct buffer *out)
{
    const struct totals *totals = &folded->totals;
    buffer_append_u16(out, FOLD_VERSION);
    buffer_append_u16(out, TOTALS_REASONS);
    buffer_append_u16(out, TOTALS_LAYERS);
    buffer_append_u16(out, (uint16_t)(folded->identities.size / sizeof(uint64_t)));
    buffer_append_u64(out, totals->requests);
    buffer_append_u64(out, totals->hits);
    buffer_append_u64(out, totals->misses);
    buffer_append_u64(out, totals->bypassed);
    buffer_append_u64(out, totals->recorded);
    buffer_append_u64(out, totals->dropped);
    buffer_append_u64(out, totals->torn);
    for (size_t i = 0; i < TOTALS_REASONS; i++)
        buffer_append_u64(out, totals->bypassed_by[i]);
    for (size_t i = 0; i < TOTALS_REASONS; i++)
        buffer_append_u64(out, totals->dropped_by[i]);
    for (size_t i = 0; i < TOTALS_LAYERS; i++) {
        buffer_append_u64(out, totals->layers[i].lookups);
        buffer_append_u64(out, totals->layers[i].hits);
        buffer_append_u64(out, totals->layers[i].misses);
        buffer_append_u64(out, totals->layers[i].latency_saved_us);
        buffer_append_u64(out, totals->layers[i].tokens_saved);
    }
    buffer_append_span(out, buffer_span(&folded->identities));
    buffer_append_u64(out, totals->stale);
    buffer_append_u64(out, totals->observed);
    buffer_append_u64(out, totals->observed_us);
    buffer_append_u64(out, totals->observed_tokens);
    buffer_append_u64(out, totals->revalidated);
    buffer_append_u64(out, totals->coalesced);
}

/* A value of another version counts as nothing. */
static int folded_decode(struct span value, struct folded *out)
{
    struct cursor cursor = cursor_of(value);
    struct totals *totals = &out->totals;
    if (cursor_u16(&cursor) != FOLD_VERSION || cursor_u16(&cursor) != TOTALS_REASONS ||
        cursor_u16(&cursor) != TOTALS_LAYERS)
        return STORE_OK;
    size_t segments = cursor_u16(&cursor);
    totals->requests = cursor_u64(&cursor);
    totals->hits = cursor_u64(&cursor);
    totals->misses = cursor_u64(&cursor);
    totals->bypassed = cursor_u64(&cursor);
    totals->recorded = cursor_u64(&cursor);
    totals->dropped = cursor_u64(&cursor);
    totals->torn = cursor_u64(&cursor);
    for (size_t i = 0; i < TOTALS_REASONS; i++)
        totals->bypassed_by[i] = cursor_u64(&cursor);
    for (size_t i = 0; i < TOTALS_REASONS; i++)
        totals->dropped_by[i] = cursor_u64(&cursor);
    for (size_t i = 0; i < TOTALS_LAYERS; i++) {
        totals->layers[i].lookups = cursor_u64(&cursor);
        totals->layers[i].hits = cursor_u64(&cursor);
        totals->layers[i].misses = cursor_u64(&cursor);
        totals->layers[i].latency_saved_us = cursor_u64(&cursor);
        totals->layers[i].tokens_saved = cursor_u64(&cursor);
    }
    buffer_append_span(&out->identities,
                       cursor_bytes(&cursor, segments * sizeof(uint64_t)));
    totals->stale = cursor_u64(&cursor);
    totals->observed = cursor_u64(&cursor);
    totals->observed_us = cursor_u64(&cursor);
    totals->observed_tokens = cursor_u64(&cursor);
    totals->revalidated = cursor_u64(&cursor);
    totals->coalesced = cursor_u64(&cursor);
    return buffer_ok(&out->identities) ? STORE_OK : STORE_NO_MEMORY;
}

static int folded_load(const char *data, struct folded *out)
{
    static const uint8_t name = RECORD_TOTALS;
    struct buffer value = {0};
    int result = pages_find(NULL, data, span_of(&name, 1), FOLD_LIMIT, &value);
    if (result == STORE_OK)
        result = folded_decode(buffer_span(&value), out);
    buffer_free(&value);
    return result == STORE_NO_MEMORY ? result : STORE_OK;
}

static bool is_folded(const struct folded *folded, uint64_t identity)
{
    struct cursor cursor = cursor_of(buffer_span(&folded->identities));
    while (cursor.left >= sizeof(uint64_t)) {
        uint64_t known;
        memcpy(&known, cursor_bytes(&cursor, sizeof(known)).at, sizeof(known));
        if (known == identity)
            return true;
    }
    return false;
}

static bool fold_record(void *context, const struct journal_record *record)
{
    totals_add(context, record);
    return true;
}

static void segment_remove(const char *journal, uint64_t sequence)
{
    struct path path;
    char name[SEGMENT_NAME_SIZE];
    segment_name(sequence, name);
    if (path_join(&path, journal, name))
        unlink(path.text);
}

/* Adds |sequences| to the totals, except those that the last fold has added already;
 * |identities| becomes the list of all of them. */
static int segments_add(const char *journal, struct span sequences, struct folded *folded,
                        struct buffer *identities)
{
    struct buffer content = {0};
    struct cursor cursor = cursor_of(sequences);
    int result = STORE_OK;
    while (result == STORE_OK && cursor.left >= sizeof(uint64_t)) {
        struct segment_header header;
        struct journal_state state = {0};
        uint64_t sequence;
        memcpy(&sequence, cursor_bytes(&cursor, sizeof(sequence)).at, sizeof(sequence));
        result = segment_read(journal, sequence, &content, &header);
        if (result == STORE_MISS || result == STORE_CORRUPT) {
            result = STORE_OK; /* nothing to count; removed with the others */
            continue;
        }
        if (result != STORE_OK)
            continue;
        buffer_append(identities, &header.identity, sizeof(header.identity));
        if (is_folded(folded, header.identity))
            continue;
        (void)segment_each(buffer_span(&content), &header, fold_record, &folded->totals,
                           &state);
        folded->totals.torn += state.torn;
    }
    buffer_free(&content);
    if (result == STORE_OK && !buffer_ok(identities))
        result = STORE_NO_MEMORY;
    return result;
}

static int folded_save(struct writer *writer, const struct folded *folded)
{
    static const uint8_t name = RECORD_TOTALS;
    struct buffer value = {0};
    int result = STORE_NO_MEMORY;
    folded_encode(folded, &value);
    if (buffer_ok(&value)) {
        writer_put(writer, span_of(&name, 1), buffer_span(&value));
        result = writer_flush(writer);
    }
    buffer_free(&value);
    return result;
}

static int totals_update(struct writer *writer, struct span sequences,
                         struct folded *folded)
{
    struct buffer identities = {0};
    int result = folded_load(writer->layout->data, folded);
    if (result == STORE_OK)
        result = segments_add(writer->layout->journal, sequences, folded, &identities);
    buffer_free(&folded->identities);
    folded->identities = identities;
    return result == STORE_OK ? folded_save(writer, folded) : result;
}

static int fold(struct writer *writer, struct span sequences)
{
    struct folded *folded = memory_new(sizeof(*folded));
    if (!folded)
        return STORE_NO_MEMORY;
    int result = totals_update(writer, sequences, folded);
    buffer_free(&folded->identities);
    memory_free(folded);
    struct cursor cursor = cursor_of(sequences);
    while (result == STORE_OK && cursor.left >= sizeof(uint64_t)) {
        uint64_t sequence;
        memcpy(&sequence, cursor_bytes(&cursor, sizeof(sequence)).at, sizeof(sequence));
        segment_remove(writer->layout->journal, sequence);
    }
    return result;
}

int journal_fold(struct writer *writer, size_t kept, uint64_t *folded)
{
    struct buffer sequences = {0};
    int result = segment_list(writer->layout->journal, &sequences);
    size_t count = sequences.size / sizeof(uint64_t);
    if (kept == 0)
        kept = 1; /* the newest is being written */
    while (result == STORE_OK && count > kept) {
        size_t some = count - kept < FOLD_AT_ONCE ? count - kept : FOLD_AT_ONCE;
        result = fold(writer, span_of(sequences.at, some * sizeof(uint64_t)));
        if (result == STORE_OK)
            *folded += some;
        buffer_drop_front(&sequences, some * sizeof(uint64_t));
        count -= some;
    }
    buffer_free(&sequences);
    return result;
}

struct skip {
    const struct folded *folded;
};

static bool skip_folded(void *context, const struct segment_header *header)
{
    const struct skip *skip = context;
    return is_folded(skip->folded, header->identity);
}

int fold_each(const char *data, const char *journal, journal_visit visit, void *context,
              struct journal_state *state, struct totals *totals)
{
    struct folded folded = {0};
    struct skip skip = {.folded = &folded};
    int result = folded_load(data, &folded);
    if (result == STORE_OK && totals)
        totals_sum(totals, &folded.totals);
    if (result == STORE_OK)
        result = segments_each(journal, skip_folded, &skip, visit, context, state);
    buffer_free(&folded.identities);
    return result;
}
