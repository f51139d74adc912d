/* SPDX-License-Identifier: MIT */
/* Where things lie below the store's directory, and how LMDB keys look. Private to
 * store/. */
#ifndef STORE_LAYOUT_H
#define STORE_LAYOUT_H

#include "files.h"
#include "journal.h"
#include "keyring.h"
#include "lease.h"
#include "pages.h"
#include "seal.h"
#include "spool.h"
#include "store.h"

/* In LMDB a key's first byte is its kind: 'e' and the entry's key, 'a' and the alias
 * (enum record_kind), and what only tools read: */
#define RECORD_REVERSE 'r' /* an entry's key and one of its aliases: nothing */
#define RECORD_COUNTS  'c' /* alone: how many entries and aliases there are (writer.h) */
#define RECORD_TOTALS  't' /* alone: totals of removed journal segments (fold.h) */

#define SPOOL_FILES_LIMIT    256 /* a merge is wanted beyond these */
#define SPOOL_BYTES_LIMIT    ((uint64_t)64 << 20)
#define JOURNAL_SEGMENT_KEPT 256 /* segments that the merger leaves as history */

struct layout {
    char store[DIRECTORY_LIMIT + 1];
    char config[DIRECTORY_LIMIT + 1];
    char spool[DIRECTORY_LIMIT + 1];
    char journal[DIRECTORY_LIMIT + 1];
    char data[DIRECTORY_LIMIT + 1]; /* LMDB's data file */
};

/* False when a path is missing, relative or too long. */
MUST_USE bool layout_from(struct layout *out, const struct store_paths *paths);

struct record_key {
    uint8_t bytes[1 + STORE_KEY_SIZE];
};

static inline struct span record_key(struct record_key *out, enum record_kind kind,
                                     const uint8_t key[STORE_KEY_SIZE])
{
    out->bytes[0] = (uint8_t)kind;
    memcpy(out->bytes + 1, key, STORE_KEY_SIZE);
    return span_of(out->bytes, sizeof(out->bytes));
}

struct reverse_key {
    uint8_t bytes[1 + 2 * STORE_KEY_SIZE];
};

static inline struct span reverse_key(struct reverse_key *out,
                                      const uint8_t key[STORE_KEY_SIZE],
                                      const uint8_t alias[STORE_KEY_SIZE])
{
    out->bytes[0] = RECORD_REVERSE;
    memcpy(out->bytes + 1, key, STORE_KEY_SIZE);
    memcpy(out->bytes + 1 + STORE_KEY_SIZE, alias, STORE_KEY_SIZE);
    return span_of(out->bytes, sizeof(out->bytes));
}

struct store {
    struct layout layout;
    struct keyring keyring;
    struct pages_cache cache;
    pthread_mutex_t unsealer_lock;
    struct unsealer unsealer;
    pthread_mutex_t journal_lock;
    struct journal journal;
    struct leases leases;
    _Atomic int64_t merge_check_ms; /* when store_wants_merge() looks at the disk again */
    _Atomic unsigned recordings;    /* since it last did */
};

#endif
