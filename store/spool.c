/* SPDX-License-Identifier: MIT */
/* Recordings that wait for the merger, see spool.h. */
#include "spool.h"

#include "batch.h"
#include "seal.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

void spool_name(enum record_kind kind, const uint8_t key[STORE_KEY_SIZE],
                char name[SPOOL_NAME_SIZE])
{
    name[0] = (char)kind;
    name[1] = '-';
    hex_encode(key, STORE_KEY_SIZE, name + 2);
}

bool spool_name_parse(const char *name, enum record_kind *kind,
                      uint8_t key[STORE_KEY_SIZE])
{
    if ((name[0] != RECORD_ENTRY && name[0] != RECORD_ALIAS && name[0] != RECORD_BATCH) ||
        name[1] != '-')
        return false;
    *kind = (enum record_kind)name[0];
    return hex_decode(name + 2, key, STORE_KEY_SIZE);
}

int spool_write(const char *spool, enum record_kind kind,
                const uint8_t key[STORE_KEY_SIZE], struct span content)
{
    char name[SPOOL_NAME_SIZE];
    spool_name(kind, key, name);
    return file_replace(spool, name, content);
}

int spool_read(const char *spool, enum record_kind kind,
               const uint8_t key[STORE_KEY_SIZE], struct buffer *out,
               struct file_stamp *stamp)
{
    struct path path;
    char name[SPOOL_NAME_SIZE];
    spool_name(kind, key, name);
    if (!path_join(&path, spool, name))
        return STORE_UNAVAILABLE;
    size_t limit = kind == RECORD_ALIAS ? ALIAS_VALUE_SIZE : SEAL_LIMIT;
    if (kind == RECORD_BATCH)
        limit += BATCH_HEAD_LIMIT + BATCH_BYTES;
    return file_read(path.text, false, limit, out, stamp);
}

int spool_read_head(const char *spool, const uint8_t key[STORE_KEY_SIZE], size_t most,
                    struct buffer *out, uint64_t *size)
{
    struct path path;
    char name[SPOOL_NAME_SIZE];
    spool_name(RECORD_ENTRY, key, name);
    if (!path_join(&path, spool, name))
        return STORE_UNAVAILABLE;
    return file_read_head(path.text, most, out, size);
}

bool spool_reaches(const char *spool, size_t files, uint64_t bytes)
{
    DIR *directory = opendir(spool);
    if (!directory)
        return false;
    size_t found = 0;
    uint64_t sum = 0;
    for (struct dirent *item;
         found < files && sum < bytes && (item = readdir(directory));) {
        struct stat status;
        bool batch = item->d_name[0] == RECORD_BATCH;
        if (item->d_name[0] != RECORD_ENTRY && !batch)
            continue;
        if (fstatat(dirfd(directory), item->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
            found += batch ? SPOOL_BATCH_WEIGHT : 1;
            sum += (uint64_t)status.st_size;
        }
    }
    closedir(directory);
    return found >= files || sum >= bytes;
}
