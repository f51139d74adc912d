/* SPDX-License-Identifier: MIT */
/* Fuzzes the journal's reader: a segment file of any content. Build:
 * clang -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -I. tests/fuzz/fuzz_journal.c \
 *     -lsodium */
#include "store/bytes.c"
#include "store/files.c"
#include "store/memory.c"
#include "store/record.c"
#include "store/segment.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good)
{
    if (!good)
        abort();
}

/* A record that decodes encodes to the same slot but for the unused end. */
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

/* The fuzzer does not guess check sums: give the slot the right one. */
static void fuzz_slot(const uint8_t *data, size_t size)
{
    uint8_t slot[JOURNAL_SLOT_SIZE] = {0};
    struct journal_record record = {0};
    memcpy(slot + 8, data, size < sizeof(slot) - 8 ? size : sizeof(slot) - 8);
    uint64_t sum = check_sum(slot + 8, sizeof(slot) - 8), count = 0;
    memcpy(slot, &sum, sizeof(sum));
    if (journal_decode(slot, &record))
        (void)visit_record(&count, &record);
}

static void fuzz_segment(struct span content)
{
    struct segment_header header;
    struct journal_state state = {0};
    uint64_t count = 0;
    size_t size = content.size;
    if (segment_parse(content, size, &header)) {
        (void)segment_each(content, &header, visit_record, &count, &state);
        require(count == state.records && count <= header.capacity);
    }
    (void)!segment_parse(content, UINT64_MAX, &header);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t file[SEGMENT_HEADER_SIZE + 20 * JOURNAL_SLOT_SIZE];
    size_t room = sizeof(file) - SEGMENT_HEADER_SIZE;
    fuzz_segment(span_of(data, size));
    fuzz_slot(data, size);
    /* The same bytes as slots behind a sound header. */
    header_encode(file, SEGMENT_APPENDED, 1, 1);
    memcpy(file + SEGMENT_HEADER_SIZE, data, size < room ? size : room);
    fuzz_segment(span_of(file, SEGMENT_HEADER_SIZE + (size < room ? size : room)));
    return 0;
}
