/* SPDX-License-Identifier: MIT */
/* Writing LMDB, see writer.h. */
#include "writer.h"

#include "memory.h"
#include "pages.h"
#include "rows_filing.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <malloc.h>
#include <stdio.h> /* rename */
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_MAP_SIZE  ((size_t)64 << 20)
#define FLUSH_BYTES     ((size_t)32 << 20)
#define FLUSH_CHANGES   8192
#define LMDB_PAGES      (16 << 20)
#define LOCK_FILE_SIZE  16384 /* room for LMDB's default of 126 readers and more */
#define DEATHS_ACCEPTED 2
#define COUNTS_SIZE     17
#define COUNTS_VERSION  1
#define CAP_PAGES       24 /* one transaction writes at most this part of a limited file */
#define CAP_BYTES       16
#define CAP_SLACK       16
#define LEAST_CHANGES   32
#define SMALLER_CHANGES 4 /* transactions while room is made */
#define ROOM_ATTEMPTS   6

enum change { CHANGE_PUT = 1, CHANGE_DELETE = 2 };

static int lmdb_result(int code)
{
    switch (code) {
    case MDB_SUCCESS:
        return STORE_OK;
    case MDB_NOTFOUND:
        return STORE_MISS;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_PANIC:
        return STORE_CORRUPT;
    case MDB_MAP_FULL:
        return STORE_FULL;
    default:
        break;
    }
    if (code < 0) /* version mismatch and other codes of LMDB's own */
        return STORE_UNAVAILABLE;
    int result = file_result(code);
    return result == STORE_MISS ? STORE_UNAVAILABLE : result;
}

/* Opens `merge.lock` and locks it. */
static int lock_take(const char *store, bool wait, int *out)
{
    struct path path;
    if (!path_join(&path, store, "merge.lock"))
        return STORE_UNAVAILABLE;
    int descriptor = open(path.text, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0)
        return errno == ENOENT ? STORE_UNAVAILABLE : file_result(errno);
    while (flock(descriptor, LOCK_EX | (wait ? 0 : LOCK_NB)) != 0) {
        if (errno == EINTR)
            continue;
        int result = errno == EWOULDBLOCK ? STORE_BUSY : STORE_UNAVAILABLE;
        close(descriptor);
        return result;
    }
    *out = descriptor;
    return STORE_OK;
}

/* Twice what is there, so that a merge seldom has to begin again. */
static size_t map_size(const char *data)
{
    struct stat status;
    size_t size = FIRST_MAP_SIZE;
    if (stat(data, &status) == 0)
        while (size / 2 < (size_t)status.st_size && size < SIZE_MAX / 4)
            size *= 2;
    return size;
}

/* LMDB makes its lock file with ftruncate() and writes to it through a map: on a full
 * disk that is SIGBUS. So it gets its blocks first. Not while the environment is open:
 * closing a descriptor of the file would drop LMDB's locks. */
static int lock_file_allocate(const struct layout *layout)
{
    struct path path;
    if (!path_join(&path, layout->store, "lock.mdb"))
        return STORE_UNAVAILABLE;
    int descriptor = open(path.text, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0)
        return file_result(errno);
    int failed = fallocate(descriptor, 0, 0, LOCK_FILE_SIZE) != 0 ? errno : 0;
    close(descriptor);
    return failed == 0 || failed == EOPNOTSUPP ? STORE_OK : file_result(failed);
}

static int environment_open(struct writer *writer)
{
    MDB_env *env;
    int result = lock_file_allocate(writer->layout);
    if (result != STORE_OK)
        return result == STORE_MISS ? STORE_UNAVAILABLE : result;
    int code = mdb_env_create(&env);
    if (code != MDB_SUCCESS)
        return lmdb_result(code);
    size_t size = map_size(writer->layout->data);
    if (writer->cap && size > writer->cap)
        size = writer->cap; /* LMDB takes that of the file when it is larger */
    code = mdb_env_set_mapsize(env, size);
    if (code == MDB_SUCCESS)
        code = mdb_env_open(env, writer->layout->store, 0, 0600);
    if (code != MDB_SUCCESS) {
        mdb_env_close(env);
        return lmdb_result(code);
    }
    writer->env = env;
    return STORE_OK;
}

static void environment_close(struct writer *writer)
{
    if (writer->env)
        mdb_env_close(writer->env);
    writer->env = NULL;
}

bool writer_counts_decode(struct span value, struct writer_counts *out)
{
    struct cursor cursor = cursor_of(value);
    if (value.size != COUNTS_SIZE || cursor_u8(&cursor) != COUNTS_VERSION)
        return false;
    out->entries = cursor_u64(&cursor);
    out->aliases = cursor_u64(&cursor);
    return cursor_ok(&cursor);
}

static void counts_load(struct writer *writer)
{
    struct buffer value = {0};
    writer->counts = (struct writer_counts){0};
    if (pages_find(NULL, writer->layout->data, span_text("c"), COUNTS_SIZE, &value) ==
        STORE_OK)
        (void)!writer_counts_decode(buffer_span(&value), &writer->counts);
    buffer_free(&value);
}

static uint64_t *counter_of(struct writer_counts *counts, struct span key)
{
    if (key.size != 1 + STORE_KEY_SIZE)
        return NULL;
    if (key.at[0] == RECORD_ENTRY)
        return &counts->entries;
    return key.at[0] == RECORD_ALIAS ? &counts->aliases : NULL;
}

static MDB_val value_of(struct span span)
{
    return (MDB_val){span.size, (void *)(uintptr_t)span.at};
}

static int put_one(MDB_txn *txn, MDB_dbi dbi, struct span key, struct span value,
                   struct writer_counts *counts)
{
    MDB_val name = value_of(key), data = value_of(value);
    int code = mdb_put(txn, dbi, &name, &data, MDB_NOOVERWRITE);
    uint64_t *counter = counter_of(counts, key);
    if (code == MDB_SUCCESS && counter)
        ++*counter;
    if (code == MDB_KEYEXIST) {
        data = value_of(value);
        code = mdb_put(txn, dbi, &name, &data, 0);
    }
    return code;
}

static int delete_one(MDB_txn *txn, MDB_dbi dbi, struct span key,
                      struct writer_counts *counts)
{
    MDB_val name = value_of(key);
    int code = mdb_del(txn, dbi, &name, NULL);
    uint64_t *counter = counter_of(counts, key);
    if (code == MDB_SUCCESS && counter && *counter)
        --*counter;
    return code == MDB_NOTFOUND ? MDB_SUCCESS : code;
}

static int put_counts(MDB_txn *txn, MDB_dbi dbi, const struct writer_counts *counts)
{
    struct buffer value = {0};
    buffer_append_byte(&value, COUNTS_VERSION);
    buffer_append_u64(&value, counts->entries);
    buffer_append_u64(&value, counts->aliases);
    MDB_val name = value_of(span_text("c")), data = value_of(buffer_span(&value));
    int code = buffer_ok(&value) ? mdb_put(txn, dbi, &name, &data, 0) : ENOMEM;
    buffer_free(&value);
    return code;
}

static int queue_write(struct writer *writer, MDB_txn *txn, struct writer_counts *counts)
{
    MDB_dbi dbi;
    int code = mdb_dbi_open(txn, NULL, 0, &dbi);
    struct cursor cursor = cursor_of(buffer_span(&writer->queue));
    while (code == MDB_SUCCESS && cursor.left) {
        uint8_t change = cursor_u8(&cursor);
        struct span key = cursor_framed(&cursor), value = cursor_framed(&cursor);
        if (change == CHANGE_PUT)
            code = put_one(txn, dbi, key, value, counts);
        else
            code = delete_one(txn, dbi, key, counts);
    }
    return code == MDB_SUCCESS ? put_counts(txn, dbi, counts) : code;
}

/* One attempt; MDB_MAP_FULL asks for another with a larger map. */
static int queue_commit(struct writer *writer)
{
    struct writer_counts counts = writer->counts;
    MDB_txn *txn;
    int code = mdb_txn_begin(writer->env, NULL, 0, &txn);
    if (code != MDB_SUCCESS)
        return code;
    code = queue_write(writer, txn, &counts);
    if (code != MDB_SUCCESS) {
        mdb_txn_abort(txn);
        return code;
    }
    code = mdb_txn_commit(txn);
    if (code == MDB_SUCCESS)
        writer->counts = counts;
    return code;
}

/* False when the map is as large as it may become. */
static bool map_grow(const struct writer *writer)
{
    MDB_envinfo info;
    if (mdb_env_info(writer->env, &info) != MDB_SUCCESS || info.me_mapsize > SIZE_MAX / 4)
        return false;
    size_t size = info.me_mapsize * 2;
    if (writer->cap && size > writer->cap)
        size = writer->cap;
    return size > info.me_mapsize &&
           mdb_env_set_mapsize(writer->env, size) == MDB_SUCCESS;
}

/* Asks for room with the queue and the cap out of the way. What is freed can be used two
 * transactions later (pages.h). */
static bool room_make(struct writer *writer)
{
    struct writer kept = *writer;
    if (!writer->room)
        return false;
    writer->queue = (struct buffer){0};
    writer->queued = 0;
    writer->queue_changes /= SMALLER_CHANGES;
    writer->room = NULL;
    writer->cap += writer->cap / CAP_SLACK;
    int result = kept.room(kept.room_context, kept.cap / CAP_BYTES);
    for (int i = 0; result == STORE_OK && i < 2; i++)
        if (queue_commit(writer) != MDB_SUCCESS)
            result = STORE_FULL;
    buffer_free(&writer->queue);
    writer->queue = kept.queue;
    writer->queued = kept.queued;
    writer->queue_changes = kept.queue_changes;
    writer->room = kept.room;
    writer->cap = kept.cap;
    return result == STORE_OK;
}

static int queue_write_out(struct writer *writer)
{
    int attempts = 0, code;
    do {
        code = queue_commit(writer);
    } while (code == MDB_MAP_FULL &&
             (map_grow(writer) || (attempts++ < ROOM_ATTEMPTS && room_make(writer))));
    return code;
}

int writer_flush(struct writer *writer)
{
    int code = MDB_SUCCESS;
    if (!buffer_ok(&writer->queue))
        code = ENOMEM;
    else if (writer->queue.size)
        code = queue_write_out(writer);
    buffer_free(&writer->queue);
    writer->queued = 0;
    int result = lmdb_result(code);
    if (result == STORE_MISS)
        result = STORE_UNAVAILABLE;
    if (result != STORE_OK && writer->failed == STORE_OK)
        writer->failed = result;
    return result;
}

static void queue_change(struct writer *writer, enum change change, struct span key,
                         struct span value)
{
    buffer_append_byte(&writer->queue, (uint8_t)change);
    buffer_append_framed(&writer->queue, key);
    buffer_append_framed(&writer->queue, value);
    writer->queued++;
}

void writer_put(struct writer *writer, struct span key, struct span value)
{
    queue_change(writer, CHANGE_PUT, key, value);
}

void writer_delete(struct writer *writer, struct span key)
{
    queue_change(writer, CHANGE_DELETE, key, (struct span){0});
}

bool writer_is_full(const struct writer *writer)
{
    return writer->queue.size >= writer->queue_bytes ||
           writer->queued >= writer->queue_changes;
}

static size_t least_of(uint64_t a, size_t b)
{
    return a < b ? (size_t)a : b;
}

/* Every change may touch a page, and a page that is touched is written anew. */
void writer_limit(struct writer *writer, uint64_t cap, writer_room room, void *context)
{
    MDB_envinfo info;
    uint64_t changes = cap / CAP_PAGES / 4096;
    cap -= cap % 4096;
    writer->cap = cap;
    if (mdb_env_info(writer->env, &info) == MDB_SUCCESS && info.me_mapsize > cap)
        (void)!mdb_env_set_mapsize(writer->env, cap);
    writer->room = room;
    writer->room_context = context;
    writer->queue_bytes = least_of(cap / CAP_BYTES, FLUSH_BYTES);
    writer->queue_changes =
        least_of(changes > LEAST_CHANGES ? changes : LEAST_CHANGES, FLUSH_CHANGES);
}

/* Moves one readable record into the new file; "c" is counted anew, and what else was lost with
 * "i" (filing.h), as vectors (rows_filing.h) and words (lessons.h) are. */
static bool salvage_one(void *context, struct span key, struct span value, uint64_t size)
{
    struct writer *writer = context;
    if (value.size != size ||
        (key.size == 1 && (key.at[0] == RECORD_COUNTS || key.at[0] == RECORD_FILED)) ||
        rows_are_remade(key))
        return true;
    writer_put(writer, key, value);
    writer->salvaged++;
    return !writer_is_full(writer) || writer_flush(writer) == STORE_OK;
}

/* Moves what `damaged.mdb` holds, if there is one, and removes it. Putting a record twice
 * does no harm, so this may die and begin again. */
static int salvage(struct writer *writer)
{
    struct path damaged;
    if (!path_join(&damaged, writer->layout->store, "damaged.mdb"))
        return STORE_UNAVAILABLE;
    if (access(damaged.text, F_OK) != 0)
        return STORE_OK;
    int result =
        pages_scan(damaged.text, (struct span){0}, SEAL_LIMIT, salvage_one, writer);
    if (result == STORE_NO_MEMORY)
        return result;
    result = writer_flush(writer);
    if (writer->failed != STORE_OK)
        return writer->failed;
    if (result == STORE_OK)
        unlink(damaged.text);
    return result;
}

/* Is the data file fit for LMDB? |deaths| writers in a row have not come to their end. */
static int data_examine(const struct layout *layout, unsigned deaths)
{
    int result = pages_check(layout->data);
    if (result == STORE_OK && deaths > DEATHS_ACCEPTED)
        return STORE_CORRUPT;
    if (result == STORE_OK && deaths)
        result = pages_verify(layout->data);
    return result == STORE_MISS ? STORE_OK : result;
}

/* While there is a damaged.mdb the data file holds nothing but what was already moved out of
 * it: nothing else is written before that is done. */
static int set_aside(const struct layout *layout)
{
    struct path damaged, lock;
    if (!path_join(&damaged, layout->store, "damaged.mdb") ||
        !path_join(&lock, layout->store, "lock.mdb"))
        return STORE_UNAVAILABLE;
    if (access(damaged.text, F_OK) == 0 ? unlink(layout->data) != 0
                                        : rename(layout->data, damaged.text) != 0)
        return file_result(errno);
    unlink(lock.text); /* it speaks of the file that was set aside */
    return STORE_OK;
}

/* How many writers have died since one came to its end; counts this one. */
static int deaths_note(const struct layout *layout, unsigned *deaths)
{
    struct path path;
    struct buffer content = {0};
    if (!path_join(&path, layout->store, "merging"))
        return STORE_UNAVAILABLE;
    int result = file_read(path.text, false, 16, &content, NULL);
    *deaths = 0;
    if (result == STORE_OK)
        *deaths = content.size ? content.at[0] - (unsigned)'0' : 1;
    if (*deaths > 8)
        *deaths = 8;
    buffer_free(&content);
    char digit = (char)('1' + *deaths);
    result = file_replace(layout->store, "merging", span_of(&digit, 1));
    if (result == STORE_FULL)
        return STORE_OK; /* a purge must work on a full disk */
    return result == STORE_MISS ? STORE_UNAVAILABLE : result;
}

static void deaths_forget(const struct layout *layout)
{
    struct path path;
    if (path_join(&path, layout->store, "merging"))
        unlink(path.text);
}

static int data_open(struct writer *writer)
{
    unsigned deaths;
    int result = deaths_note(writer->layout, &deaths);
    if (result == STORE_OK)
        result = data_examine(writer->layout, deaths);
    if (result == STORE_CORRUPT)
        result = set_aside(writer->layout);
    if (result == STORE_OK)
        result = environment_open(writer);
    if (result == STORE_OK) {
        counts_load(writer);
        result = salvage(writer);
    }
    return result;
}

int writer_open(struct writer *writer, const struct layout *layout, bool wait)
{
    (void)mallopt(M_TOP_PAD, LMDB_PAGES); /* LMDB allocates every page that it changes */
    *writer = (struct writer){.layout = layout,
                              .lock = -1,
                              .queue_bytes = FLUSH_BYTES,
                              .queue_changes = FLUSH_CHANGES};
    int result = lock_take(layout->store, wait, &writer->lock);
    if (result != STORE_OK)
        return result;
    result = file_check(layout->data);
    if (result == STORE_OK || result == STORE_MISS)
        result = data_open(writer);
    if (result != STORE_OK)
        writer_close(writer);
    return result;
}

/* Writes the copy to |path|. */
static int copy_write(struct writer *writer, struct path *path)
{
    int descriptor = -1;
    int result = file_create_temporary(writer->layout->store, path, &descriptor);
    if (result != STORE_OK)
        return result == STORE_MISS ? STORE_UNAVAILABLE : result;
    result = lmdb_result(mdb_env_copyfd2(writer->env, descriptor, MDB_CP_COMPACT));
    if (result == STORE_OK && fsync(descriptor) != 0)
        result = file_result(errno);
    close(descriptor);
    if (result != STORE_OK)
        unlink(path->text);
    return result;
}

/* Hosts open the file by its name for every look-up, and know another one by its inode. */
int writer_compact(struct writer *writer)
{
    struct path copy, lock;
    if (!path_join(&lock, writer->layout->store, "lock.mdb"))
        return STORE_UNAVAILABLE;
    int result = copy_write(writer, &copy);
    if (result != STORE_OK)
        return result;
    environment_close(writer);
    if (rename(copy.text, writer->layout->data) == 0)
        unlink(lock.text); /* it speaks of the file that was replaced */
    else
        unlink(copy.text);
    result = environment_open(writer);
    if (result != STORE_OK && writer->failed == STORE_OK)
        writer->failed = result;
    return result;
}

/* What outlives all entries: records of these kinds. */
static const uint8_t lasting[] = {RECORD_TOTALS, RECORD_POSITION, RECORD_EVICTED,
                                  RECORD_HISTORY};

/* Of what was evicted the counts, not which entries it was. */
static bool lasting_one(void *context, struct span key, struct span value, uint64_t size)
{
    struct writer *writer = context;
    if (value.size == size && (key.at[0] != RECORD_EVICTED || key.size == 1))
        writer_put(writer, key, value);
    return true;
}

/* Queues what the data file holds of it. */
static int lasting_queue(struct writer *writer)
{
    int result = STORE_OK;
    for (size_t i = 0; result != STORE_NO_MEMORY && i < sizeof(lasting); i++)
        result = pages_scan(writer->layout->data, span_of(&lasting[i], 1), SEAL_LIMIT,
                            lasting_one, writer);
    return result == STORE_NO_MEMORY || !buffer_ok(&writer->queue) ? STORE_NO_MEMORY
                                                                   : STORE_OK;
}

int writer_discard(struct writer *writer)
{
    struct path lock;
    if (!path_join(&lock, writer->layout->store, "lock.mdb"))
        return STORE_UNAVAILABLE;
    int result = lasting_queue(writer);
    if (result != STORE_OK)
        return result;
    environment_close(writer);
    unlink(writer->layout->data);
    unlink(lock.text);
    writer->counts = (struct writer_counts){0};
    if (writer->queue.size == 0)
        return STORE_OK;
    result = environment_open(writer);
    return result == STORE_OK ? writer_flush(writer) : result;
}

void writer_close(struct writer *writer)
{
    buffer_free(&writer->queue);
    environment_close(writer);
    if (writer->failed == STORE_OK || writer->failed == STORE_FULL)
        deaths_forget(writer->layout);
    close(writer->lock);
}
