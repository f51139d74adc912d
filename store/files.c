/* SPDX-License-Identifier: MIT */
/* Files of the store, see files.h. */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h> /* renameat2 */
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

bool path_join(struct path *out, const char *directory, const char *name)
{
    size_t directory_size = strlen(directory), name_size = strlen(name);
    if (directory_size > DIRECTORY_LIMIT ||
        name_size >= PATH_CAPACITY - DIRECTORY_LIMIT - 1)
        return false;
    memcpy(out->text, directory, directory_size);
    out->text[directory_size] = '/';
    memcpy(out->text + directory_size + 1, name, name_size + 1);
    return true;
}

void hex_encode(const uint8_t *bytes, size_t size, char *text)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[2 * size] = 0;
}

static int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

bool hex_decode(const char *text, uint8_t *bytes, size_t size)
{
    if (strlen(text) != 2 * size)
        return false;
    for (size_t i = 0; i < size; i++) {
        int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

int file_result(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return STORE_MISS;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return STORE_FULL;
    case ENOMEM:
        return STORE_NO_MEMORY;
    default:
        return STORE_UNAVAILABLE;
    }
}

/* Makes |path| and its missing parents. */
static int directory_make(const char *path)
{
    struct path part;
    size_t size = strlen(path);
    if (size > DIRECTORY_LIMIT)
        return STORE_UNAVAILABLE;
    memcpy(part.text, path, size + 1);
    for (size_t i = 1; i <= size; i++) {
        if (part.text[i] != '/' && part.text[i] != 0)
            continue;
        part.text[i] = 0;
        if (mkdir(part.text, 0700) == 0) {
            if (chmod(part.text, 0700) != 0) /* whatever the umask took away */
                return STORE_UNAVAILABLE;
        } else if (errno != EEXIST && access(part.text, F_OK) != 0) {
            int result = file_result(errno);
            return result == STORE_MISS ? STORE_UNAVAILABLE : result;
        }
        part.text[i] = path[i];
    }
    return STORE_OK;
}

int directory_check(const char *path, bool create)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        int result = file_result(errno);
        if (result == STORE_MISS && create)
            result = directory_make(path);
        if (result != STORE_OK)
            return result;
        if (stat(path, &status) != 0)
            return STORE_UNAVAILABLE;
    }
    if (!S_ISDIR(status.st_mode))
        return STORE_UNAVAILABLE;
    if (status.st_uid != geteuid() || (status.st_mode & (S_IWGRP | S_IWOTH)))
        return STORE_REFUSED;
    return STORE_OK;
}

static void stamp_from(const struct stat *status, struct file_stamp *out)
{
    out->device = status->st_dev;
    out->inode = status->st_ino;
    out->modified_ns =
        (int64_t)status->st_mtim.tv_sec * 1000000000 + status->st_mtim.tv_nsec;
}

static int status_check(const struct stat *status, bool secret)
{
    mode_t forbidden = secret ? S_IRWXG | S_IRWXO : S_IWGRP | S_IWOTH;
    if (S_ISLNK(status->st_mode))
        return STORE_REFUSED;
    if (!S_ISREG(status->st_mode))
        return STORE_UNAVAILABLE;
    if (status->st_uid != geteuid() || (status->st_mode & forbidden))
        return STORE_REFUSED;
    return STORE_OK;
}

/* O_NONBLOCK: opening a named pipe must not wait for its writer. */
int file_open(const char *path, bool secret, int *out, struct stat *status)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0)
        return errno == ELOOP ? STORE_REFUSED : file_result(errno);
    int result = STORE_UNAVAILABLE;
    if (fstat(descriptor, status) == 0)
        result = status_check(status, secret);
    if (result == STORE_OK)
        *out = descriptor;
    else
        close(descriptor);
    return result;
}

int file_check(const char *path)
{
    struct stat status;
    if (lstat(path, &status) != 0)
        return file_result(errno);
    return status_check(&status, false);
}

ssize_t file_read_at(int descriptor, void *out, size_t size, uint64_t offset)
{
    size_t done = 0;
    if (offset > INT64_MAX || size > INT64_MAX - offset)
        return -1;
    while (done < size) {
        ssize_t count =
            pread(descriptor, (char *)out + done, size - done, (off_t)(offset + done));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -1;
        if (count == 0)
            break;
        done += (size_t)count;
    }
    return (ssize_t)done;
}

/* Appends up to |size| bytes from the file's beginning. */
static int append_from(int descriptor, size_t size, struct buffer *out)
{
    uint8_t *room = buffer_room(out, size);
    if (!room)
        return STORE_NO_MEMORY;
    ssize_t count = file_read_at(descriptor, room, size, 0);
    if (count < 0)
        return STORE_UNAVAILABLE;
    out->size += (size_t)count;
    return STORE_OK;
}

int file_read_head(const char *path, size_t most, struct buffer *out, uint64_t *size)
{
    struct stat status;
    int descriptor = -1;
    int result = file_open(path, false, &descriptor, &status);
    if (result != STORE_OK)
        return result;
    *size = status.st_size > 0 ? (uint64_t)status.st_size : 0;
    result = append_from(descriptor, *size < most ? (size_t)*size : most, out);
    close(descriptor);
    return result;
}

int file_read(const char *path, bool secret, size_t limit, struct buffer *out,
              struct file_stamp *stamp)
{
    struct stat status;
    int descriptor = -1;
    int result = file_open(path, secret, &descriptor, &status);
    if (result != STORE_OK)
        return result;
    if (status.st_size < 0 || (uint64_t)status.st_size > limit)
        result = STORE_CORRUPT;
    else
        result = append_from(descriptor, (size_t)status.st_size, out);
    if (stamp)
        stamp_from(&status, stamp);
    close(descriptor);
    return result;
}

int file_stamp_of(const char *path, struct file_stamp *out)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return file_result(errno);
    stamp_from(&status, out);
    return STORE_OK;
}

bool file_stamp_equal(const struct file_stamp *a, const struct file_stamp *b)
{
    return a->device == b->device && a->inode == b->inode &&
           a->modified_ns == b->modified_ns;
}

int descriptor_raise(int descriptor)
{
    static const int bands[] = {512, 128, 32};
    for (size_t i = 0; i < sizeof(bands) / sizeof(*bands); i++) {
        int high = fcntl(descriptor, F_DUPFD_CLOEXEC, bands[i]);
        if (high < 0)
            continue;
        close(descriptor);
        return high;
    }
    return descriptor;
}

bool file_may_grow_to(uint64_t size)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0)
        return false;
    return limit.rlim_cur == RLIM_INFINITY || size <= limit.rlim_cur;
}

int file_create_temporary(const char *directory, struct path *path, int *out)
{
    for (int attempt = 0; attempt < 8; attempt++) {
        uint8_t random[12];
        char name[2 + 2 * sizeof(random) + 1] = "t-";
        randombytes_buf(random, sizeof(random));
        hex_encode(random, sizeof(random), name + 2);
        if (!path_join(path, directory, name))
            return STORE_UNAVAILABLE;
        int descriptor =
            open(path->text, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (descriptor < 0 && errno == EEXIST)
            continue;
        if (descriptor < 0)
            return file_result(errno);
        *out = descriptor_raise(descriptor);
        if (fchmod(*out, 0600) == 0) /* whatever the umask took away */
            return STORE_OK;
        close(*out);
        unlink(path->text);
        return STORE_UNAVAILABLE;
    }
    return STORE_UNAVAILABLE;
}

int file_write_all(int descriptor, struct span content)
{
    if (!file_may_grow_to(content.size))
        return STORE_FULL;
    while (content.size) {
        ssize_t count = write(descriptor, content.at, content.size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return count < 0 ? file_result(errno) : STORE_UNAVAILABLE;
        content = span_skip(content, (size_t)count);
    }
    return STORE_OK;
}

int file_give_name(const struct path *temporary, const struct path *target)
{
    int failed = link(temporary->text, target->text) != 0 ? errno : 0;
    if (failed == EPERM || failed == EOPNOTSUPP) { /* a file system without hard links */
        failed = 0;
        if (renameat2(AT_FDCWD, temporary->text, AT_FDCWD, target->text,
                      RENAME_NOREPLACE) != 0)
            failed = errno;
    }
    unlink(temporary->text);
    return failed == 0 || failed == EEXIST ? STORE_OK : file_result(failed);
}

/* A complete temporary file, closed; |path| is its name. */
static int write_temporary(const char *directory, struct span content, bool durable,
                           struct path *path)
{
    int descriptor;
    int result = file_create_temporary(directory, path, &descriptor);
    if (result != STORE_OK)
        return result;
    result = file_write_all(descriptor, content);
    if (result == STORE_OK && durable && fsync(descriptor) != 0)
        result = file_result(errno);
    if (close(descriptor) != 0 && result == STORE_OK && errno != EINTR)
        result = file_result(errno); /* quota errors of network file systems come late */
    if (result != STORE_OK)
        unlink(path->text);
    return result;
}

int file_replace(const char *directory, const char *name, struct span content)
{
    struct path temporary, target;
    if (!path_join(&target, directory, name))
        return STORE_UNAVAILABLE;
    int result = write_temporary(directory, content, false, &temporary);
    if (result != STORE_OK)
        return result;
    if (rename(temporary.text, target.text) != 0) {
        result = file_result(errno);
        unlink(temporary.text);
    }
    return result;
}

int file_publish(const char *directory, const char *name, struct span content,
                 bool durable)
{
    struct path temporary, target;
    if (!path_join(&target, directory, name))
        return STORE_UNAVAILABLE;
    int result = write_temporary(directory, content, durable, &temporary);
    if (result != STORE_OK)
        return result;
    return file_give_name(&temporary, &target);
}
