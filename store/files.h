/* SPDX-License-Identifier: MIT */
/* Files and directories as the store needs them: owned by this user, closed to others,
 * written whole or not at all, and never left open.
 *
 * A descriptor lives only within a call. One that is written to is moved to a high number
 * first: should another thread of the host close all descriptors and open files of its
 * own meanwhile, our write fails instead of landing in the user's file.
 *
 * Thread class: any thread. No locks, no state. errno is not preserved (the core's entry
 * does). */
#ifndef STORE_FILES_H
#define STORE_FILES_H

#include "bytes.h"
#include "result.h"

#include <sys/stat.h>
#include <sys/types.h>

#define PATH_CAPACITY   768
#define DIRECTORY_LIMIT 640 /* longest directory the store accepts, in bytes */

struct path {
    char text[PATH_CAPACITY];
};

/* Which file it was: changes when the file is replaced, rewritten or removed. */
struct file_stamp {
    uint64_t device;
    uint64_t inode;
    int64_t modified_ns;
};

/* |directory|/|name|. False when it does not fit. */
MUST_USE bool path_join(struct path *out, const char *directory, const char *name);

/* Lower-case hexadecimal digits of |size| bytes and a zero: 2 * |size| + 1 chars. */
void hex_encode(const uint8_t *bytes, size_t size, char *text);
/* The reverse of exactly 2 * |size| digits; false when |text| is anything else. */
MUST_USE bool hex_decode(const char *text, uint8_t *bytes, size_t size);

/* The result that an errno value stands for: STORE_MISS for ENOENT and ENOTDIR,
 * STORE_FULL, STORE_NO_MEMORY, STORE_UNAVAILABLE for the rest. */
int file_result(int error);

/* Makes sure that |path| is a directory of this user that others cannot write to; with
 * |create| makes it (0700), and its missing parents. STORE_OK, STORE_MISS (absent, not
 * |create|), STORE_REFUSED, STORE_UNAVAILABLE, STORE_FULL. */
MUST_USE int directory_check(const char *path, bool create);

/* Is |path| a regular file of this user that others cannot write to?
 * STORE_OK, STORE_MISS (absent), STORE_REFUSED, STORE_UNAVAILABLE. */
MUST_USE int file_check(const char *path);

/* Opens such a file for reading; a symbolic link is refused, and of a |secret| others may not
 * even read. |*out| is for the caller to close.
 * STORE_OK, STORE_MISS (absent), STORE_REFUSED, STORE_UNAVAILABLE, STORE_NO_MEMORY. */
MUST_USE int file_open(const char *path, bool secret, int *out, struct stat *status);

/* Appends the whole content of |path|, opened as above, to |out|. A file larger than
 * |limit| is STORE_CORRUPT. Otherwise file_open's results, STORE_NO_MEMORY. |stamp| may
 * be NULL. */
MUST_USE int file_read(const char *path, bool secret, size_t limit, struct buffer *out,
                       struct file_stamp *stamp);

/* Appends the first |most| bytes of |path|; |*size| becomes that of the file. file_read's results
 * but for STORE_CORRUPT. */
MUST_USE int file_read_head(const char *path, size_t most, struct buffer *out,
                            uint64_t *size);

/* The stamp of what lies at |path| now. STORE_OK, STORE_MISS, STORE_UNAVAILABLE. */
MUST_USE int file_stamp_of(const char *path, struct file_stamp *out);
bool file_stamp_equal(const struct file_stamp *a, const struct file_stamp *b);

/* Reads |size| bytes at |offset| unless the file ends before; returns how many, or -1. */
ssize_t file_read_at(int descriptor, void *out, size_t size, uint64_t offset);

/* A fresh descriptor's number raised to 512 or above where the limit allows,
 * close-on-exec; the old number is closed. Returns |descriptor| itself when there is no
 * room above. */
int descriptor_raise(int descriptor);

/* True when a file may grow to |size| bytes. Beyond RLIMIT_FSIZE the kernel would not
 * only refuse but send SIGXFSZ, which ends the host. */
MUST_USE bool file_may_grow_to(uint64_t size);

/* Opens a new file of mode 0600 for reading and writing with a name of its own, "t-" and
 * random digits, in |directory|; the descriptor is high. Leftovers are the merger's to
 * remove. STORE_OK, STORE_MISS (no such directory), STORE_UNAVAILABLE, STORE_FULL. */
MUST_USE int file_create_temporary(const char *directory, struct path *path, int *out);

/* Gives the finished file |temporary| the name |target| unless that is taken (STORE_OK
 * all the same); |temporary| is gone afterwards. STORE_OK, STORE_MISS, STORE_UNAVAILABLE,
 * STORE_FULL. */
MUST_USE int file_give_name(const struct path *temporary, const struct path *target);

/* Writes all of |content|. STORE_OK, STORE_FULL, STORE_UNAVAILABLE. */
MUST_USE int file_write_all(int descriptor, struct span content);

/* A new file with |content| in |directory|, put in place of |name| (whether or not that
 * is there) in one step. No fsync. file_create_temporary's results. */
MUST_USE int file_replace(const char *directory, const char *name, struct span content);

/* As file_replace, but leaves an existing |name| alone (STORE_OK all the same); with
 * |durable| the content is on disk before the name is. */
MUST_USE int file_publish(const char *directory, const char *name, struct span content,
                          bool durable);

#endif
