/* SPDX-License-Identifier: MIT */
/* Where things lie below the store's directory, and how LMDB keys look. Private to
 * store/. */
#ifndef STORE_LAYOUT_H
#define STORE_LAYOUT_H

#include "files.h"
#include "journal.h"
#include "keyring.h"
#include "lease.h"
#include "limit.h"
#include "pages.h"
#include "seal.h"
#include "spool.h"
#include "store.h"
#include "vector_cache.h"
#include "vocabulary_cache.h"

/* In LMDB a key's first byte is its kind: 'e' and the entry's key, 'a' and the alias
 * (enum record_kind), and what only tools read: */
#define RECORD_REVERSE 'r' /* an entry's key and one of its aliases: nothing */
#define RECORD_CARD    'u' /* an entry's key: its card (card.h) */
#define RECORD_TAG     'g' /* a tag's id and an entry's key: nothing (filing.h) */
#define RECORD_FILED   'i' /* alone: every entry has its card and tags (filing.h) */
#define RECORD_REMOVED                                                                   \
    'd' /* alone: keys of removed entries (removed.h); hosts read it, too */
#define RECORD_EVICTED  'v' /* alone or with a number: what was evicted (evicted.h) */
#define RECORD_POSITION 'j' /* alone: how far the journal was read for uses (uses.h) */
#define RECORD_COUNTS   'c' /* alone: how many entries and aliases there are (writer.h) */
#define RECORD_TOTALS   't' /* alone or with a time: rows of removed segments (ledger.h) */
#define RECORD_HISTORY  'h' /* a day: how large the store was (history.h) */
/* What the semantic layer has; NEAR, ROW, CERTIFICATE and VOCABULARY are read by hosts, too: */
#define RECORD_NEAR                                                                      \
    'n' /* a partition, or with a block's number its signs (partition.h) */
#define RECORD_ROW         'w' /* a partition and a row's number: codes (partition.h) */
#define RECORD_PLACE       'p' /* an entry's key: its row (partition.h) */
#define RECORD_COME        'q' /* a partition, an entry's key: has no row yet (rows_filing.h) */
#define RECORD_GONE        'k' /* a tenant, an entry's key: the row it had (rows_filing.h) */
#define RECORD_CERTIFICATE 'f' /* a tenant and a scope's id (certificates.h) */
#define RECORD_CANARY      'y' /* the same and an entry's key (certificates.h) */
#define RECORD_REVIEW      'b' /* an entry's key: a review of its sample (reviews.h) */
#define RECORD_VOCABULARY                                                                \
    'o'                   /* a tenant: the words of its prompts (vocabulary_cache.h) */
#define RECORD_LESSON 'l' /* a tenant, an entry's key: words to be learnt (lessons.h) */

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

/* |kind|: enum record_kind, or RECORD_CARD. */
static inline struct span record_key(struct record_key *out, int kind,
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

struct tag_key {
    uint8_t bytes[1 + TAG_ID_SIZE + STORE_KEY_SIZE];
};

/* |id| of zeroes: entries whose tags could not be read. */
static inline struct span tag_key(struct tag_key *out, const uint8_t id[TAG_ID_SIZE],
                                  const uint8_t key[STORE_KEY_SIZE])
{
    out->bytes[0] = RECORD_TAG;
    memcpy(out->bytes + 1, id, TAG_ID_SIZE);
    memcpy(out->bytes + 1 + TAG_ID_SIZE, key, STORE_KEY_SIZE);
    return span_of(out->bytes, sizeof(out->bytes));
}

struct store {
    struct layout layout;
    struct keyring keyring;
    struct pages_cache cache;
    pthread_mutex_t unsealer_lock;
    struct unsealer unsealer;
    struct vector_cache vectors;
    struct vocabulary_cache vocabularies;
    pthread_mutex_t journal_lock;
    struct journal journal;
    struct leases leases;
    _Atomic int64_t merge_check_ms; /* when store_wants_merge() looks at the disk again */
    _Atomic unsigned recordings;    /* since it last did */
    struct limit limit;
};

#endif
