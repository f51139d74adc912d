/* SPDX-License-Identifier: MIT */
/* All that the stub knows of the core: one table of function pointers, fetched once from
 * libpreecho-core.so through the single symbol it exports. */
#ifndef PRELOAD_CORE_API_H
#define PRELOAD_CORE_API_H

#include "hook_types.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define CORE_API_VERSION 1u
#define CORE_API_SYMBOL  "preecho_core_api"

/* What the stub does for the core. */
struct stub_api {
    /* The real dlsym(3): the core's own references to dlsym would reach the stub's hook.
     * Calls made through it count as made by the core. */
    void *(*real_dlsym)(void *handle, const char *name);
    /* True when |function| lies in the stub, that is: is a hook and not the real
     * function. */
    int (*is_hook)(const void *function);
    /* While it is above zero the WATCH hooks call the core. */
    _Atomic int *watching;
    /* How many epoll sets the process has made so far by epoll_create and epoll_create1.
     */
    _Atomic unsigned *epoll_sets;
};

/* One pointer per hook: the hook's own parameters behind the real function found for the
 * caller. Any thread. A member is never NULL. */
struct core_api {
    uint32_t version; /* CORE_API_VERSION */
    uint32_t size;    /* sizeof(struct core_api) */
#define STRIP(...) __VA_ARGS__
#define HOOK(result, name, parameters, arguments, failure, library, load)                \
    result (*name)(name##_function * real, STRIP parameters);
#include "hooks.def"
#undef HOOK
#undef STRIP
};

/* Exported by the core. NULL: the core cannot or need not work here (switched off, no
 * memory); the stub passes everything through for good. Called once per process image. */
typedef const struct core_api *core_entry_function(const struct stub_api *stub);

#endif
