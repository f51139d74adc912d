/* SPDX-License-Identifier: MIT */
/* Taking entries out of batches, see batch.h: in place, so that a full disk does not matter. */
#include "batch.h"

#include "key_list.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct erasing {
    const char *spool;
    struct span keys;
    int descriptor;
    size_t left; /* entries that stay */
};

static bool write_zeroes(int descriptor, uint64_t offset, uint64_t size)
{
    static const uint8_t zeroes[4096];
    while (size > 0) {
        size_t part = size < sizeof(zeroes) ? (size_t)size : sizeof(zeroes);
        ssize_t count = pwrite(descriptor, zeroes, part, (off_t)offset);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        offset += (uint64_t)count;
        size -= (uint64_t)count;
    }
    return true;
}

/* Nobody finds it from the first step on. */
static bool erase(struct erasing *erasing, const struct batched *item)
{
    uint64_t size_at = BATCH_HEADER_SIZE + item->number * (uint64_t)BATCH_INDEX_SIZE +
                       STORE_KEY_SIZE + 8;
    return write_zeroes(erasing->descriptor, size_at, 8) &&
           write_zeroes(erasing->descriptor, item->offset, item->size);
}

static bool erase_from(struct erasing *erasing, struct span head, uint64_t size)
{
    bool good = true;
    size_t count = batch_count(head, size);
    erasing->left = count == 0; /* of another version: it stays */
    for (size_t i = 0; good && i < count; i++) {
        struct batched item;
        if (!batch_at(head, i, &item))
            continue;
        if (key_list_holds(erasing->keys, item.key))
            good = erase(erasing, &item);
        else
            erasing->left++;
    }
    return good;
}

/* Which of two files is the latest says when they were written. */
static bool erase_and_keep_time(struct erasing *erasing, struct span head, uint64_t size)
{
    struct stat status;
    if (fstat(erasing->descriptor, &status) != 0)
        return false;
    struct timespec times[2] = {status.st_atim, status.st_mtim};
    bool good = erase_from(erasing, head, size);
    return futimens(erasing->descriptor, times) == 0 && good;
}

static int erase_file(struct erasing *erasing, const char *name, struct buffer *head)
{
    struct path path;
    uint64_t size = 0;
    buffer_clear(head);
    if (!path_join(&path, erasing->spool, name))
        return STORE_UNAVAILABLE;
    int result = file_read_head(path.text, BATCH_HEAD_LIMIT, head, &size);
    if (result == STORE_OK) {
        erasing->descriptor = open(path.text, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
        if (erasing->descriptor < 0)
            return file_result(errno);
        if (!erase_and_keep_time(erasing, buffer_span(head), size))
            result = STORE_UNAVAILABLE;
        close(erasing->descriptor);
    }
    if (result == STORE_OK && erasing->left == 0)
        unlink(path.text);
    return result == STORE_MISS ? STORE_OK : result;
}

int batch_erase(const char *spool, struct span keys)
{
    struct erasing erasing = {.spool = spool, .keys = keys};
    struct batches batches = {0};
    struct buffer head = {0};
    int result = batches_load(&batches, spool);
    struct cursor files = cursor_of(buffer_span(&batches.files));
    struct batch_name name;
    while (result == STORE_OK && files.left >= sizeof(name)) {
        memcpy(&name, cursor_bytes(&files, sizeof(name)).at, sizeof(name));
        result = erase_file(&erasing, name.text, &head);
    }
    batches_free(&batches);
    buffer_free(&head);
    return result;
}
