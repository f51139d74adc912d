/* SPDX-License-Identifier: MIT */
/* Finding the functions of one copy of libcurl. */
#include "curl_library.h"

#include "library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>

#define COPIES 8

static const struct stub_api *stub;

/* Guards the table. A leaf lock: the loader is asked before it is taken. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct curl_library copies[COPIES];
static unsigned copy_count;

/* The last look-up: programs with one libcurl never take the lock again. */
static struct {
    _Atomic(const void *) real;
    const struct curl_library *_Atomic copy;
} latest;

void curl_library_start(const struct stub_api *api)
{
    stub = api;
}

void curl_library_after_fork(void)
{
    pthread_mutex_init(&lock, NULL);
}

static bool fill(struct curl_library *copy, void *handle)
{
#define LIBCURL(result, name, parameters)                                                \
    copy->name = (__typeof__(copy->name))stub->real_dlsym(handle, #name);                \
    if (!copy->name || stub->is_hook((const void *)copy->name))                          \
        return false;
    LIBCURL_FUNCTIONS
#undef LIBCURL
    const curl_version_info_data *version = copy->curl_version_info(CURLVERSION_FIRST);
    copy->version = version ? version->version_num : 0;
    return true;
}

/* Fills |copy| in for the library that |real| lies in. */
static bool examine(const void *real, struct curl_library *copy)
{
    struct library library;
    if (!library_of(real, &library))
        return false;
    copy->base = library.base;
    if (fill(copy, library.handle))
        return true;
    dlerror(); /* the host must not find our failure there */
    return false;
}

/* With the lock held: the table that stands for |fresh|'s library, NULL when there is no room. */
static const struct curl_library *keep(const struct curl_library *fresh)
{
    for (unsigned i = 0; i < copy_count; i++)
        if (copies[i].base == fresh->base)
            return &copies[i];
    if (copy_count == COPIES)
        return NULL;
    copies[copy_count] = *fresh;
    return &copies[copy_count++];
}

const struct curl_library *curl_library_of(const void *real)
{
    if (atomic_load_explicit(&latest.real, memory_order_acquire) == real) {
        const struct curl_library *copy = latest.copy;
        /* Another thread may have moved on between the two loads. */
        if (atomic_load_explicit(&latest.real, memory_order_acquire) == real)
            return copy;
    }
    struct curl_library fresh;
    if (!examine(real, &fresh))
        return NULL;
    pthread_mutex_lock(&lock);
    const struct curl_library *copy = keep(&fresh);
    if (copy) {
        atomic_store(&latest.real, NULL);
        atomic_store(&latest.copy, copy);
        atomic_store(&latest.real, real);
    }
    pthread_mutex_unlock(&lock);
    return copy;
}
