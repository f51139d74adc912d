/* SPDX-License-Identifier: MIT */
/* Entries that were removed and still lie in LMDB's file: whoever looks one up there, or walks
 * over all, passes these over. Their keys stand in one record, RECORD_REMOVED, ascending
 * (key_list.h); removal.h writes it.
 *
 * Thread class: any thread. */
#ifndef STORE_REMOVED_H
#define STORE_REMOVED_H

#include "layout.h"

/* |*out|: whether the entry |key| is removed, according to the snapshot that |session| reads.
 * STORE_OK, STORE_CORRUPT, STORE_UNAVAILABLE, STORE_NO_MEMORY. */
MUST_USE int removed_has(struct pages_session *session, const uint8_t key[STORE_KEY_SIZE],
                         bool *out);

/* Appends all of them. The same results. */
MUST_USE int removed_read(const char *data, struct buffer *keys);

#endif
