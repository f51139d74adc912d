/* SPDX-License-Identifier: MIT */
/* One change of one partition, see rows_filing.h. Private to rows_*.c.
 *
 * Thread class: one thread. */
#ifndef STORE_ROWS_CHANGE_H
#define STORE_ROWS_CHANGE_H

#include "partition.h"
#include "writer.h"

struct rows_coming {
    uint8_t key[STORE_KEY_SIZE];
    struct vector_note note; /* all of the partition's dimensions */
};

/* Everything that is read is read through |session|: nothing may be queued of this partition. */
struct rows_change {
    struct writer *writer;
    struct pages_session *session;
    const struct tenant *tenant;
    const uint8_t *id;
    struct buffer gone; /* uint32_t: rows that have been verified to be those that go */
    const struct rows_coming *coming;
    size_t coming_count;
};

/* Appends what the record |name| holds. STORE_OK, STORE_MISS (there is none, or it does not
 * authenticate), STORE_NO_MEMORY. */
MUST_USE int rows_record(struct rows_change *change, struct span name,
                         struct buffer *out);

/* Queues the change. STORE_OK (also when the partition is full: nothing has come then),
 * STORE_NO_MEMORY. */
MUST_USE int rows_change(struct rows_change *change);

#endif
