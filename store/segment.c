/* SPDX-License-Identifier: MIT */
/* The journal's files, see segment.h. */
#include "segment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <unistd.h>

#define SEGMENT_VERSION 1
#define HEADER_USED     72
#define XFS_MAGIC       0x58465342
#define SEGMENT_LIMIT   ((size_t)64 << 20) /* of a file that we read whole */

static const char segment_magic[8] = {'p', 'r', 'e', 'e', 'c', 'h', 'o', 'J'};

void segment_name(uint64_t sequence, char name[SEGMENT_NAME_SIZE])
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(sequence >> (56 - 8 * i));
    hex_encode(bytes, sizeof(bytes), name);
}

bool segment_name_parse(const char *name, uint64_t *sequence)
{
    uint8_t bytes[8];
    if (!hex_decode(name, bytes, sizeof(bytes)))
        return false;
    *sequence = 0;
    for (size_t i = 0; i < sizeof(bytes); i++)
        *sequence = *sequence << 8 | bytes[i];
    return *sequence != 0;
}

bool segment_parse(struct span bytes, uint64_t file_size, struct segment_header *out)
{
    struct cursor cursor = cursor_of(bytes);
    struct span magic = cursor_bytes(&cursor, sizeof(segment_magic));
    uint32_t version = cursor_u32(&cursor), slot_size = cursor_u32(&cursor);
    out->capacity = cursor_u32(&cursor);
    out->kind = cursor_u32(&cursor);
    out->sequence = cursor_u64(&cursor);
    (void)cursor_u64(&cursor); /* created: for people with a hex editor */
    out->identity = cursor_u64(&cursor);
    (void)cursor_bytes(&cursor, SEGMENT_NEXT_OFFSET - 48);
    out->next = cursor_u64(&cursor);
    if (!cursor_ok(&cursor) ||
        !span_equal(magic, span_of(segment_magic, sizeof(segment_magic))) ||
        version != SEGMENT_VERSION || slot_size != JOURNAL_SLOT_SIZE)
        return false;
    uint64_t full = SEGMENT_HEADER_SIZE + (uint64_t)out->capacity * JOURNAL_SLOT_SIZE;
    if (out->capacity == 0 || full > SEGMENT_LIMIT || file_size < SEGMENT_HEADER_SIZE)
        return false;
    return out->kind == SEGMENT_APPENDED ||
           (out->kind == SEGMENT_MAPPED && file_size >= full);
}

static void header_encode(uint8_t header[HEADER_USED], enum segment_kind kind,
                          uint64_t sequence, int64_t now_ms)
{
    uint64_t identity;
    randombytes_buf(&identity, sizeof(identity));
    struct buffer out = {.at = header, .capacity = HEADER_USED}; /* never grows */
    buffer_append(&out, segment_magic, sizeof(segment_magic));
    buffer_append_u32(&out, SEGMENT_VERSION);
    buffer_append_u32(&out, JOURNAL_SLOT_SIZE);
    buffer_append_u32(&out, SEGMENT_CAPACITY);
    buffer_append_u32(&out, kind);
    buffer_append_u64(&out, sequence);
    buffer_append_u64(&out, (uint64_t)now_ms);
    buffer_append_u64(&out, identity);
    memset(header + out.size, 0, HEADER_USED - out.size);
}

/* File systems that overwrite allocated blocks in place. */
static bool overwrites_in_place(int descriptor)
{
    struct statfs status;
    if (fstatfs(descriptor, &status) != 0)
        return false;
    return status.f_type == EXT4_SUPER_MAGIC || status.f_type == XFS_MAGIC ||
           status.f_type == TMPFS_MAGIC;
}

static int segment_fill(int descriptor, uint64_t sequence, int64_t now_ms)
{
    uint64_t size = SEGMENT_HEADER_SIZE + (uint64_t)SEGMENT_CAPACITY * JOURNAL_SLOT_SIZE;
    uint8_t header[HEADER_USED];
    enum segment_kind kind = SEGMENT_APPENDED;
    if (!file_may_grow_to(size))
        return STORE_FULL;
    if (overwrites_in_place(descriptor)) {
        if (fallocate(descriptor, 0, 0, (off_t)size) == 0)
            kind = SEGMENT_MAPPED;
        else if (errno != EOPNOTSUPP)
            return file_result(errno);
    }
    if (kind == SEGMENT_APPENDED && ftruncate(descriptor, SEGMENT_HEADER_SIZE) != 0)
        return file_result(errno);
    header_encode(header, kind, sequence, now_ms);
    return file_write_all(descriptor, span_of(header, sizeof(header)));
}

int segment_create(const char *directory, uint64_t sequence, int64_t now_ms)
{
    struct path temporary, target;
    char name[SEGMENT_NAME_SIZE];
    int descriptor;
    segment_name(sequence, name);
    if (!path_join(&target, directory, name))
        return STORE_UNAVAILABLE;
    int result = file_create_temporary(directory, &temporary, &descriptor);
    if (result != STORE_OK)
        return result;
    result = segment_fill(descriptor, sequence, now_ms);
    close(descriptor);
    if (result == STORE_OK)
        return file_give_name(&temporary, &target);
    unlink(temporary.text);
    return result;
}

static int sequence_order(const void *a, const void *b)
{
    uint64_t left, right;
    memcpy(&left, a, sizeof(left));
    memcpy(&right, b, sizeof(right));
    return left < right ? -1 : left > right;
}

int segment_list(const char *directory, struct buffer *out)
{
    DIR *stream = opendir(directory);
    if (!stream)
        return file_result(errno) == STORE_MISS ? STORE_OK : STORE_UNAVAILABLE;
    for (struct dirent *item; (item = readdir(stream));) {
        uint64_t sequence;
        if (segment_name_parse(item->d_name, &sequence))
            buffer_append(out, &sequence, sizeof(sequence));
    }
    closedir(stream);
    if (!buffer_ok(out))
        return STORE_NO_MEMORY;
    if (out->size)
        qsort(out->at, out->size / sizeof(uint64_t), sizeof(uint64_t), sequence_order);
    return STORE_OK;
}

int segment_highest(const char *directory, uint64_t *sequence)
{
    DIR *stream = opendir(directory);
    if (!stream)
        return file_result(errno);
    *sequence = 0;
    for (struct dirent *item; (item = readdir(stream));) {
        uint64_t found;
        if (segment_name_parse(item->d_name, &found) && found > *sequence)
            *sequence = found;
    }
    closedir(stream);
    return STORE_OK;
}

static bool slot_is_empty(const uint8_t *slot)
{
    static const uint8_t empty[JOURNAL_SLOT_SIZE];
    return memcmp(slot, empty, sizeof(empty)) == 0;
}

/* All slots are looked at, also those behind `next`: should the counter be damaged, the
 * records are still there. */
bool segment_each(struct span content, const struct segment_header *header,
                  journal_visit visit, void *context, struct journal_state *state)
{
    struct cursor cursor = cursor_of(span_skip(content, SEGMENT_HEADER_SIZE));
    struct journal_record record;
    for (uint64_t i = 0; i < header->capacity; i++) {
        struct span slot = cursor_bytes(&cursor, JOURNAL_SLOT_SIZE);
        if (!cursor_ok(&cursor))
            break;
        if (journal_decode(slot.at, &record)) {
            state->records++;
            if (!visit(context, &record))
                return false;
        } else if (i < header->next || !slot_is_empty(slot.at)) {
            state->torn++;
        }
    }
    return true;
}

int segment_read(const char *directory, uint64_t sequence, struct buffer *content,
                 struct segment_header *out)
{
    struct path path;
    char name[SEGMENT_NAME_SIZE];
    segment_name(sequence, name);
    if (!path_join(&path, directory, name))
        return STORE_UNAVAILABLE;
    buffer_clear(content);
    int result = file_read(path.text, false, SEGMENT_LIMIT, content, NULL);
    if (result == STORE_OK && (!segment_parse(buffer_span(content), content->size, out) ||
                               out->sequence != sequence))
        result = STORE_CORRUPT;
    return result;
}

/* False: the visitor has enough, or |*result| says why not. */
static bool visit_segment(const char *directory, uint64_t sequence, segment_skip skip,
                          void *skip_context, struct buffer *content, journal_visit visit,
                          void *context, struct journal_state *state, int *result)
{
    struct segment_header header;
    int found = segment_read(directory, sequence, content, &header);
    if (found == STORE_MISS) /* folded meanwhile */
        return true;
    if (found == STORE_CORRUPT) {
        state->foreign++;
        return true;
    }
    *result = found;
    if (found != STORE_OK)
        return false;
    if (skip && skip(skip_context, &header))
        return true;
    state->segments++;
    state->bytes += content->size;
    return segment_each(buffer_span(content), &header, visit, context, state);
}

int segments_each(const char *directory, segment_skip skip, void *skip_context,
                  journal_visit visit, void *context, struct journal_state *state)
{
    struct buffer sequences = {0}, content = {0};
    int result = segment_list(directory, &sequences);
    for (size_t i = 0; result == STORE_OK && i < sequences.size; i += sizeof(uint64_t)) {
        uint64_t sequence;
        memcpy(&sequence, sequences.at + i, sizeof(sequence));
        if (!visit_segment(directory, sequence, skip, skip_context, &content, visit,
                           context, state, &result))
            break;
    }
    buffer_free(&sequences);
    buffer_free(&content);
    return result;
}

int journal_each(const char *directory, journal_visit visit, void *context,
                 struct journal_state *state)
{
    return segments_each(directory, NULL, NULL, visit, context, state);
}
