/* SPDX-License-Identifier: MIT */
/* Vectors come and go with the entries that have them in their notes. Whoever files or removes an
 * entry only notes that (RECORD_COME, RECORD_GONE), in the same transaction; the merger then changes
 * the partitions (partition.h), some hundred rows in one transaction that also takes the notes away. So
 * killed at any moment nothing is lost, and nothing is done twice. Rows stay without gaps: there is
 * nothing to compact.
 *
 * All of it can be made anew from the entries, and is, where not all of LMDB's file could be read
 * (RECORD_FILED, filing.h).
 *
 * Thread class: one thread. */
#ifndef STORE_ROWS_FILING_H
#define STORE_ROWS_FILING_H

#include "partition.h"
#include "writer.h"

/* The entry |key| is filed, with the note |vector| (vector_note.h; one that cannot be read, or none,
 * is passed over). STORE_OK, STORE_NO_MEMORY. */
MUST_USE int rows_come(struct writer *writer, const struct tenant *tenant,
                       const uint8_t key[STORE_KEY_SIZE], struct span vector);
/* The entry |key| is removed. The same results. */
MUST_USE int rows_go(struct writer *writer, const uint8_t key[STORE_KEY_SIZE]);

/* Changes the partitions. writer_flush's results. */
MUST_USE int rows_update(struct writer *writer, struct keyring *keyring);

/* Queues the removal of everything that the tenants |ids| have in partitions, of their certificates and
 * vocabularies; their keys are not needed for it. STORE_OK, STORE_CORRUPT, STORE_UNAVAILABLE, STORE_NO_MEMORY. */
MUST_USE int rows_forget(struct writer *writer, struct span ids);

/* True for records that are made anew from entries. */
static inline bool rows_are_remade(struct span key)
{
    return key.size && (key.at[0] == RECORD_NEAR || key.at[0] == RECORD_ROW ||
                        key.at[0] == RECORD_PLACE || key.at[0] == RECORD_COME ||
                        key.at[0] == RECORD_GONE || key.at[0] == RECORD_VOCABULARY ||
                        key.at[0] == RECORD_LESSON);
}

#endif
