/* SPDX-License-Identifier: MIT */
/* See epoll.h. These two hooks only count and never reach the core, so hooks.def does not
 * name them. Async-signal-safe as host_find() is; errno is as the real call leaves
 * it. */
#include "epoll.h"
#include "host.h"

#include <stdatomic.h>
#include <stddef.h>

#define EXPORT __attribute__((visibility("default")))

typedef int epoll_function(int argument);

_Atomic unsigned epoll_made;

static atomic_place create_real;
static atomic_place create1_real;

/* Makes a set by |real| and counts it. */
static int epoll_count(void *real, int argument)
{
    const int none = ENOSYS;
    if (!real) {
        errno_restore(&none);
        return -1;
    }
    int set = ((epoll_function *)real)(argument);
    if (set >= 0)
        atomic_fetch_add_explicit(&epoll_made, 1, memory_order_release);
    return set;
}

EXPORT epoll_function hook_epoll_create __asm__("epoll_create");
EXPORT epoll_function hook_epoll_create1 __asm__("epoll_create1");

int hook_epoll_create(int size)
{
    return epoll_count(host_find(&create_real, "epoll_create"), size);
}

int hook_epoll_create1(int flags)
{
    return epoll_count(host_find(&create1_real, "epoll_create1"), flags);
}
