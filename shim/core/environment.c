/* SPDX-License-Identifier: MIT */
/* Reading the environment as the kernel sees it. */
#include "environment.h"

#include "spawn.h"

#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST_VARIABLES 4096
#define PAGE           4096 /* or a multiple */

/* Up to |size| bytes at |from|, at most to the end of its page; how many. */
static size_t copy(const void *from, void *to, size_t size)
{
    size_t left = PAGE - (uintptr_t)from % PAGE;
    struct iovec local = {to, size < left ? size : left};
    struct iovec remote = {(void *)(uintptr_t)from, local.iov_len};
    ssize_t count = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
    return count > 0 ? (size_t)count : 0;
}

static size_t copy_across(const void *from, char *to, size_t size)
{
    size_t done = copy(from, to, size);
    if (done && done < size)
        done += copy((const char *)from + done, to + done, size - done);
    return done;
}

/* The value when the variable at |at| is |name|. */
static bool take(const char *at, const char *name, char *out, size_t capacity)
{
    char start[64];
    size_t size = strlen(name);
    if (size + 2 > sizeof start || copy_across(at, start, size + 1) != size + 1 ||
        memcmp(start, name, size) != 0 || start[size] != '=')
        return false;
    size_t copied = copy_across(at + size + 1, out, capacity - 1);
    out[copied] = 0;
    return true;
}

static void find(const char *name, char *out, size_t capacity)
{
    char **at = __atomic_load_n(&environ, __ATOMIC_RELAXED);
    const char *variable;
    for (size_t i = 0; at && i < MOST_VARIABLES; i++) {
        if (copy_across(&at[i], (char *)&variable, sizeof variable) != sizeof variable ||
            !variable || take(variable, name, out, capacity))
            return;
    }
}

void environment_value(const char *name, char *out, size_t capacity)
{
    int saved = errno;
    out[0] = 0;
    if (!spawn_is_confined())
        find(name, out, capacity);
    errno = saved;
}
