/* SPDX-License-Identifier: MIT */
/* A core for testing the stub: it notes each call as a line "NAME LIBRARY" in the file
 * named by FAKE_CORE_LOG, LIBRARY being the file that holds the real function, and calls
 * that function. FAKE_CORE_MODE: `refuse` gives no table, `old` one of another version,
 * `watch` asks for the WATCH hooks. */
#include "preload/core_api.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CALLABLE(real)                                                                   \
    _Generic((real), curl_easy_setopt_function *                                         \
             : (curl_easy_setopt_variadic *)(void *)(real), curl_easy_getinfo_function * \
             : (curl_easy_getinfo_variadic *)(void *)(real),                             \
               curl_multi_setopt_function *                                              \
             : (curl_multi_setopt_variadic *)(void *)(real), default                     \
             : (real))

static const struct stub_api *stub;

static int writes;

static void note(const char *name, const void *real)
{
    int entry_errno = errno;
    const char *path = getenv("FAKE_CORE_LOG");
    Dl_info info;
    char line[256];
    if (path) {
        const char *file = dladdr(real, &info) ? strrchr(info.dli_fname, '/') : NULL;
        int hook = stub->is_hook(real);
        int size = snprintf(line, sizeof line, "%s %s%s\n", name, file ? file + 1 : "?",
                            hook ? " HOOK" : "");
        int fd = (int)syscall(SYS_openat, AT_FDCWD, path,
                              O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
        if (writes)
            (void)!write(fd, line, (size_t)size);
        else
            syscall(SYS_write, fd, line, size);
        syscall(SYS_close, fd);
    }
    errno = entry_errno;
}

#define STRIP(...) __VA_ARGS__
#define HOOK(result, name, parameters, arguments, failure, library, load)                \
    static result core_##name(name##_function *real, STRIP parameters)                   \
    {                                                                                    \
        note(#name, (void *)real);                                                       \
        return CALLABLE(real) arguments;                                                 \
    }
#include "preload/hooks.def"
#undef HOOK
#undef STRIP

static struct core_api api = {
    .version = CORE_API_VERSION,
    .size = sizeof(struct core_api),
#define HOOK(result, name, parameters, arguments, failure, library, load)                \
    .name = core_##name,
#include "preload/hooks.def"
#undef HOOK
};

__attribute__((visibility("default"))) core_entry_function preecho_core_api;

const struct core_api *preecho_core_api(const struct stub_api *given)
{
    const char *mode = getenv("FAKE_CORE_MODE");
    stub = given;
    note("core", (void *)given->real_dlsym);
    if (mode && !strcmp(mode, "refuse"))
        return NULL;
    if (mode && !strcmp(mode, "old"))
        api.version++;
    writes = mode && !strcmp(mode, "write");
    if (writes || (mode && !strcmp(mode, "watch")))
        atomic_fetch_add(given->watching, 1);
    errno = EDOM; /* the stub has to put it back */
    return &api;
}
