/* SPDX-License-Identifier: MIT */
/* The spool: where recordings wait for the merger, one file each, named by kind and key.
 * A file appears there complete (written under another name, then renamed) or not at all.
 * It is not synced: after a power cut it may be short or full of zeroes, then it does not
 * authenticate and is a miss, as if it had not been recorded.
 *
 * Thread class: any thread, any number of processes. No state, no open descriptor. */
#ifndef STORE_SPOOL_H
#define STORE_SPOOL_H

#include "files.h"
#include "label.h"

/* What a record is; the first byte of its LMDB key and of its spool file's name. A batch is a file of
 * entries with a random key (batch.h). */
enum record_kind { RECORD_ENTRY = 'e', RECORD_ALIAS = 'a', RECORD_BATCH = 'b' };

#define SPOOL_NAME_SIZE (2 + 2 * STORE_KEY_SIZE + 1)

/* "e-", "a-" or "b-" and the key in hexadecimal. */
void spool_name(enum record_kind kind, const uint8_t key[STORE_KEY_SIZE],
                char name[SPOOL_NAME_SIZE]);
/* False when |name| is not such a name. */
MUST_USE bool spool_name_parse(const char *name, enum record_kind *kind,
                               uint8_t key[STORE_KEY_SIZE]);

/* Puts |content| under |key| into the directory |spool|, replacing what is there.
 * STORE_OK, STORE_MISS (no such directory), STORE_UNAVAILABLE, STORE_FULL. */
MUST_USE int spool_write(const char *spool, enum record_kind kind,
                         const uint8_t key[STORE_KEY_SIZE], struct span content);

/* Appends what lies under |key|. file_read's results; |stamp| (may be NULL) tells which
 * file it was. */
MUST_USE int spool_read(const char *spool, enum record_kind kind,
                        const uint8_t key[STORE_KEY_SIZE], struct buffer *out,
                        struct file_stamp *stamp);

/* Appends the first |most| bytes of the entry under |key|; |*size| becomes that of all of it.
 * file_read_head's results. */
MUST_USE int spool_read_head(const char *spool, const uint8_t key[STORE_KEY_SIZE],
                             size_t most, struct buffer *out, uint64_t *size);

/* A batch counts as so many, since it is looked into for other keys than its own, too. */
#define SPOOL_BATCH_WEIGHT 8

/* True when the spool holds |files| or more recordings, or |bytes| or more of them. */
MUST_USE bool spool_reaches(const char *spool, size_t files, uint64_t bytes);

#endif
