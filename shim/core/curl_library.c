/* SPDX-License-Identifier: MIT */
/* Finding the functions of one copy of libcurl. */
#include "curl_library.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>

#define COPIES 8

static const struct stub_api *stub;

/* Guards the writers of the table; readers go by the atomic count. Held across dlopen
 * with RTLD_NOLOAD and dlsym only, which never call back into a host. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct curl_library copies[COPIES];
static _Atomic unsigned copy_count;

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

/* Under the lock. */
static const struct curl_library *find_copy(const void *real)
{
    Dl_info info;
    struct link_map *map = NULL;
    unsigned count = atomic_load_explicit(&copy_count, memory_order_relaxed);
    if (!dladdr1(real, &info, (void **)&map, RTLD_DL_LINKMAP) || !map)
        return NULL;
    for (unsigned i = 0; i < count; i++)
        if (copies[i].base == info.dli_fbase)
            return &copies[i];
    if (count == COPIES)
        return NULL;
    /* The main program's name is empty: its functions are in the global scope. The handle
     * is kept, so the copy can never be unloaded under us. */
    void *handle = dlopen(map->l_name[0] ? map->l_name : NULL, RTLD_LAZY | RTLD_NOLOAD);
    if (!handle || !fill(&copies[count], handle)) {
        dlerror(); /* the host must not find our failure there */
        return NULL;
    }
    copies[count].base = info.dli_fbase;
    atomic_store_explicit(&copy_count, count + 1, memory_order_release);
    return &copies[count];
}

const struct curl_library *curl_library_of(const void *real)
{
    if (atomic_load_explicit(&latest.real, memory_order_acquire) == real) {
        const struct curl_library *copy = latest.copy;
        /* Another thread may have moved on between the two loads. */
        if (atomic_load_explicit(&latest.real, memory_order_acquire) == real)
            return copy;
    }
    pthread_mutex_lock(&lock);
    const struct curl_library *copy = find_copy(real);
    if (copy) {
        atomic_store(&latest.real, NULL);
        atomic_store(&latest.copy, copy);
        atomic_store(&latest.real, real);
    }
    pthread_mutex_unlock(&lock);
    return copy;
}
