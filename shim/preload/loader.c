/* SPDX-License-Identifier: MIT */
/* See loader.h. */
#include "loader.h"
#include "epoll.h"
#include "host.h"

#include <stddef.h>

#define CORE_FILE      "libpreecho-core.so"
#define LOADER_TURNS   100000u
#define CORE_PATH_SIZE 4096 /* Linux takes no longer ones */

_Atomic(const struct core_api *) loader_core;
_Atomic int loader_watching;

static struct stub_api stub;

static int stub_is_hook(const void *function)
{
    return object_is_stub(function);
}

/* The core's file name, beside the stub's: NULL when the stub's own is not known, has no
 * directory or is too long. */
static const char *core_path(void)
{
    struct object self;
    size_t directory = 0;
    char *path = host_map(CORE_PATH_SIZE);
    if (!path || !object_at(&stub, &self) || !self.name)
        return NULL;
    for (size_t i = 0; self.name[i]; i++) {
        if (i + sizeof CORE_FILE >= CORE_PATH_SIZE)
            return NULL;
        path[i] = self.name[i];
        if (self.name[i] == '/')
            directory = i + 1;
    }
    for (size_t i = 0; i < sizeof CORE_FILE; i++)
        path[directory + i] = CORE_FILE[i];
    return directory > 0 ? path : NULL;
}

/* Opens the core and asks for its table; NULL when anything is not as it should be. */
static const struct core_api *core_open(void)
{
    void *(*real_dlopen)(const char *, int) = (void *(*)(const char *, int))host_dlopen();
    void *(*real_dlsym)(void *, const char *) =
        (void *(*)(void *, const char *))host_dlsym();
    const char *path = core_path();
    if (!real_dlopen || !real_dlsym || !path)
        return NULL;
    void *handle = real_dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        return NULL;
    core_entry_function *entry =
        (core_entry_function *)real_dlsym(handle, CORE_API_SYMBOL);
    if (!entry)
        return NULL;

    stub = (struct stub_api){real_dlsym, stub_is_hook, &loader_watching, &epoll_made};
    object_core((void *)entry);
    const struct core_api *api = entry(&stub);
    bool fits = api && api->version == CORE_API_VERSION && api->size == sizeof *api;
    return fits ? api : NULL;
}

/* Another thread loads the core. A connection that begins meanwhile would stay unseen for good,
 * so this one waits, some 50 ms at most: the loading thread may need a lock that we hold (a
 * constructor runs under the loader's), or be gone (in a child of fork). Then it is over. */
static const struct core_api *loader_wait(void)
{
    int loading = STUB_LOADING;
    for (unsigned turn = 0; turn < LOADER_TURNS; turn++) {
        if (atomic_load_explicit(&stub_state, memory_order_acquire) != STUB_LOADING ||
            !host_yield())
            return loader_get();
    }
    (void)atomic_compare_exchange_strong(&stub_state, &loading, STUB_DEAD);
    return loader_get();
}

const struct core_api *loader_load(void)
{
    KEEP_ERRNO;
    int idle = STUB_IDLE;
    if (!atomic_compare_exchange_strong(&stub_state, &idle, STUB_LOADING))
        return idle == STUB_LOADING ? loader_wait() : loader_get();

    const struct core_api *api = host_secure() ? NULL : core_open();
    if (!api)
        host_clear_error();
    atomic_store_explicit(&loader_core, api, memory_order_release);
    atomic_store_explicit(&stub_state, api ? STUB_READY : STUB_DEAD,
                          memory_order_release);
    return api;
}

const struct core_api *loader_names(void)
{
    const struct core_api *core = loader_get();
    if (core || atomic_load_explicit(&stub_state, memory_order_relaxed) == STUB_DEAD)
        return core;
    KEEP_ERRNO;
    struct survey survey = {.name = hook_name(HOOK_SSL_connect)};
    objects_survey(&survey);
    return survey.first ? loader_load() : NULL;
}

const struct core_api *loader_peer(const struct sockaddr *to)
{
    bool internet = to && (to->sa_family == AF_INET || to->sa_family == AF_INET6);
    return internet ? loader_names() : loader_get();
}

const struct core_api *loader_watch(const void *site)
{
    if (atomic_load_explicit(&loader_watching, memory_order_acquire) <= 0)
        return NULL;
    return object_is_core(site) ? NULL : loader_get();
}
