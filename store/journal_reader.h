/* SPDX-License-Identifier: MIT */
/* Reads the journal record by record, in its order, and goes on with what is written meanwhile:
 * into further segments, too, and into a journal that is removed and begun anew. Whoever reads
 * asks again and again: no kernel event tells of a store into another process's mapping.
 *
 * Thread class: one thread. Keeps a descriptor open, so it is for the command, not for hosts. */
#ifndef STORE_JOURNAL_READER_H
#define STORE_JOURNAL_READER_H

#include "store.h"

/* How long a slot that was reserved is waited for: whoever reserved it may have died. */
#define JOURNAL_READER_PATIENCE_MS 500

/* As a time: waits for no slot. */
#define JOURNAL_READER_NO_WAIT INT64_MAX

struct journal_reader;

/* At the beginning of the journal in |directory|, which need not exist. |*out| is NULL unless
 * STORE_OK. STORE_OK, STORE_UNAVAILABLE (the path is too long), STORE_NO_MEMORY. */
MUST_USE int journal_reader_new(const char *directory, struct journal_reader **out);
/* Likewise, of |store|'s journal. */
MUST_USE int store_journal_reader(struct store *store, struct journal_reader **out);
/* NULL is allowed. */
void journal_reader_free(struct journal_reader *reader);

/* The next record; each is given once. |now_ms|: any clock that only goes forward.
 * STORE_OK; STORE_MISS: no more for now; STORE_BUSY: one was begun and is waited for, ask again
 * soon. STORE_UNAVAILABLE, STORE_REFUSED, STORE_NO_MEMORY: asking again may help. */
MUST_USE int journal_reader_next(struct journal_reader *reader, int64_t now_ms,
                                 struct journal_record *out);

/* How many slots were left out, since their writers have never finished them. */
uint64_t journal_reader_torn(const struct journal_reader *reader);

#endif
