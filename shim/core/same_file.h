/* SPDX-License-Identifier: MIT */
/* A host may close everything it sees and reuse the numbers: before a descriptor of ours is
 * used it is compared with what was noted when it was made. */
#ifndef CORE_SAME_FILE_H
#define CORE_SAME_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

/* True when |fd| is open and is that file. Any thread, async-signal-safe. */
static inline bool same_file(int fd, dev_t device, ino_t inode)
{
    struct stat status;
    return fd >= 0 && fstat(fd, &status) == 0 && status.st_dev == device &&
           status.st_ino == inode;
}

#endif
