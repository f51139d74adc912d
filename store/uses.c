/* SPDX-License-Identifier: MIT */
/* Uses of entries, see uses.h. */
#include "uses.h"

#include "card.h"
#include "key_list.h"
#include "pages.h"
#include "segment.h"

#define POSITION_SIZE 20
#define CARD_LIMIT    ((size_t)1 << 16)

struct position {
    uint64_t sequence, identity;
    uint32_t slots; /* of that segment; of earlier ones all */
};

/* What one stretch of the journal tells. */
struct tally {
    struct buffer hits, misses; /* keys */
    uint16_t day;               /* the latest */
};

static int position_load(const char *data, struct position *out)
{
    static const uint8_t name = RECORD_POSITION;
    struct buffer value = {0};
    *out = (struct position){0};
    int result = pages_find(NULL, data, span_of(&name, 1), POSITION_SIZE, &value);
    if (result == STORE_OK && value.size == POSITION_SIZE) {
        struct cursor cursor = cursor_of(buffer_span(&value));
        out->sequence = cursor_u64(&cursor);
        out->identity = cursor_u64(&cursor);
        out->slots = cursor_u32(&cursor);
    }
    buffer_free(&value);
    return result == STORE_NO_MEMORY ? result : STORE_OK;
}

static void position_put(struct writer *writer, const struct position *position)
{
    static const uint8_t name = RECORD_POSITION;
    struct buffer value = {0};
    buffer_append_u64(&value, position->sequence);
    buffer_append_u64(&value, position->identity);
    buffer_append_u32(&value, position->slots);
    if (buffer_ok(&value))
        writer_put(writer, span_of(&name, 1), buffer_span(&value));
    buffer_free(&value);
}

static bool tally_record(void *context, const struct journal_record *record)
{
    static const uint8_t none[STORE_KEY_SIZE];
    struct tally *tally = context;
    uint16_t day = card_day(record->time_ms / 1000);
    bool used = record->verdict == VERDICT_HIT || record->verdict == VERDICT_STALE ||
                record->verdict == VERDICT_OBSERVED;
    if (memcmp(record->key, none, sizeof(none)) == 0)
        return true;
    if (used)
        buffer_append(&tally->hits, record->key, STORE_KEY_SIZE);
    else if (record->verdict == VERDICT_MISS)
        buffer_append(&tally->misses, record->key, STORE_KEY_SIZE);
    if (day > tally->day)
        tally->day = day;
    return true;
}

/* STORE_MISS: there is no such card. */
static int card_update(struct writer *writer, const uint8_t *key, uint32_t count,
                       uint16_t day)
{
    struct record_key name;
    struct card card;
    struct buffer value = {0};
    struct span span = record_key(&name, RECORD_CARD, key);
    int result = pages_find(NULL, writer->layout->data, span, CARD_LIMIT, &value);
    if (result == STORE_OK && card_decode(buffer_span(&value), &card)) {
        struct buffer encoded = {0};
        card_use(&card, day, count);
        card_encode(&card, &encoded);
        if (buffer_ok(&encoded))
            writer_put(writer, span, buffer_span(&encoded));
        buffer_free(&encoded);
    }
    buffer_free(&value);
    if (result == STORE_NO_MEMORY || result == STORE_MISS)
        return result;
    return writer_is_full(writer) ? writer_flush(writer) : STORE_OK;
}

/* |keys| ascending, each as often as it was used. */
static int cards_update(struct writer *writer, struct span keys, uint16_t day,
                        struct buffer *without)
{
    int result = STORE_OK;
    for (size_t i = 0, end; result == STORE_OK && i < keys.size; i = end) {
        for (end = i; end < keys.size && key_order(keys.at + i, keys.at + end) == 0;)
            end += STORE_KEY_SIZE;
        result =
            card_update(writer, keys.at + i, (uint32_t)((end - i) / STORE_KEY_SIZE), day);
        if (result != STORE_MISS)
            continue;
        result = STORE_OK;
        buffer_append(without, keys.at + i, end - i);
    }
    return result;
}

/* Slots that were given out. */
static uint32_t slots_of(struct span content, const struct segment_header *header)
{
    uint64_t there = (content.size - SEGMENT_HEADER_SIZE) / JOURNAL_SLOT_SIZE;
    if (header->kind == SEGMENT_MAPPED && header->next < there)
        there = header->next;
    return (uint32_t)(there < header->capacity ? there : header->capacity);
}

/* The slots from |first| on: segment_each() skips what it takes for the header. */
static int tally_slots(struct span content, const struct segment_header *header,
                       uint32_t first, uint32_t end, struct tally *tally)
{
    struct segment_header part = *header;
    struct journal_state state = {0};
    part.capacity = end - first;
    (void)segment_each(span_skip(content, (size_t)first * JOURNAL_SLOT_SIZE), &part,
                       tally_record, tally, &state);
    key_list_sort(&tally->hits);
    key_list_sort(&tally->misses);
    return buffer_ok(&tally->hits) && buffer_ok(&tally->misses) ? STORE_OK
                                                                : STORE_NO_MEMORY;
}

/* The position is committed with the last of the cards: who dies before counts some again. */
static int segment_use(struct writer *writer, struct evicted *evicted,
                       struct span content, const struct segment_header *header,
                       struct position *position, struct buffer *without)
{
    struct tally tally = {0};
    bool same =
        header->sequence == position->sequence && header->identity == position->identity;
    uint32_t first = same ? position->slots : 0, end = slots_of(content, header);
    if (end <= first)
        return STORE_OK;
    int result = tally_slots(content, header, first, end, &tally);
    if (result == STORE_OK)
        result = cards_update(writer, buffer_span(&tally.hits), tally.day, without);
    if (result == STORE_OK) {
        *position = (struct position){header->sequence, header->identity, end};
        evicted_ask(evicted, buffer_span(&tally.misses));
        evicted_save(evicted, writer);
        position_put(writer, position);
        result = writer_flush(writer);
    }
    buffer_free(&tally.hits);
    buffer_free(&tally.misses);
    return result;
}

static int segments_use(struct writer *writer, struct evicted *evicted,
                        struct span sequences, struct position *position,
                        struct buffer *without)
{
    struct buffer content = {0};
    struct cursor cursor = cursor_of(sequences);
    int result = STORE_OK;
    while (result == STORE_OK && cursor.left >= sizeof(uint64_t)) {
        struct segment_header header;
        uint64_t sequence;
        memcpy(&sequence, cursor_bytes(&cursor, sizeof(sequence)).at, sizeof(sequence));
        if (sequence < position->sequence)
            continue;
        result = segment_read(writer->layout->journal, sequence, &content, &header);
        if (result == STORE_OK)
            result = segment_use(writer, evicted, buffer_span(&content), &header,
                                 position, without);
        else if (result == STORE_MISS || result == STORE_CORRUPT)
            result = STORE_OK; /* nothing to count */
    }
    buffer_free(&content);
    return result;
}

uint32_t uses_among(struct span without, const uint8_t key[STORE_KEY_SIZE])
{
    size_t low = 0, high = without.size / STORE_KEY_SIZE;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (key_order(without.at + middle * STORE_KEY_SIZE, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    uint32_t count = 0;
    for (size_t i = low * STORE_KEY_SIZE;
         i < without.size && key_order(without.at + i, key) == 0; i += STORE_KEY_SIZE)
        count++;
    return count;
}

int uses_update(struct writer *writer, struct evicted *evicted, struct buffer *without)
{
    struct position position;
    struct buffer sequences = {0};
    uint64_t last = 0;
    int result = position_load(writer->layout->data, &position);
    if (result == STORE_OK)
        result = segment_list(writer->layout->journal, &sequences);
    if (result == STORE_OK && sequences.size)
        memcpy(&last, sequences.at + sequences.size - sizeof(last), sizeof(last));
    if (last < position.sequence)
        position = (struct position){0}; /* the journal was begun anew */
    if (result == STORE_OK)
        result =
            segments_use(writer, evicted, buffer_span(&sequences), &position, without);
    buffer_free(&sequences);
    key_list_sort(without);
    return result == STORE_OK && !buffer_ok(without) ? STORE_NO_MEMORY : result;
}
