/* SPDX-License-Identifier: MIT */
/* The hooks, all from hooks.def: find the real function for the caller, then call the
 * core with it, or the function itself. Between entry and that call nothing touches
 * errno.
 *
 * Built without sibling calls: a hook has to know where its call returns to, and the
 * loader's functions look at that too. */
#include "loader.h"
#include "resolve.h"

#define EXPORT __attribute__((visibility("default")))
#define SITE   __builtin_return_address(0)

/* The variadic ones among the real functions are to be called as such. */
#define CALLABLE(real)                                                                   \
    _Generic((real), curl_easy_setopt_function *                                         \
             : (curl_easy_setopt_variadic *)(void *)(real), curl_easy_getinfo_function * \
             : (curl_easy_getinfo_variadic *)(void *)(real),                             \
               curl_multi_setopt_function *                                              \
             : (curl_multi_setopt_variadic *)(void *)(real), default                     \
             : (real))

#define FIRST(first, ...) (first)

#define TARGET_CURL(hook, arguments) resolve_call(hook, SITE, FIRST arguments)
#define TARGET_SSL(hook, arguments)  TARGET_CURL(hook, arguments)
#define TARGET_LIBC(hook, arguments)                                                     \
    (struct target)                                                                      \
    {                                                                                    \
        resolve_libc(hook), false, false                                                 \
    }

#define TARGET_NET(hook, arguments) resolve_net(hook, SITE)

#define CORE_START() loader_start()
#define CORE_NAMES() loader_names()
#define CORE_PEER()  loader_peer(to)
#define CORE_LATER() loader_get()
#define CORE_WATCH() loader_watch(SITE)

/* The C names are our own, as headers declare some of these functions with other
 * parameters. */
#define HOOK(result, name, parameters, arguments, failure, library, load)                \
    EXPORT result hook_##name parameters __asm__(#name);                                 \
    result hook_##name parameters                                                        \
    {                                                                                    \
        struct target target = TARGET_##library(HOOK_##name, arguments);                 \
        name##_function *real = (name##_function *)target.real;                          \
        if (!real)                                                                       \
            return failure;                                                              \
        const struct core_api *core = target.pass ? NULL : CORE_##load();                \
        if (core)                                                                        \
            return core->name(real, STRIP arguments);                                    \
        return CALLABLE(real) arguments;                                                 \
    }
#define STRIP(...) __VA_ARGS__
#include "hooks.def"
#undef STRIP
#undef HOOK
