/* SPDX-License-Identifier: MIT */
/* The journal's reader: a segment file of any content, slots of any content behind a sound
 * header, and records of any content through a slot. */
#include "store/segment.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good)
{
    if (!good)
        abort();
}

/* A record that decodes encodes to one that decodes. */
static bool visit_record(void *context, const struct journal_record *record)
{
    uint8_t slot[JOURNAL_SLOT_SIZE];
    struct journal_record again = {0};
    journal_encode(record, slot);
    require(journal_decode(slot, &again));
    require(again.time_ms == record->time_ms && strcmp(again.host, record->host) == 0);
    ++*(uint64_t *)context;
    return true;
}

static void fuzz_segment(struct span content)
{
    struct segment_header header;
    struct journal_state state = {0};
    uint64_t count = 0;
    if (segment_parse(content, content.size, &header)) {
        (void)segment_each(content, &header, visit_record, &count, &state);
        require(count == state.records && count <= header.capacity);
    }
    (void)!segment_parse(content, UINT64_MAX, &header);
}

static void fuzz_record(struct span bytes)
{
    struct journal_record record = {0}, again = {0};
    uint8_t slot[JOURNAL_SLOT_SIZE], second[JOURNAL_SLOT_SIZE];
    uint8_t *at = (uint8_t *)&record;
    /* Any bytes but for the truth values, which have only two. */
    memcpy(at, bytes.at, bytes.size < sizeof(record) ? bytes.size : sizeof(record));
    memset(&record.recorded, 0, sizeof(bool));
    memset(&record.stream, 0, sizeof(bool));
    memset(&record.usage_known, 0, sizeof(bool));
    memset(&record.usage_estimated, 0, sizeof(bool));
    memset(&record.coalesced, 0, sizeof(bool));
    journal_encode(&record, slot);
    require(journal_decode(slot, &again));
    journal_encode(&again, second);
    require(memcmp(slot, second, sizeof(slot)) == 0);
    slot[bytes.size % sizeof(slot)] ^= 1;
    require(!journal_decode(slot, &again));
}

/* The input as slots of an appended segment, with a whole record in front. */
static void fuzz_slots(struct span bytes)
{
    struct buffer file = {0};
    struct journal_record record = {.time_ms = 1};
    uint8_t slot[JOURNAL_SLOT_SIZE];
    buffer_append_text(&file, "preechoJ");
    buffer_append_u32(&file, 1);
    buffer_append_u32(&file, JOURNAL_SLOT_SIZE);
    buffer_append_u32(&file, 20);
    buffer_append_u32(&file, SEGMENT_APPENDED);
    while (buffer_ok(&file) && file.size < SEGMENT_HEADER_SIZE)
        buffer_append_byte(&file, 0);
    journal_encode(&record, slot);
    buffer_append(&file, slot, sizeof(slot));
    buffer_append_span(&file, bytes);
    struct segment_header header;
    struct journal_state state = {0};
    uint64_t count = 0;
    require(segment_parse(buffer_span(&file), file.size, &header));
    require(segment_each(buffer_span(&file), &header, visit_record, &count, &state));
    require(count >= 1);
    buffer_free(&file);
}

/* Anything with a check sum that matches, as of a foreign writer. */
static void fuzz_foreign(struct span bytes)
{
    uint8_t slot[JOURNAL_SLOT_SIZE] = {0}, again[JOURNAL_SLOT_SIZE];
    struct journal_record record;
    size_t room = sizeof(slot) - 8;
    uint64_t sum = 0x9E3779B97F4A7C15, word;
    if (bytes.size)
        memcpy(slot + 8, bytes.at, bytes.size < room ? bytes.size : room);
    for (size_t i = 8; i < sizeof(slot); i += 8) {
        memcpy(&word, slot + i, 8);
        sum = (sum ^ word) * 0xFF51AFD7ED558CCD;
        sum ^= sum >> 32;
    }
    memcpy(slot, &sum, 8);
    if (!journal_decode(slot, &record))
        return;
    require(memchr(record.host, 0, sizeof(record.host)) != NULL);
    require(memmem(record.tags, sizeof(record.tags), "\0", 1) != NULL);
    journal_encode(&record, again);
    require(journal_decode(again, &record));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span bytes = span_of(data, size);
    fuzz_segment(bytes);
    fuzz_record(bytes);
    fuzz_slots(bytes);
    fuzz_foreign(bytes);
    return 0;
}
