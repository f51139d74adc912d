/* SPDX-License-Identifier: MIT */
/* What dlsym(3) and dlopen(3) are to do, for dl.S. Both end in a jump to the real
 * function, which then sees the program as its caller, or in a result. */
#include "host.h"
#include "resolve.h"

#include <stddef.h>

/* In two registers, on x86-64 and AArch64 alike. */
struct choice {
    void *result; /* when there is nothing to jump to */
    void *jump;   /* the real function, or NULL */
};

struct open_choice {
    long flags; /* to pass on */
    void *jump; /* the real function, or NULL: return NULL */
};

struct choice dlsym_choose(void *handle, const char *name, const void *site);
struct open_choice dlopen_choose(const char *file, int flags);

/* -- dlsym ------------------------------------------------------------------------- */

/* What the real dlsym(3) would have answered if we were not there. Handles that mean the
 * global scope lead to our hook even when no library defines the function: a program that
 * only looks whether it is there must not be told so. */
static void *dlsym_ask(void *handle, const char *name, const struct object *caller)
{
    void *(*real_dlsym)(void *, const char *) =
        (void *(*)(void *, const char *))host_dlsym();
    void *found = real_dlsym(handle, name);
    return object_is_stub(found) ? resolve_scope(caller, name, NULL) : found;
}

/* Asks the real dlsym(3) once, so that dlerror(3) ends as the program would have found
 * it, and gives the hook in place of what was found. A caller that defines |name| itself
 * replaces it too, or is the library: it gets the real one. */
static void *dlsym_hooked(enum hook hook, void *handle, const struct object *caller)
{
    void *found = dlsym_ask(handle, hook_name(hook), caller);
    if (!found || object_is_stub(found))
        return found;
    if (hook == HOOK_DLSYM)
        return hook_function(hook);
    if (atomic_load_explicit(&stub_state, memory_order_relaxed) == STUB_DEAD)
        return found;
    return resolve_fetched(hook, found) ? hook_function(hook) : found;
}

/* Loader's locks as the real dlsym(3); for names that are not ours it does not more than
 * that. */
struct choice dlsym_choose(void *handle, const char *name, const void *site)
{
    struct choice choice = {NULL, host_dlsym()};
    if (!choice.jump || !name || handle == RTLD_NEXT)
        return choice;
    enum hook hook = hook_by_name(name);
    if (hook == HOOK_NONE || (hook == HOOK_DLSYM && handle == RTLD_DEFAULT))
        return choice;

    KEEP_ERRNO;
    struct object caller;
    if (object_at(site, &caller) && elf_define(&caller, name).address)
        return choice;
    choice.result = dlsym_hooked(hook, handle, &caller);
    choice.jump = NULL;
    return choice;
}

/* -- dlopen ------------------------------------------------------------------------ */

static bool text_starts(const char *text, const char *start)
{
    while (*start && *text == *start) {
        text++;
        start++;
    }
    return !*start;
}

/* True when the last part of |path| speaks of curl or of ssl. */
static bool file_concerns_us(const char *path)
{
    bool concerns = false;
    for (const char *at = path; *at; at++) {
        if (*at == '/')
            concerns = false;
        else if (text_starts(at, "curl") || text_starts(at, "ssl"))
            concerns = true;
    }
    return concerns;
}

/* RTLD_DEEPBIND would bind the file past us (PHP opens its extensions so): clear it for
 * those files that use libcurl or libssl by their name. Async-signal-safe but for the
 * first call. */
struct open_choice dlopen_choose(const char *file, int flags)
{
    struct open_choice choice = {flags, host_dlopen()};
    bool active = atomic_load_explicit(&stub_state, memory_order_relaxed) != STUB_DEAD;
    if ((flags & RTLD_DEEPBIND) && active && !stub_keeps_deepbind && file &&
        file_concerns_us(file))
        choice.flags &= ~(long)RTLD_DEEPBIND;
    return choice;
}
