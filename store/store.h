/* SPDX-License-Identifier: MIT */
/* The cache on disk as a host process sees it: look-ups in LMDB and in the spool, recordings
 * into the spool, events into the journal. A host never writes LMDB; see merge.h for the only
 * writer. Nothing here prints, starts a thread, or leaves a low descriptor open.
 *
 * Thread class: every function may be called from any thread at once on the same store. None
 * is async-signal-safe. After fork() the child calls store_after_fork() before anything else. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "bytes.h"
#include "journal.h"
#include "tenant.h"

enum store_result {
    STORE_OK = 0,
    STORE_MISS = -1,        /* no such entry, or one that does not authenticate */
    STORE_UNAVAILABLE = -2, /* missing, unreadable, read-only, foreign version */
    STORE_REFUSED = -3,     /* owned by someone else, or others may write to it */
    STORE_NO_MEMORY = -4,
    STORE_FULL = -5, /* no space, or a size limit */
    STORE_CORRUPT = -6
};

#define STORE_KEY_SIZE 32

/* Where things lie. All absolute paths, copied into the store. */
struct store_paths {
    const char *store;  /* directory, created 0700 when missing */
    const char *config; /* directory of `secret` and `salts/`, created 0700 when missing */
};

/* What `preecho ls` shows of an entry: sealed apart from the payload so that listing does not
 * read answers. Texts are cut to fit and always ended by a zero. */
struct entry_label {
    char dialect[16];
    char operation[32];
    char model[96];
    char host[128];
    uint16_t port;
    uint16_t status;
    bool stream;
    bool usage_known;
    int64_t created_ms;     /* since 1970, when the answer was complete */
    uint64_t first_byte_us; /* request complete to the first byte of the answer */
    uint64_t last_byte_us;  /* request complete to its last byte */
    uint64_t tokens_in;
    uint64_t tokens_out;
    uint64_t tokens_cached;
    uint64_t request_bytes;  /* the body as the program sent it */
    uint64_t response_bytes; /* the body, decoded */
};

/* A found entry. `payload` is whatever the recorder gave store_record(). Free with entry_free(). */
struct entry {
    struct entry_label label;
    struct buffer payload;
};

struct store;

/* Opens |paths|. Creates directories, never LMDB. |*out| is NULL unless STORE_OK.
 * STORE_OK, STORE_UNAVAILABLE, STORE_REFUSED, STORE_NO_MEMORY. */
MUST_USE int store_open(struct store **out, const struct store_paths *paths);
/* Closes what is open and frees |store|; hosts never call it (see store_after_fork). */
void store_close(struct store *store);
/* In a forked child: forgets the parent's LMDB environment (without closing it, its descriptors
 * may be anything by now) and opens another when first needed. */
void store_after_fork(struct store *store);

/* The keys of |identity|'s tenant. A tenant that has never recorded has no salt yet: with
 * |create| one is made, without it the result is STORE_MISS.
 * STORE_OK, STORE_MISS, STORE_UNAVAILABLE, STORE_REFUSED, STORE_NO_MEMORY. */
MUST_USE int store_tenant(struct store *store, struct span identity, bool create,
                          struct tenant *out);

/* The entry recorded under |key| by |tenant|. STORE_OK, STORE_MISS, STORE_UNAVAILABLE,
 * STORE_NO_MEMORY. |out| is to be freed only after STORE_OK. */
MUST_USE int store_find(struct store *store, const struct tenant *tenant,
                        const uint8_t key[STORE_KEY_SIZE], struct entry *out);
void entry_free(struct entry *entry);
/* The key that |alias| stands for. Same results. */
MUST_USE int store_find_alias(struct store *store, const struct tenant *tenant,
                              const uint8_t alias[STORE_KEY_SIZE],
                              uint8_t key[STORE_KEY_SIZE]);

/* Compresses, seals and spools one entry: one file, complete or absent, whatever happens.
 * |alias| may be NULL. STORE_OK, STORE_UNAVAILABLE, STORE_REFUSED, STORE_NO_MEMORY, STORE_FULL. */
MUST_USE int store_record(struct store *store, const struct tenant *tenant,
                          const uint8_t key[STORE_KEY_SIZE],
                          const uint8_t alias[STORE_KEY_SIZE],
                          const struct entry_label *label, struct span payload);
/* Spools a further alias of an existing entry. Same results. */
MUST_USE int store_record_alias(struct store *store, const struct tenant *tenant,
                                const uint8_t alias[STORE_KEY_SIZE],
                                const uint8_t key[STORE_KEY_SIZE]);

/* Adds one record to the journal; a journal that cannot be written loses it silently (and
 * counts). No system call once the segment is mapped. */
void store_journal(struct store *store, const struct journal_record *record);

/* True when the spool has grown enough for a merge to be worth a process. Cheap: looks at the
 * disk only now and then. */
bool store_wants_merge(struct store *store);

/* Static text for a store_result, for people. */
const char *store_result_text(int result);

#endif
