/* SPDX-License-Identifier: MIT */
/* See journal_reader.h. The reader keeps its segment open: what a merger folds and removes
 * under it is still read to its end. */
#include "journal_reader.h"

#include "layout.h"
#include "memory.h"
#include "segment.h"

#include <unistd.h>

#define SLOTS_AT_ONCE 64

struct journal_reader {
    char directory[DIRECTORY_LIMIT + 1];
    int descriptor;               /* of the current segment, -1 = none */
    struct segment_header header; /* of the current segment, or the latest one */
    uint32_t index;               /* of the next slot */
    bool late;  /* there was a newer segment already: nothing is waited for */
    bool ended; /* there is one now: what is empty stays so */
    bool waits; /* for a slot, */
    int64_t since_ms;
    uint64_t until;    /* and for all others that were reserved then */
    uint64_t reserved; /* slots, as was known after those below were read */
    uint32_t first;    /* of the slots below */
    uint32_t count;
    struct buffer done; /* uint64_t: identities of segments that were read to their end */
    uint64_t torn;
    uint8_t slots[SLOTS_AT_ONCE * JOURNAL_SLOT_SIZE];
};

int journal_reader_new(const char *directory, struct journal_reader **out)
{
    *out = NULL;
    size_t size = strlen(directory);
    if (size > DIRECTORY_LIMIT)
        return STORE_UNAVAILABLE;
    struct journal_reader *reader = memory_new(sizeof(*reader));
    if (!reader)
        return STORE_NO_MEMORY;
    memcpy(reader->directory, directory, size + 1);
    reader->descriptor = -1;
    *out = reader;
    return STORE_OK;
}

int store_journal_reader(struct store *store, struct journal_reader **out)
{
    return journal_reader_new(store->layout.journal, out);
}

void journal_reader_free(struct journal_reader *reader)
{
    if (!reader)
        return;
    if (reader->descriptor >= 0)
        close(reader->descriptor);
    buffer_free(&reader->done);
    memory_free(reader);
}

uint64_t journal_reader_torn(const struct journal_reader *reader)
{
    return reader->torn;
}

static bool path_of(const struct journal_reader *reader, uint64_t sequence,
                    struct path *path)
{
    char name[SEGMENT_NAME_SIZE];
    segment_name(sequence, name);
    return path_join(path, reader->directory, name);
}

/* Opens segment |sequence|. STORE_OK, STORE_MISS (gone), STORE_CORRUPT (no segment of a version
 * we know), STORE_UNAVAILABLE, STORE_REFUSED, STORE_NO_MEMORY. */
static int segment_open(const struct journal_reader *reader, uint64_t sequence, int *out,
                        struct segment_header *header)
{
    struct path path;
    struct stat status;
    uint8_t bytes[SEGMENT_NEXT_OFFSET + sizeof(uint64_t)];
    if (!path_of(reader, sequence, &path))
        return STORE_UNAVAILABLE;
    int result = file_open(path.text, false, out, &status);
    if (result != STORE_OK)
        return result;
    ssize_t size = file_read_at(*out, bytes, sizeof(bytes), 0);
    if (size == (ssize_t)sizeof(bytes) &&
        segment_parse(span_of(bytes, sizeof(bytes)), (uint64_t)status.st_size, header) &&
        header->sequence == sequence)
        return STORE_OK;
    close(*out);
    return size < 0 ? STORE_UNAVAILABLE : STORE_CORRUPT;
}

static bool is_done(const struct journal_reader *reader, uint64_t identity)
{
    for (size_t i = 0; i < reader->done.size; i += sizeof(identity))
        if (memcmp(reader->done.at + i, &identity, sizeof(identity)) == 0)
            return true;
    return false;
}

/* What has become of the latest segment. One that is there under its name, but is another one,
 * shows that the journal was begun anew (it may have got the same inode). */
enum fate { IS_THERE, IS_GONE, IS_REPLACED };

static enum fate segment_fate(const struct journal_reader *reader)
{
    struct segment_header header = {0};
    int descriptor = -1;
    if (segment_open(reader, reader->header.sequence, &descriptor, &header) != STORE_OK)
        return IS_GONE;
    close(descriptor);
    return header.identity == reader->header.identity ? IS_THERE : IS_REPLACED;
}

/* Makes segment |sequence| the current one, unless it was read before: STORE_CORRUPT. */
static int segment_use(struct journal_reader *reader, uint64_t sequence, bool newest)
{
    struct segment_header header = {0};
    int descriptor = -1;
    int result = segment_open(reader, sequence, &descriptor, &header);
    if (result != STORE_OK)
        return result;
    if (is_done(reader, header.identity)) {
        close(descriptor);
        return STORE_CORRUPT;
    }
    reader->descriptor = descriptor;
    reader->header = header;
    reader->index = reader->first = reader->count = 0;
    reader->late = !newest;
    reader->ended = reader->waits = false;
    return STORE_OK;
}

static uint64_t sequence_at(const struct buffer *sequences, size_t index)
{
    uint64_t sequence;
    memcpy(&sequence, sequences->at + index * sizeof(sequence), sizeof(sequence));
    return sequence;
}

/* The first segment in |sequences| behind |after| that can be read. STORE_MISS: none. */
static int segment_first(struct journal_reader *reader, const struct buffer *sequences,
                         uint64_t after)
{
    size_t count = sequences->size / sizeof(uint64_t);
    for (size_t i = 0; i < count; i++) {
        if (sequence_at(sequences, i) <= after)
            continue;
        int result = segment_use(reader, sequence_at(sequences, i), i + 1 == count);
        if (result != STORE_MISS && result != STORE_CORRUPT)
            return result;
    }
    return STORE_MISS;
}

/* Opens the segment after the latest one; after a new beginning, or when the latest one is gone
 * and none comes after it, the first. STORE_OK, STORE_MISS (there is none yet), and errors. */
static int segment_next(struct journal_reader *reader)
{
    struct buffer sequences = {0};
    uint64_t latest = reader->header.sequence;
    enum fate fate = latest ? segment_fate(reader) : IS_THERE;
    int result = segment_list(reader->directory, &sequences);
    if (result == STORE_OK)
        result = segment_first(reader, &sequences, fate == IS_REPLACED ? 0 : latest);
    if (result == STORE_MISS && fate == IS_GONE)
        result = segment_first(reader, &sequences, 0);
    buffer_free(&sequences);
    return result;
}

/* Whether there is a segment that comes after the current one. */
static int successor_look(struct journal_reader *reader, bool *there)
{
    struct buffer sequences = {0};
    int result = segment_list(reader->directory, &sequences);
    size_t count = sequences.size / sizeof(uint64_t);
    *there = result == STORE_OK && count &&
             (sequence_at(&sequences, count - 1) > reader->header.sequence ||
              segment_fate(reader) != IS_THERE);
    buffer_free(&sequences);
    return result;
}

/* The current segment was read to its end. */
static int segment_leave(struct journal_reader *reader)
{
    reader->done.failed = false; /* a failure is told; the next attempt may succeed */
    buffer_append(&reader->done, &reader->header.identity,
                  sizeof(reader->header.identity));
    if (!buffer_ok(&reader->done))
        return STORE_NO_MEMORY;
    close(reader->descriptor);
    reader->descriptor = -1;
    return STORE_OK;
}

/* Reads slots from the reader's place on, then how many are reserved: in this order a slot that
 * is read as empty and was reserved before is one that is being written. */
static int slots_read(struct journal_reader *reader)
{
    uint64_t offset = SEGMENT_HEADER_SIZE + (uint64_t)reader->index * JOURNAL_SLOT_SIZE;
    uint32_t left = reader->header.capacity - reader->index;
    size_t size = (left < SLOTS_AT_ONCE ? left : SLOTS_AT_ONCE) * JOURNAL_SLOT_SIZE;
    uint8_t next[sizeof(uint64_t)];
    ssize_t count = file_read_at(reader->descriptor, reader->slots, size, offset);
    reader->first = reader->index;
    reader->count = count < 0 ? 0 : (uint32_t)((size_t)count / JOURNAL_SLOT_SIZE);
    if (count < 0 || file_read_at(reader->descriptor, next, sizeof(next),
                                  SEGMENT_NEXT_OFFSET) != (ssize_t)sizeof(next))
        return STORE_UNAVAILABLE;
    struct cursor cursor = cursor_of(span_of(next, sizeof(next)));
    reader->reserved = reader->header.kind == SEGMENT_MAPPED
                           ? cursor_u64(&cursor)
                           : (uint64_t)reader->first + reader->count;
    return STORE_OK;
}

/* The slot at the reader's place among those that were read; NULL when it is none of them. */
static const uint8_t *slot_at(const struct journal_reader *reader)
{
    if (reader->index < reader->first || reader->index - reader->first >= reader->count)
        return NULL;
    return reader->slots + (size_t)(reader->index - reader->first) * JOURNAL_SLOT_SIZE;
}

static bool is_empty(const uint8_t *slot)
{
    static const uint8_t empty[JOURNAL_SLOT_SIZE];
    return memcmp(slot, empty, sizeof(empty)) == 0;
}

/* A slot that is not whole: STORE_BUSY while it is waited for, then STORE_CORRUPT. Those that
 * were reserved when the waiting began have waited with it. */
static int slot_wait(struct journal_reader *reader, int64_t now_ms)
{
    if (now_ms == JOURNAL_READER_NO_WAIT || reader->late)
        return STORE_CORRUPT;
    if (!reader->waits || reader->index >= reader->until) {
        reader->waits = true;
        reader->since_ms = now_ms;
        reader->until =
            reader->reserved > reader->index ? reader->reserved : reader->index + 1;
    }
    return now_ms - reader->since_ms < JOURNAL_READER_PATIENCE_MS ? STORE_BUSY
                                                                  : STORE_CORRUPT;
}

/* What is at the reader's place: STORE_OK and a record; STORE_CORRUPT, nothing that will be one;
 * STORE_BUSY, one that is waited for; STORE_MISS, nothing yet. */
static int slot_look(struct journal_reader *reader, int64_t now_ms,
                     struct journal_record *out)
{
    const uint8_t *slot = slot_at(reader);
    if (slot && journal_decode(slot, out))
        return STORE_OK;
    if (!slot || reader->first != reader->index) { /* look again, it may be whole now */
        int result = slots_read(reader);
        slot = slot_at(reader);
        if (result != STORE_OK || !slot)
            return result == STORE_OK ? STORE_MISS : result;
        if (journal_decode(slot, out))
            return STORE_OK;
    }
    reader->count = 0; /* what was read is old when we come again */
    if (reader->index >= reader->reserved && is_empty(slot))
        return STORE_MISS;
    return slot_wait(reader, now_ms);
}

/* Behind the place there is nothing yet. Goes on where there will not be anything, either:
 * STORE_OK; otherwise STORE_MISS, and errors. */
static int place_pass(struct journal_reader *reader)
{
    if (!reader->ended) { /* once there is a successor what is empty is looked at again */
        int result = successor_look(reader, &reader->ended);
        return result == STORE_OK && !reader->ended ? STORE_MISS : result;
    }
    if (reader->header.kind == SEGMENT_MAPPED)
        reader->index++;
    else
        reader->index = reader->header.capacity;
    return STORE_OK;
}

/* A step: STORE_OK and |*found|, or STORE_OK and another one is to follow. */
static int step(struct journal_reader *reader, int64_t now_ms, struct journal_record *out,
                bool *found)
{
    if (reader->descriptor < 0)
        return segment_next(reader);
    if (reader->index == reader->header.capacity)
        return segment_leave(reader);
    int result = slot_look(reader, now_ms, out);
    if (result == STORE_MISS)
        return place_pass(reader);
    if (result != STORE_OK && result != STORE_CORRUPT)
        return result;
    reader->index++;
    *found = result == STORE_OK;
    reader->torn += result == STORE_CORRUPT;
    return STORE_OK;
}

int journal_reader_next(struct journal_reader *reader, int64_t now_ms,
                        struct journal_record *out)
{
    bool found = false;
    int result;
    do
        result = step(reader, now_ms, out, &found);
    while (result == STORE_OK && !found);
    return result;
}
