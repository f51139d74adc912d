/* SPDX-License-Identifier: MIT */
/* What vocabularies (vocabulary.h) are learned from: the words that entries have in their notes. Whoever
 * files an entry for the first time only queues its words, sealed, in the same transaction; the
 * merger then counts them and takes them away, in one transaction with the vocabulary. So each entry is
 * counted once, whatever happens.
 *
 *     RECORD_LESSON   tenant (16), entry's key (32)   its words, sealed (partition.h)
 *
 * Words stay when an entry is removed or evicted: a vocabulary goes with its tenant, or with everything.
 * Where the database was damaged it is made anew from the entries that are left.
 *
 * Thread class: one thread. */
#ifndef STORE_LESSONS_H
#define STORE_LESSONS_H

#include "writer.h"

/* The entry |key| is filed, with the note |words| or none. STORE_OK, STORE_NO_MEMORY. */
MUST_USE int lessons_come(struct writer *writer, const struct tenant *tenant,
                          const uint8_t key[STORE_KEY_SIZE], struct span words);

/* Changes the vocabularies. Nothing may be queued. writer_flush's results. */
MUST_USE int lessons_update(struct writer *writer, struct keyring *keyring);

#endif
