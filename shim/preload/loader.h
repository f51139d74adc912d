/* SPDX-License-Identifier: MIT */
/* Loads libpreecho-core.so from the directory that the stub was loaded from: at most once
 * per process image, and a failure is final and silent. */
#ifndef PRELOAD_LOADER_H
#define PRELOAD_LOADER_H

#include "objects.h"
#include "stub.h"

/* NULL until the core is ready. */
extern _Atomic(const struct core_api *) loader_core;
/* Above zero while the core waits for a WATCH hook's call. */
extern _Atomic int loader_watching;

/* The core, if it is loaded; for LATER hooks. Lock-free, async-signal-safe. */
static inline const struct core_api *loader_get(void)
{
    return atomic_load_explicit(&loader_core, memory_order_acquire);
}

/* Tries to load the core; for START hooks only, since it allocates and takes the loader's
 * main lock. Waits a moment while another thread is at it; NULL when that takes too long. Keeps errno; dlerror(3)'s state is clear afterwards. */
MUST_USE const struct core_api *loader_load(void);

/* The core if it waits for the call that returns to |site|; for WATCH hooks. Lock-free,
 * async-signal-safe. */
MUST_USE const struct core_api *loader_watch(const void *site);

/* As loader_get(), but loads first. */
static inline const struct core_api *loader_start(void)
{
    const struct core_api *core = loader_get();
    if (!core && atomic_load_explicit(&stub_state, memory_order_relaxed) != STUB_DEAD)
        core = loader_load();
    return core;
}

/* For NAMES hooks: as loader_start() in a process that has libssl, else as loader_get(). */
MUST_USE const struct core_api *loader_names(void);
/* For PEER hooks: likewise, if |to| is an Internet address. */
MUST_USE const struct core_api *loader_peer(const struct sockaddr *to);

#endif
