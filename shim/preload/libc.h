/* SPDX-License-Identifier: MIT */
/* All that the stub takes from its host by name, each of it weak: the stub names no
 * library, so that the same file loads into glibc programs, musl programs and programs
 * without any libc. Each use asks first whether the function is there.
 *
 *   dl_iterate_phdr    every libc   the loaded objects
 *   _dl_find_object    glibc 2.35   the object at an address: no lock, async-signal-safe
 *   _r_debug           glibc        the loaded objects, for those that are never unloaded
 *   __errno_location   every libc   errno
 *
 * More than these few would be felt at the start of each process: see host.h. */
#ifndef PRELOAD_LIBC_H
#define PRELOAD_LIBC_H

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>

#pragma weak dl_iterate_phdr
#pragma weak _dl_find_object
#pragma weak _r_debug
#pragma weak __errno_location

#define MUST_USE __attribute__((warn_unused_result))

/* errno as it is now; 0 without a libc. Any thread, async-signal-safe. */
static inline int errno_save(void)
{
    return __errno_location ? *__errno_location() : 0;
}

/* Puts a saved errno back. Any thread, async-signal-safe. */
static inline void errno_restore(const int *saved)
{
    if (__errno_location)
        *__errno_location() = *saved;
}

/* At the head of a function: errno leaves it as it came in, on every path. */
#define KEEP_ERRNO                                                                       \
    __attribute__((cleanup(errno_restore), unused)) int kept_errno = errno_save()

/* True when both texts are the same. Written out: the stub must not need strcmp(3). */
static inline bool text_equal(const char *one, const char *other)
{
    while (*one && *one == *other) {
        one++;
        other++;
    }
    return *one == *other;
}

#endif
