/* SPDX-License-Identifier: MIT */
/* See mapping.h. */
#include "mapping.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct span mapping_open(const char *path)
{
    struct span span = {NULL, 0};
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return span;
    struct stat status;
    errno = ENOEXEC;
    if (fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
        void *at = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
        if (at != MAP_FAILED)
            span = span_of(at, (size_t)status.st_size);
    }
    int saved = errno;
    close(file);
    errno = saved;
    return span;
}

void mapping_close(struct span file)
{
    if (file.at)
        munmap((void *)file.at, file.size);
}
