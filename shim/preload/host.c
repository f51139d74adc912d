/* SPDX-License-Identifier: MIT */
/* See host.h. */
#include "host.h"

#include <sys/auxv.h>
#include <sys/mman.h>

static atomic_place dlsym_found;
static atomic_place dlopen_found;
static atomic_place dlvsym_found;
static atomic_place dlclose_found;
static atomic_place dlerror_found;
static atomic_place mmap_found;
static atomic_place getauxval_found;
static atomic_place yield_found;

/* Not by dlsym(3): it is one of those looked for, it may fail and then allocates, and it
 * would take the loader's main lock. */
void *host_find(atomic_place *place, const char *name)
{
    void *found = atomic_load_explicit(place, memory_order_acquire);
    if (found)
        return found;
    KEEP_ERRNO;
    found = objects_next(name);
    atomic_store_explicit(place, found, memory_order_release);
    return found;
}

void *host_dlsym(void)
{
    return host_find(&dlsym_found, "dlsym");
}

void *host_dlopen(void)
{
    return host_find(&dlopen_found, "dlopen");
}

void *host_lookup(void *handle, const char *name, const char *version)
{
    void *(*lookup)(void *, const char *) = (void *(*)(void *, const char *))host_dlsym();
    void *(*lookup_version)(void *, const char *, const char *) =
        (void *(*)(void *, const char *, const char *))host_find(&dlvsym_found, "dlvsym");
    void *found = NULL;
    if (version && lookup_version)
        found = lookup_version(handle, name, version);
    else if (lookup)
        found = lookup(handle, name);
    return object_is_stub(found) ? NULL : found;
}

void *host_open_loaded(const char *file)
{
    void *(*open)(const char *, int) = (void *(*)(const char *, int))host_dlopen();
    return open ? open(file, RTLD_LAZY | RTLD_NOLOAD) : NULL;
}

void host_close(void *handle)
{
    int (*close)(void *) = (int (*)(void *))host_find(&dlclose_found, "dlclose");
    if (close)
        (void)close(handle);
}

void host_clear_error(void)
{
    char *(*error)(void) = (char *(*)(void))host_find(&dlerror_found, "dlerror");
    if (error)
        (void)error();
}

void *host_map(size_t size)
{
    KEEP_ERRNO;
    void *(*map)(void *, size_t, int, int, int, off_t) =
        (void *(*)(void *, size_t, int, int, int, off_t))host_find(&mmap_found, "mmap");
    if (!map)
        return NULL;
    void *mapped =
        map(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return mapped == MAP_FAILED ? NULL : mapped;
}

bool host_secure(void)
{
    KEEP_ERRNO;
    unsigned long (*value)(unsigned long) =
        (unsigned long (*)(unsigned long))host_find(&getauxval_found, "getauxval");
    return !value || value(AT_SECURE) != 0;
}

bool host_yield(void)
{
    KEEP_ERRNO;
    int (*yield)(void) = (int (*)(void))host_find(&yield_found, "sched_yield");
    if (yield)
        yield();
    return yield != NULL;
}
