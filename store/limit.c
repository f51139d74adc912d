/* SPDX-License-Identifier: MIT */
/* The store's size limit, see limit.h. */
#include "limit.h"

#include "layout.h"
#include "segment.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#define SEGMENT_BYTES                                                                    \
    ((uint64_t)SEGMENT_HEADER_SIZE + (uint64_t)SEGMENT_CAPACITY * JOURNAL_SLOT_SIZE)
#define PARTS    64   /* of the room that is left: what a process takes without looking */
#define TRUST_MS 1000 /* how long it does so */

void limit_share(uint64_t max_size, struct limit_shares *out)
{
    uint64_t all = max_size < LIMIT_LEAST ? LIMIT_LEAST : max_size;
    out->all = all;
    out->spool = all / 10;
    out->merge = all / 40;
    out->recording = all / 16;
    out->journal = all / 16 > 2 * SEGMENT_BYTES ? all / 16 : 2 * SEGMENT_BYTES;
    out->data = all - out->spool - out->journal;
    out->replace = out->data + out->data / 16 + 65536;
    out->entries = out->data / 4 * 3;
}

static uint64_t blocks(const struct stat *status)
{
    return (uint64_t)status->st_blocks * 512;
}

static uint64_t directory_blocks(const char *path)
{
    uint64_t sum = 0;
    DIR *stream = opendir(path);
    if (!stream)
        return 0;
    for (struct dirent *item; (item = readdir(stream));) {
        struct stat status;
        if (fstatat(dirfd(stream), item->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(status.st_mode))
            sum += blocks(&status);
    }
    closedir(stream);
    return sum;
}

void limit_measure(const struct layout *layout, struct limit_sizes *out)
{
    struct stat status = {0};
    (void)!stat(layout->data, &status);
    out->data = blocks(&status);
    if (out->data > (uint64_t)status.st_size) /* XFS lends some beyond the end */
        out->data = (uint64_t)status.st_size;
    out->spool = directory_blocks(layout->spool);
    out->journal = directory_blocks(layout->journal);
}

static uint64_t left_of(uint64_t whole, uint64_t used)
{
    return whole > used ? whole - used : 0;
}

static int64_t now_ms(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC_COARSE, &now) != 0)
        return 0;
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool limit_admits(struct limit *limit, const struct layout *layout, uint64_t size)
{
    struct limit_shares shares;
    struct limit_sizes sizes;
    uint64_t max_size = atomic_load(&limit->max_size);
    if (max_size == 0)
        return true;
    limit_share(max_size, &shares);
    if (size > shares.recording)
        return false;
    int64_t now = now_ms();
    if (now < atomic_load(&limit->until_ms) &&
        atomic_fetch_sub(&limit->allowance, (int64_t)size) >= (int64_t)size)
        return true;
    limit_measure(layout, &sizes);
    uint64_t room = left_of(shares.all, sizes.data + sizes.spool + sizes.journal);
    if (room > left_of(shares.spool, sizes.spool))
        room = left_of(shares.spool, sizes.spool);
    if (sizes.spool >= shares.merge || room < size)
        atomic_store(&limit->pressing, true);
    atomic_store(&limit->allowance, (int64_t)(room / PARTS));
    atomic_store(&limit->until_ms, now + TRUST_MS);
    return room >= size;
}
