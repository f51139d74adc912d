/* SPDX-License-Identifier: MIT */
/* Writes the journal, see journal.h and segment.h. */
#include "journal.h"

#include "segment.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CHECK_EVERY    64    /* records between looks at the file's name */
#define RETRY_AFTER_MS 10000 /* when no segment can be had */
#define ATTEMPTS       64    /* others may fill a segment before we get to it */
#define LOCK_ATTEMPTS  1000  /* appended segments; the holder needs two system calls */

static int64_t clock_ms(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) != 0)
        return 0;
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void journal_close(struct journal *journal)
{
    if (journal->map)
        munmap(journal->map, journal->map_size);
    journal->map = NULL;
    journal->map_size = 0;
    journal->capacity = 0;
}

static bool segment_path(struct path *path, const char *directory, uint64_t sequence)
{
    char name[SEGMENT_NAME_SIZE];
    segment_name(sequence, name);
    return path_join(path, directory, name);
}

/* Opens |path| for reading and writing and reads its header. */
static int segment_open(const char *path, int *out, struct stat *status,
                        struct segment_header *header)
{
    uint8_t bytes[SEGMENT_NEXT_OFFSET + 8];
    int descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0)
        return file_result(errno);
    int result = STORE_OK;
    if (fstat(descriptor, status) != 0 || !S_ISREG(status->st_mode))
        result = STORE_UNAVAILABLE;
    else if (status->st_uid != geteuid() || (status->st_mode & (S_IWGRP | S_IWOTH)))
        result = STORE_REFUSED;
    else if (file_read_at(descriptor, bytes, sizeof(bytes), 0) !=
                 (ssize_t)sizeof(bytes) ||
             !segment_parse(span_of(bytes, sizeof(bytes)), (uint64_t)status->st_size,
                            header))
        result = STORE_CORRUPT;
    if (result == STORE_OK)
        *out = descriptor;
    else
        close(descriptor);
    return result;
}

static int segment_map(struct journal *journal, int descriptor, const struct stat *status,
                       const struct segment_header *header)
{
    size_t size = SEGMENT_HEADER_SIZE + (size_t)header->capacity * JOURNAL_SLOT_SIZE;
    if ((uint64_t)status->st_blocks * 512 < size)
        return STORE_CORRUPT; /* a copy with holes: a store into one could be SIGBUS */
    void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (map == MAP_FAILED)
        return file_result(errno);
    journal->map = map;
    journal->map_size = size;
    return STORE_OK;
}

/* Makes segment |sequence| the current one. */
static int segment_use(struct journal *journal, const char *directory, uint64_t sequence)
{
    struct path path;
    struct stat status = {0};
    struct segment_header header = {0};
    int descriptor = -1;
    if (!segment_path(&path, directory, sequence))
        return STORE_UNAVAILABLE;
    int result = segment_open(path.text, &descriptor, &status, &header);
    if (result != STORE_OK)
        return result;
    journal_close(journal);
    if (header.kind == SEGMENT_MAPPED)
        result = segment_map(journal, descriptor, &status, &header);
    close(descriptor);
    if (result == STORE_OK) {
        journal->capacity = header.capacity;
        journal->sequence = sequence;
        journal->device = status.st_dev;
        journal->inode = status.st_ino;
        journal->until_check = CHECK_EVERY;
    }
    return result;
}

/* Opens the newest segment, or one after |full|, which it makes when there is none. */
static int segment_next(struct journal *journal, const char *directory, uint64_t full)
{
    uint64_t highest = 0;
    int result = segment_highest(directory, &highest);
    if (result == STORE_MISS) {
        result = directory_check(directory, true);
        if (result != STORE_OK)
            return result;
    } else if (result != STORE_OK) {
        return result;
    }
    if (highest > full && segment_use(journal, directory, highest) == STORE_OK)
        return STORE_OK;
    uint64_t next = (highest > full ? highest : full) + 1;
    result = segment_create(directory, next, clock_ms(CLOCK_REALTIME));
    return result == STORE_OK ? segment_use(journal, directory, next) : result;
}

/* False when the current segment was removed or replaced (somebody cleaned up). */
static bool segment_still_there(const struct journal *journal, const char *directory)
{
    struct path path;
    struct stat status;
    return segment_path(&path, directory, journal->sequence) &&
           stat(path.text, &status) == 0 && status.st_dev == journal->device &&
           status.st_ino == journal->inode;
}

/* Into a reserved slot of the map, the check sum last: a slot without it was never
 * finished. False when the segment is full. */
static bool slot_store(struct journal *journal, const uint8_t slot[JOURNAL_SLOT_SIZE])
{
    _Atomic uint64_t *next = (void *)(journal->map + SEGMENT_NEXT_OFFSET);
    uint64_t index = atomic_fetch_add_explicit(next, 1, memory_order_relaxed);
    if (index >= journal->capacity)
        return false;
    uint8_t *at = journal->map + SEGMENT_HEADER_SIZE + index * JOURNAL_SLOT_SIZE;
    uint64_t check;
    memcpy(&check, slot, sizeof(check));
    memcpy(at + sizeof(check), slot + sizeof(check), JOURNAL_SLOT_SIZE - sizeof(check));
    atomic_store_explicit((_Atomic uint64_t *)(void *)at, check, memory_order_release);
    return true;
}

/* Behind the last whole slot of the open file; a torn one is overwritten.
 * STORE_OK, STORE_MISS (the segment is full), STORE_UNAVAILABLE, STORE_FULL. */
static int slot_append_locked(int descriptor, uint32_t capacity,
                              const uint8_t slot[JOURNAL_SLOT_SIZE])
{
    struct stat status;
    if (fstat(descriptor, &status) != 0 || status.st_size < SEGMENT_HEADER_SIZE)
        return STORE_UNAVAILABLE;
    uint64_t index = (uint64_t)(status.st_size - SEGMENT_HEADER_SIZE) / JOURNAL_SLOT_SIZE;
    if (index >= capacity)
        return STORE_MISS;
    off_t offset = (off_t)(SEGMENT_HEADER_SIZE + index * JOURNAL_SLOT_SIZE);
    if (!file_may_grow_to((uint64_t)offset + JOURNAL_SLOT_SIZE))
        return STORE_FULL;
    ssize_t count = pwrite(descriptor, slot, JOURNAL_SLOT_SIZE, offset);
    if (count < 0)
        return file_result(errno);
    return count == JOURNAL_SLOT_SIZE ? STORE_OK : STORE_FULL;
}

/* A record costs some system calls here, but does not wait for long: a busy lock loses
 * it. */
static int slot_append(struct journal *journal, const char *directory,
                       const uint8_t slot[JOURNAL_SLOT_SIZE])
{
    struct path path;
    struct stat status;
    struct segment_header header = {0};
    int descriptor = -1;
    if (!segment_path(&path, directory, journal->sequence))
        return STORE_UNAVAILABLE;
    int result = segment_open(path.text, &descriptor, &status, &header);
    if (result != STORE_OK)
        return result == STORE_CORRUPT ? STORE_MISS : result;
    descriptor = descriptor_raise(descriptor);
    result = STORE_BUSY;
    for (int attempt = 0; result == STORE_BUSY && attempt < LOCK_ATTEMPTS; attempt++) {
        if (flock(descriptor, LOCK_EX | LOCK_NB) == 0)
            result = slot_append_locked(descriptor, header.capacity, slot);
        else if (errno != EWOULDBLOCK)
            result = STORE_UNAVAILABLE;
        else
            (void)sched_yield(); /* the holder may wait for this processor */
    }
    close(descriptor); /* and with it the lock */
    return result;
}

/* STORE_OK, STORE_MISS (another segment is needed), STORE_BUSY, or why it cannot be
 * written. */
static int slot_write(struct journal *journal, const char *directory,
                      const uint8_t slot[JOURNAL_SLOT_SIZE])
{
    if (journal->capacity == 0)
        return STORE_MISS;
    if (journal->map)
        return slot_store(journal, slot) ? STORE_OK : STORE_MISS;
    return slot_append(journal, directory, slot);
}

void journal_add(struct journal *journal, const char *directory,
                 const struct journal_record *record)
{
    _Alignas(8) uint8_t slot[JOURNAL_SLOT_SIZE];
    if (journal->retry_ms && clock_ms(CLOCK_MONOTONIC) < journal->retry_ms) {
        journal->lost++;
        return;
    }
    journal->retry_ms = 0;
    journal_encode(record, slot);
    uint64_t full = 0;
    if (journal->capacity && journal->until_check-- == 0) {
        journal->until_check = CHECK_EVERY;
        if (!segment_still_there(journal, directory))
            journal_close(journal);
    }
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        int result = slot_write(journal, directory, slot);
        if (result == STORE_OK)
            return;
        if (result == STORE_BUSY) {
            journal->lost++;
            return;
        }
        if (journal->capacity)
            full = journal->sequence;
        journal_close(journal);
        if (result != STORE_MISS || segment_next(journal, directory, full) != STORE_OK)
            break;
    }
    journal->lost++;
    journal->retry_ms = clock_ms(CLOCK_MONOTONIC) + RETRY_AFTER_MS;
}
