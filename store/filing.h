/* SPDX-License-Identifier: MIT */
/* What lies beside an entry in LMDB so that it is found without opening all: its card (card.h),
 * and for each of its tags an index record, RECORD_TAG with the tag's id and the entry's key. A
 * tag's id is a keyed hash of its text (tag_id). An entry whose label cannot be opened here (it
 * was recorded under another configuration directory) has the tag id zero.
 *
 * While RECORD_FILED is missing not every entry has these: the file was written by an older
 * version, or moved out of a damaged one. Then the next merge files all, and until then those
 * who look for a tag look at every entry.
 *
 * Thread class: one thread. */
#ifndef STORE_FILING_H
#define STORE_FILING_H

#include "writer.h"

/* Queues card and index records of the entry |key|, whose value begins with |value| and has
 * |size| bytes; what an older recording had and this one has not is removed.
 * |uses|: of this recording, so far.
 * STORE_OK (also when it is none that can be filed), STORE_NO_MEMORY. */
MUST_USE int filing_add(struct writer *writer, struct keyring *keyring,
                        const uint8_t key[STORE_KEY_SIZE], struct span value,
                        uint64_t size, uint32_t uses);

/* Queues the removal of the entry |key| and of everything that belongs to it.
 * STORE_OK, STORE_NO_MEMORY. */
MUST_USE int filing_remove(struct writer *writer, const uint8_t key[STORE_KEY_SIZE]);

/* Files everything, when that is not yet so. writer_flush's results. */
MUST_USE int filing_complete(struct writer *writer, struct keyring *keyring);
bool filing_is_complete(const char *data);

/* Appends the keys, ascending and each once, of entries that may have all of |tags| (framed
 * texts, at least one): those of one of them, and those whose tags are not known. Whoever gets
 * one verifies. STORE_OK, STORE_CORRUPT, STORE_UNAVAILABLE, STORE_NO_MEMORY. */
MUST_USE int filing_find(const struct layout *layout, struct keyring *keyring,
                         struct span tags, struct buffer *keys);

/* Appends the keys, ascending, of the entries that the index has under |tag| (framed). The same
 * results. */
MUST_USE int filing_members(const struct layout *layout, struct keyring *keyring,
                            struct span tag, struct buffer *keys);

#endif
