/* SPDX-License-Identifier: MIT */
/* Finds the real function behind a hook.
 *
 * For libc's functions it is the first one loaded after the stub, found once. For
 * libssl's and libcurl's it depends on the caller, since one process may hold several
 * copies: the answer is found once per call site. When one object in the process defines
 * the function, that is the one. When several do, the loader is asked what the caller
 * would have been bound to without us. */
#ifndef PRELOAD_RESOLVE_H
#define PRELOAD_RESOLVE_H

#include "objects.h"
#include "stub.h"

/* A real function; |pass| when the core is not to see this caller's calls:
 * - the library that defines the function calls itself through its PLT;
 * - a library that defines curl_easy_perform calls libssl: libcurl's hooks have seen the
 * request. */
struct target {
    void *real; /* NULL: there is none */
    bool pass;
    bool guess; /* the caller does not name the function: right as long as the subject is
                   of the same copy */
};

/* The real function behind an SSL or CURL hook for the call that returns to |site| and is
 * made for |subject|, the hook's first argument. Keeps errno. Any thread. From the second
 * call of a site on: lock-free, async-signal-safe. At the first call: loader's list lock;
 * with several copies also its main lock, and dlerror(3)'s state is cleared. */
MUST_USE struct target resolve_call(enum hook hook, const void *site,
                                    const void *subject);

/* The real function behind a LIBC hook; never NULL: without one a function that fails
 * with ENOSYS. As host_find(). */
MUST_USE void *resolve_libc(enum hook hook);

/* Likewise for a NET hook's call that returns to |site|; passed are the core's calls and
 * those of a library that defines curl_easy_perform: libcurl's own connections are not
 * looked after below it. Async-signal-safe as object_at(). */
MUST_USE struct target resolve_net(enum hook hook, const void *site);

/* What |caller| would get for |name| without us: from the global scope, then from its own
 * scope. NULL: nothing; then dlerror(3) says so, else its state is clear. Takes the
 * loader's main lock. */
MUST_USE void *resolve_scope(const struct object *caller, const char *name,
                             const char *version);

/* Remembers that dlsym(3) found |real| for |hook|. True: the hook may be handed out for
 * it. False: it stands for another copy's function already. Loader's list lock. */
MUST_USE bool resolve_fetched(enum hook hook, void *real);

#endif
