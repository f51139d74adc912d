/* SPDX-License-Identifier: MIT */
/* The cache on disk as a host process sees it: look-ups in LMDB and in the spool,
 * recordings into the spool, events into the journal. A host never writes LMDB (see
 * merge.h for the only writer) and reads its file without opening an environment (see
 * pages.h). Nothing here prints, starts a thread, or leaves a descriptor open between
 * calls.
 *
 * Thread class: every function may be called from any thread at once on the same store.
 * None is async-signal-safe. After fork() the child calls store_after_fork() before
 * anything else. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "bytes.h"
#include "journal.h"
#include "label.h"
#include "recipe.h"
#include "result.h"
#include "tenant.h"

/* Where things lie. All absolute paths, copied into the store. */
struct store_paths {
    const char *store; /* directory, created 0700 when missing */
    const char
        *config; /* directory of `secret` and `salts/`, created 0700 when missing */
};

/* A found entry. `payload` is whatever the recorder gave store_record(). Free with
 * entry_free(). */
struct entry {
    struct entry_label label;
    struct buffer payload;
    struct buffer
        noted; /* what store_load()'s notes point into; empty from store_find() */
};

struct store;

/* Opens |paths|. Creates directories, never LMDB. |*out| is NULL unless STORE_OK.
 * STORE_OK, STORE_UNAVAILABLE, STORE_REFUSED, STORE_NO_MEMORY. */
MUST_USE int store_open(struct store **out, const struct store_paths *paths);
/* Unmaps the journal, wipes the keys and frees |store| (NULL is allowed). Hosts never
 * call it. */
void store_close(struct store *store);
/* In a forked child: makes the locks usable that other threads of the parent held at the
 * fork, and forgets what those were just changing. Takes no lock, makes no system call.
 */
void store_after_fork(struct store *store);

/* How many bytes everything in the store's directory may take on disk (limit.h), 0 = no limit, as
 * at first. For recordings; the merger is told separately. */
void store_limit(struct store *store, uint64_t max_size);

/* The keys of |identity|'s tenant. A tenant that has never recorded has no salt yet: with
 * |create| one is made, without it the result is STORE_MISS.
 * STORE_OK, STORE_MISS, STORE_UNAVAILABLE, STORE_REFUSED, STORE_NO_MEMORY. */
MUST_USE int store_tenant(struct store *store, struct span identity, bool create,
                          struct tenant *out);

/* Those of the tenant whose pseudonym is |id|, for tools. The same results. */
MUST_USE int store_tenant_by_id(struct store *store, const uint8_t id[TENANT_ID_SIZE],
                                struct tenant *out);

/* The entry recorded under |key| by |tenant|. STORE_OK, STORE_MISS, STORE_UNAVAILABLE,
 * STORE_NO_MEMORY. |out| is to be freed only after STORE_OK. */
MUST_USE int store_find(struct store *store, const struct tenant *tenant,
                        const uint8_t key[STORE_KEY_SIZE], struct entry *out);
/* Likewise, of the recordings that wait to be merged only: newer than what store_find() gave,
 * if that came from the database. Same results. */
MUST_USE int store_find_unmerged(struct store *store, const struct tenant *tenant,
                                 const uint8_t key[STORE_KEY_SIZE], struct entry *out);
void entry_free(struct entry *entry);

/* One of several look-ups. */
struct store_wanted {
    const uint8_t *key;  /* STORE_KEY_SIZE bytes */
    struct entry *entry; /* to be freed only after STORE_OK */
    int result;          /* store_find()'s */
};
/* store_find() for |count| keys, and faster. What was recorded as a recipe is STORE_MISS. */
void store_find_many(struct store *store, const struct tenant *tenant,
                     struct store_wanted *wanted, size_t count);

/* The key that |alias| stands for. Same results. */
MUST_USE int store_find_alias(struct store *store, const struct tenant *tenant,
                              const uint8_t alias[STORE_KEY_SIZE],
                              uint8_t key[STORE_KEY_SIZE]);

/* store_find_alias() and store_find() in one, and faster. |key| may be written to whatever the
 * result. Same results. */
MUST_USE int store_find_by_alias(struct store *store, const struct tenant *tenant,
                                 const uint8_t alias[STORE_KEY_SIZE],
                                 uint8_t key[STORE_KEY_SIZE], struct entry *out);

/* What store_walk() hands over. False ends the walk. */
typedef bool store_visit(void *context, const uint8_t key[STORE_KEY_SIZE],
                         const struct entry_label *label);
/* Visits |tenant|'s entries, in no order; opens their labels alone. Of all tenants' entries at
 * most STORE_WALK_LIMIT are looked at: this is for a failure's explanation, not for look-ups.
 * STORE_OK (also when there are none), STORE_CORRUPT (some may be missing), STORE_UNAVAILABLE,
 * STORE_NO_MEMORY. */
#define STORE_WALK_LIMIT 16384
MUST_USE int store_walk(struct store *store, const struct tenant *tenant,
                        store_visit *visit, void *context);

/* Compresses, seals and spools one entry: one file, complete or absent, whatever happens.
 * |alias| and |notes| may be NULL. STORE_OK, STORE_LIMITED (there is no room, or it is too large
 * for this limit), STORE_UNAVAILABLE, STORE_REFUSED, STORE_NO_MEMORY,
 * STORE_FULL. */
MUST_USE int store_record(struct store *store, const struct tenant *tenant,
                          const uint8_t key[STORE_KEY_SIZE],
                          const uint8_t alias[STORE_KEY_SIZE],
                          const struct entry_label *label,
                          const struct entry_notes *notes, struct span payload);
/* The same without an alias; |stamp| becomes what a recipe names this recording by. */
MUST_USE int store_record_part(struct store *store, const struct tenant *tenant,
                               const uint8_t key[STORE_KEY_SIZE],
                               const struct entry_label *label,
                               const struct entry_notes *notes, struct span payload,
                               uint8_t stamp[STORE_STAMP_SIZE]);
/* As store_record(), of a payload that |recipe| makes (recipe.h). Look-ups give what it makes, or
 * STORE_MISS where one of the entries that it names is gone or was recorded anew. */
MUST_USE int store_record_recipe(struct store *store, const struct tenant *tenant,
                                 const uint8_t key[STORE_KEY_SIZE],
                                 const uint8_t alias[STORE_KEY_SIZE],
                                 const struct entry_label *label,
                                 const struct entry_notes *notes, struct span recipe);
/* Spools a further alias of an existing entry. Same results. */
MUST_USE int store_record_alias(struct store *store, const struct tenant *tenant,
                                const uint8_t alias[STORE_KEY_SIZE],
                                const uint8_t key[STORE_KEY_SIZE]);

/* Adds one record to the journal; a journal that cannot be written loses it silently (and
 * counts). No system call once the segment is mapped. */
void store_journal(struct store *store, const struct journal_record *record);

/* True when the spool has grown enough for a merge to be worth a process, or recordings need
 * room. Cheap: looks at the disk only now and then. */
bool store_wants_merge(struct store *store);

/* Static text for a store_result, for people. */
const char *store_result_text(int result);

#endif
