/* SPDX-License-Identifier: MIT */
/* The functions of the host's libc that the stub needs now and then. They are found by
 * name when they are first needed, not bound at the start: each binding costs every
 * process its time. */
#ifndef PRELOAD_HOST_H
#define PRELOAD_HOST_H

#include "objects.h"

#include <stdatomic.h>

/* Where a function is remembered once it has been found; starts as NULL. */
typedef _Atomic(void *) atomic_place;

/* The first |name| loaded behind the stub, so that other preloaded objects keep their
 * turn, or NULL; |place| is where it is remembered. Keeps errno. With glibc lock-free and
 * async-signal-safe, if it was loaded at the start; else the first call takes the
 * loader's list lock. */
void *host_find(atomic_place *place, const char *name);

/* The real dlsym(3) and dlopen(3), or NULL. */
MUST_USE void *host_dlsym(void);
MUST_USE void *host_dlopen(void);

/* dlvsym(3) where a version is asked for, else dlsym(3), called by the stub. NULL also
 * for a function of the stub's own. Loader's main lock; a failure sets dlerror(3)'s
 * state, a success clears it. */
MUST_USE void *host_lookup(void *handle, const char *name, const char *version);

/* A handle for a file that is loaded, else NULL; and its release. Likewise. */
MUST_USE void *host_open_loaded(const char *file);
void host_close(void *handle);

/* Clears dlerror(3)'s state. */
void host_clear_error(void);

/* |size| zeroed bytes, kept for good; NULL: none. Keeps errno. As host_find(). */
MUST_USE void *host_map(size_t size);

/* True when the program is set-uid or the like, or nobody can tell. As host_find(). */
MUST_USE bool host_secure(void);

/* Lets other threads run for a moment. False: the libc has no such function. As host_find(). */
MUST_USE bool host_yield(void);

#endif
