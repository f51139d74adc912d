/* SPDX-License-Identifier: MIT */
/* Segments: the files that the journal consists of, `journal/<sequence, 16 hex digits>`.
 *
 *     offset  size  what (little-endian)
 *          0     8  "preechoJ"
 *          8     4  version, 1
 *         12     4  size of a slot, 512
 *         16     4  capacity in slots
 *         20     4  kind: 1 mapped, 2 appended
 *         24     8  sequence
 *         32     8  created, milliseconds since 1970
 *         40     8  random: which segment it is, also after a journal was begun anew
 *         64     8  mapped: the next free slot, an atomic counter that runs past capacity
 *       4096        slots
 *
 * A mapped segment has all its blocks allocated, so that a store into the map cannot fail
 * for want of space (that would be SIGBUS). Only file systems known to overwrite in place
 * get one; on others (btrfs, ZFS, overlay, network) records are appended under flock(2).
 *
 * Full segments stay: they are the history that reports read. The merger folds those beyond
 * its limit (fold.h) and removes them.
 *
 * Thread class: any thread, any number of processes. */
#ifndef STORE_SEGMENT_H
#define STORE_SEGMENT_H

#include "files.h"
#include "journal.h"

#define SEGMENT_HEADER_SIZE 4096
#define SEGMENT_CAPACITY    4096
#define SEGMENT_NEXT_OFFSET 64
#define SEGMENT_NAME_SIZE   17

enum segment_kind { SEGMENT_MAPPED = 1, SEGMENT_APPENDED = 2 };

struct segment_header {
    uint32_t capacity;
    uint32_t kind; /* enum segment_kind */
    uint64_t sequence;
    uint64_t identity;
    uint64_t next; /* mapped: as read */
};

void segment_name(uint64_t sequence, char name[SEGMENT_NAME_SIZE]);
/* False when |name| is no segment's. */
MUST_USE bool segment_name_parse(const char *name, uint64_t *sequence);

/* |bytes| is the beginning of a file of |file_size| bytes. False when it is no segment of
 * a version we know. */
MUST_USE bool segment_parse(struct span bytes, uint64_t file_size,
                            struct segment_header *out);

/* The highest sequence in |directory|, 0 when there is none.
 * STORE_OK, STORE_MISS (no such directory), STORE_UNAVAILABLE. */
MUST_USE int segment_highest(const char *directory, uint64_t *sequence);

/* Appends the sequences in |directory| to |out| as host-order uint64_t, ascending.
 * STORE_OK (none when there is no directory), STORE_UNAVAILABLE, STORE_NO_MEMORY. */
MUST_USE int segment_list(const char *directory, struct buffer *out);

/* Makes segment |sequence| unless it exists, whoever makes it. |now_ms| is its time.
 * STORE_OK, STORE_MISS (no such directory), STORE_UNAVAILABLE, STORE_FULL. */
MUST_USE int segment_create(const char *directory, uint64_t sequence, int64_t now_ms);

/* Visits the records of one segment, given as the content of its file; adds to |state|.
 * False when the visitor ended the walk. */
bool segment_each(struct span content, const struct segment_header *header,
                  journal_visit visit, void *context, struct journal_state *state);

/* Reads the file of segment |sequence| into |content| (emptied before).
 * STORE_OK, STORE_MISS (gone), STORE_CORRUPT (no segment of a version we know),
 * STORE_UNAVAILABLE, STORE_REFUSED, STORE_NO_MEMORY. */
MUST_USE int segment_read(const char *directory, uint64_t sequence,
                          struct buffer *content, struct segment_header *out);

/* True: leave this segment out. */
typedef bool (*segment_skip)(void *context, const struct segment_header *header);

/* As journal_each(), without the segments that |skip| names. */
MUST_USE int segments_each(const char *directory, segment_skip skip, void *skip_context,
                           journal_visit visit, void *context,
                           struct journal_state *state);

#endif
