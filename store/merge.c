/* SPDX-License-Identifier: MIT */
/* Moves the spool into LMDB, see merge.h. */
#include "merge.h"

#include "batch.h"
#include "certificates.h"
#include "filing.h"
#include "fold.h"
#include "history.h"
#include "layout.h"
#include "lessons.h"
#include "memory.h"
#include "removal.h"
#include "rows_filing.h"
#include "segment.h"
#include "uses.h"
#include "writer.h"

#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h> /* rename */
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LEFTOVER_MS (10 * 60 * 1000)
#define LEDGER_PART 32 /* of a limited store */
#define SEGMENT_BYTES                                                                    \
    ((uint64_t)SEGMENT_HEADER_SIZE + (uint64_t)SEGMENT_CAPACITY * JOURNAL_SLOT_SIZE)

/* A spool file that is queued for LMDB; removed after the commit. */
struct moved {
    struct file_stamp stamp;
    uint8_t key[STORE_KEY_SIZE];
    enum record_kind kind;
    uint32_t entries; /* that come with it */
};

struct merge {
    struct layout layout;
    struct keyring keyring;
    struct writer writer;
    const struct merge_options *options;
    struct merge_counts *counts;
    struct buffer moved;     /* struct moved */
    struct buffer uncounted; /* uses of entries that were in the spool */
    struct evicted evicted;
    struct eviction eviction;
    struct limit_shares shares; /* with a limit */
};

static int64_t now_ms(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return 0;
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* STORE_OK: may be moved. An unknown tenant's is moved as it is: its salt may lie in
 * another configuration directory. */
static int entry_examine(struct merge *merge, const uint8_t key[STORE_KEY_SIZE],
                         struct span value)
{
    struct sealed sealed;
    struct tenant tenant;
    int result = sealed_parse(value, &sealed);
    if (result != STORE_OK)
        return result;
    result = keyring_tenant_by_id(&merge->keyring, merge->layout.config, sealed.tenant,
                                  &tenant);
    if (result == STORE_NO_MEMORY)
        return result;
    if (result != STORE_OK)
        return STORE_OK;
    return sealed_authentic(&sealed, &tenant, key) ? STORE_OK : STORE_CORRUPT;
}

/* |key| becomes the one that the alias stands for. */
static int alias_examine(struct merge *merge, const uint8_t alias[STORE_KEY_SIZE],
                         struct span value, uint8_t key[STORE_KEY_SIZE])
{
    uint8_t id[TENANT_ID_SIZE];
    struct tenant tenant;
    int result = alias_parse(value, id, key);
    if (result != STORE_OK)
        return result;
    result = keyring_tenant_by_id(&merge->keyring, merge->layout.config, id, &tenant);
    if (result == STORE_NO_MEMORY)
        return result;
    if (result != STORE_OK)
        return STORE_OK;
    result = unseal_alias(&tenant, alias, value, key);
    return result == STORE_MISS ? STORE_CORRUPT : result;
}

/* Takes the file away under another name, and puts it back when it turns out to be a
 * newer one than we have read. */
static void spool_remove(const struct merge *merge, const struct moved *moved)
{
    char name[SPOOL_NAME_SIZE];
    uint8_t random[8];
    char away_name[2 + 2 * sizeof(random) + 1] = "t-";
    struct path path, away;
    struct file_stamp stamp;
    spool_name(moved->kind, moved->key, name);
    randombytes_buf(random, sizeof(random));
    hex_encode(random, sizeof(random), away_name + 2);
    if (!path_join(&path, merge->layout.spool, name) ||
        !path_join(&away, merge->layout.spool, away_name) ||
        rename(path.text, away.text) != 0)
        return;
    if (file_stamp_of(away.text, &stamp) == STORE_OK &&
        !file_stamp_equal(&stamp, &moved->stamp))
        (void)!file_give_name(&away, &path);
    else
        unlink(away.text);
}

static void moved_remove(struct merge *merge)
{
    struct moved moved;
    struct cursor cursor = cursor_of(buffer_span(&merge->moved));
    while (cursor.left >= sizeof(moved)) {
        memcpy(&moved, cursor_bytes(&cursor, sizeof(moved)).at, sizeof(moved));
        spool_remove(merge, &moved);
        merge->counts->entries += moved.entries;
        merge->counts->aliases += moved.kind == RECORD_ALIAS;
    }
    buffer_free(&merge->moved);
}

static int flush(struct merge *merge)
{
    int result = writer_flush(&merge->writer);
    if (!buffer_ok(&merge->moved))
        result = STORE_NO_MEMORY; /* committed, but not known what: the next one moves it
                                     again */
    if (result == STORE_OK)
        moved_remove(merge);
    buffer_free(&merge->moved);
    return result;
}

/* Only written: its file is for the caller to note. */
static int queue_entry(struct merge *merge, const uint8_t key[STORE_KEY_SIZE],
                       struct span value)
{
    struct record_key name;
    writer_put(&merge->writer, record_key(&name, RECORD_ENTRY, key), value);
    return filing_add(&merge->writer, &merge->keyring, key, value, value.size,
                      uses_among(buffer_span(&merge->uncounted), key));
}

static void queue_alias(struct merge *merge, const uint8_t alias[STORE_KEY_SIZE],
                        struct span value, const uint8_t target[STORE_KEY_SIZE])
{
    struct record_key name;
    struct reverse_key reverse;
    writer_put(&merge->writer, record_key(&name, RECORD_ALIAS, alias), value);
    writer_put(&merge->writer, reverse_key(&reverse, target, alias), (struct span){0});
}

static int move_entry(struct merge *merge, struct moved *moved, struct span value)
{
    int result = entry_examine(merge, moved->key, value);
    moved->entries = 1;
    return result == STORE_OK ? queue_entry(merge, moved->key, value) : result;
}

static int move_alias(struct merge *merge, struct moved *moved, struct span value)
{
    uint8_t target[STORE_KEY_SIZE];
    int result = alias_examine(merge, moved->key, value, target);
    if (result == STORE_OK)
        queue_alias(merge, moved->key, value, target);
    return result;
}

/* Its damaged entries go with it. Those of another version keep it where it is. */
static int move_batch(struct merge *merge, struct moved *moved, struct span value)
{
    size_t count = batch_count(value, value.size);
    int result = STORE_OK;
    for (size_t i = 0; result == STORE_OK && i < count; i++) {
        struct batched item;
        if (!batch_at(value, i, &item))
            continue;
        struct span entry = span_of(value.at + item.offset, (size_t)item.size);
        result = entry_examine(merge, item.key, entry);
        if (result == STORE_OK) {
            result = queue_entry(merge, item.key, entry);
            moved->entries++;
        } else if (result == STORE_CORRUPT) {
            merge->counts->damaged++;
            result = STORE_OK;
        }
    }
    return count ? result : batch_fault(value);
}

static int move_value(struct merge *merge, struct moved *moved, struct span value)
{
    switch (moved->kind) {
    case RECORD_ENTRY:
        return move_entry(merge, moved, value);
    case RECORD_ALIAS:
        return move_alias(merge, moved, value);
    default:
        return move_batch(merge, moved, value);
    }
}

/* One file of the spool, of a name that is ours. */
static int spool_move(struct merge *merge, struct moved *moved)
{
    struct buffer value = {0};
    int result =
        spool_read(merge->layout.spool, moved->kind, moved->key, &value, &moved->stamp);
    if (result == STORE_OK)
        result = move_value(merge, moved, buffer_span(&value));
    if (result == STORE_OK) {
        buffer_append(&merge->moved, moved, sizeof(*moved));
    } else if (result == STORE_CORRUPT) {
        spool_remove(merge, moved);
        merge->counts->damaged++;
    } else if (result != STORE_MISS && result != STORE_NO_MEMORY) {
        merge->counts->foreign++;
    }
    buffer_free(&value);
    if (result == STORE_NO_MEMORY)
        return result;
    return writer_is_full(&merge->writer) ? flush(merge) : STORE_OK;
}

/* The names first: files may be replaced while we remove others. */
static int spool_list(const struct merge *merge, struct buffer *out)
{
    DIR *stream = opendir(merge->layout.spool);
    if (!stream)
        return file_result(errno) == STORE_MISS ? STORE_OK : STORE_UNAVAILABLE;
    for (struct dirent *item; (item = readdir(stream));) {
        struct moved moved = {0};
        struct path path;
        if (!spool_name_parse(item->d_name, &moved.kind, moved.key))
            continue;
        if (moved.kind == RECORD_BATCH &&
            path_join(&path, merge->layout.spool, item->d_name))
            (void)!file_stamp_of(path.text, &moved.stamp);
        buffer_append(out, &moved, sizeof(moved));
    }
    closedir(stream);
    return buffer_ok(out) ? STORE_OK : STORE_NO_MEMORY;
}

static int rank_of(enum record_kind kind)
{
    return kind == RECORD_BATCH ? 0 : kind == RECORD_ENTRY ? 1 : 2;
}

/* LMDB likes its keys in order; entries come before aliases, so that no alias dangles, and after
 * batches, whose entries they are newer than; of those the oldest come first. */
static int moved_order(const void *a, const void *b)
{
    const struct moved *left = a, *right = b;
    if (left->kind != right->kind)
        return rank_of(left->kind) - rank_of(right->kind);
    if (left->stamp.modified_ns != right->stamp.modified_ns)
        return left->stamp.modified_ns < right->stamp.modified_ns ? -1 : 1;
    return memcmp(left->key, right->key, STORE_KEY_SIZE);
}

static int spool_merge(struct merge *merge)
{
    struct buffer names = {0};
    int result = spool_list(merge, &names);
    size_t count = names.size / sizeof(struct moved);
    if (result == STORE_OK && count)
        qsort(names.at, count, sizeof(struct moved), moved_order);
    for (size_t i = 0; result == STORE_OK && i < count; i++) {
        struct moved moved;
        watch_tell(&merge->options->watch, i, count);
        memcpy(&moved, names.at + i * sizeof(moved), sizeof(moved));
        result = spool_move(merge, &moved);
    }
    buffer_free(&names);
    return result == STORE_OK ? flush(merge) : result;
}

/* Temporary files whose process has long died. */
static void leftovers_remove(struct merge *merge, const char *directory)
{
    int64_t age = merge->options->leftover_ms ? merge->options->leftover_ms : LEFTOVER_MS;
    int64_t before = now_ms() - age;
    DIR *stream = opendir(directory);
    if (!stream)
        return;
    for (struct dirent *item; (item = readdir(stream));) {
        struct stat status;
        struct path path;
        if (item->d_name[0] != 't' || item->d_name[1] != '-' ||
            !path_join(&path, directory, item->d_name) ||
            lstat(path.text, &status) != 0 || !S_ISREG(status.st_mode))
            continue;
        int64_t changed =
            (int64_t)status.st_ctim.tv_sec * 1000 + status.st_ctim.tv_nsec / 1000000;
        if (changed <= before && unlink(path.text) == 0)
            merge->counts->leftover++;
    }
    closedir(stream);
}

static void all_leftovers_remove(struct merge *merge)
{
    struct path salts;
    leftovers_remove(merge, merge->layout.store);
    leftovers_remove(merge, merge->layout.spool);
    leftovers_remove(merge, merge->layout.journal);
    leftovers_remove(merge, merge->layout.config);
    if (path_join(&salts, merge->layout.config, "salts"))
        leftovers_remove(merge, salts.text);
}

/* -- limits -------------------------------------------------------------------------- */

static int evict_more(void *context, uint64_t bytes)
{
    struct merge *merge = context;
    return evict_bytes(&merge->eviction, bytes, (struct span){0});
}

static uint64_t larger_of(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Makes room for what is in the spool. A file that is larger than its share (the limit is new,
 * or was lowered) is replaced by a smaller one. */
static int room_make(struct merge *merge)
{
    struct limit_sizes sizes;
    limit_measure(&merge->layout, &sizes);
    uint64_t share = merge->shares.entries;
    uint64_t coming = sizes.spool < share / 2 ? sizes.spool : share / 2;
    int result = STORE_OK;
    writer_limit(&merge->writer, larger_of(merge->shares.replace, sizes.data * 17 / 16),
                 NULL, NULL);
    if (sizes.data + coming > share)
        result = evict_to(&merge->eviction, share - coming);
    if (result == STORE_OK && sizes.data > merge->shares.replace)
        result = writer_compact(&merge->writer);
    writer_limit(&merge->writer, merge->shares.data, evict_more, merge);
    return result;
}

static unsigned segments_kept(const struct merge *merge)
{
    unsigned kept = merge->options->segments_kept;
    if (kept == 0)
        kept = JOURNAL_SEGMENT_KEPT;
    if (merge->options->max_size == 0)
        return kept;
    uint64_t fit = merge->shares.journal / SEGMENT_BYTES - 1; /* and one that is begun */
    return fit < kept ? (unsigned)fit : kept;
}

/* What earlier processes have left to do, before anything is moved. */
static int catch_up(struct merge *merge)
{
    int result = removal_collect(&merge->writer);
    if (result == STORE_OK)
        result = filing_complete(&merge->writer, &merge->keyring);
    if (result == STORE_OK)
        result = evicted_load(&merge->evicted, merge->layout.data);
    if (result == STORE_OK)
        result = uses_update(&merge->writer, &merge->evicted, &merge->uncounted);
    return result;
}

static int fold(struct merge *merge)
{
    struct fold_options options = {.kept = segments_kept(merge),
                                   .most = merge->options->max_size / LEDGER_PART,
                                   .now_s = merge->eviction.now_s};
    return journal_fold(&merge->writer, &options, &merge->counts->segments);
}

static int merge_all(struct merge *merge)
{
    const struct merge_options *options = merge->options;
    int result = catch_up(merge);
    if (result == STORE_OK && options->max_size)
        result = room_make(merge);
    if (result == STORE_OK)
        result = spool_merge(merge);
    if (result == STORE_OK && options->quota)
        result = evict_quotas(&merge->eviction, options->quota, options->quota_context);
    if (result == STORE_OK)
        result = rows_update(&merge->writer, &merge->keyring);
    if (result == STORE_OK)
        result = canaries_update(&merge->writer, &merge->keyring);
    if (result == STORE_OK)
        result = lessons_update(&merge->writer, &merge->keyring);
    if (result == STORE_OK)
        result = fold(merge);
    if (result == STORE_OK)
        result =
            history_note(&merge->writer, &merge->evicted.counts, merge->eviction.now_s);
    all_leftovers_remove(merge);
    merge->counts->evicted = merge->eviction.entries;
    return result;
}

static void eviction_prepare(struct merge *merge)
{
    int64_t now_s = merge->options->now_s;
    merge->eviction = (struct eviction){.writer = &merge->writer,
                                        .keyring = &merge->keyring,
                                        .memory = &merge->evicted,
                                        .now_s = now_s ? now_s : now_ms() / 1000};
    limit_share(merge->options->max_size, &merge->shares);
}

int store_merge(const struct store_paths *paths, const struct merge_options *options,
                struct merge_counts *counts)
{
    *counts = (struct merge_counts){0};
    if (sodium_init() < 0)
        return STORE_UNAVAILABLE;
    struct merge *merge = memory_new(sizeof(*merge));
    if (!merge)
        return STORE_NO_MEMORY;
    int result = STORE_UNAVAILABLE;
    merge->options = options;
    merge->counts = counts;
    keyring_init(&merge->keyring);
    if (layout_from(&merge->layout, paths))
        result = directory_check(merge->layout.store, true);
    if (result == STORE_OK)
        result = writer_open(&merge->writer, &merge->layout, options->wait);
    if (result == STORE_OK) {
        counts->salvaged = merge->writer.salvaged;
        merge->writer.prices = options->prices;
        eviction_prepare(merge);
        result = merge_all(merge);
        writer_close(&merge->writer);
    }
    buffer_free(&merge->moved);
    buffer_free(&merge->uncounted);
    evicted_free(&merge->evicted);
    keyring_clear(&merge->keyring);
    memory_free(merge);
    return result;
}
