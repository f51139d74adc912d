/* SPDX-License-Identifier: MIT */
/* See resolve.h. */
#include "resolve.h"
#include "sites.h"

#include <stddef.h>

typedef void *dlsym_function(void *handle, const char *name);
typedef void *dlopen_function(const char *file, int flags);

/* Found once and never changed again: what is loaded at start-up stays. */
static _Atomic(void *) libc_real[HOOK_COUNT];
static _Atomic(void *) dlsym_real;
static _Atomic(void *) dlopen_real;

_Thread_local const void *resolve_active INITIAL_EXEC;

/* What dlsym(3) gave when it was first asked for a hook's name. */
static _Atomic(void *) fetched[HOOK_COUNT];

/* -- libc
 * ------------------------------------------------------------------------------------ */

/* Stands in for a libc function that no object defines. */
static ssize_t libc_missing(void)
{
    const int none = ENOSYS;
    errno_restore(&none);
    return -1;
}

/* The first |name| loaded after us, so that other preloaded objects keep their turn. Not
 * by dlsym(3): it is one of those looked for, it may fail and then allocates, and it
 * would take the loader's main lock. */
void *resolve_next(_Atomic(void *) *place, const char *name)
{
    void *real = atomic_load_explicit(place, memory_order_acquire);
    if (real)
        return real;
    KEEP_ERRNO;
    struct survey survey = {.name = name};
    objects_survey(&survey);
    atomic_store_explicit(place, survey.next, memory_order_release);
    return survey.next;
}

void *resolve_libc(enum hook hook)
{
    void *real = resolve_next(&libc_real[hook], hook_name(hook));
    return real ? real : (void *)libc_missing;
}

void *resolve_dlsym(void)
{
    return resolve_next(&dlsym_real, "dlsym");
}

void *resolve_dlopen(void)
{
    return resolve_next(&dlopen_real, "dlopen");
}

void resolve_start(void)
{
    for (unsigned hook = 0; hook < HOOK_COUNT; hook++) {
        if (hook_library((enum hook)hook) == LIBRARY_LIBC)
            (void)resolve_next(&libc_real[hook], hook_name((enum hook)hook));
    }
}

/* -- asking the loader
 * ----------------------------------------------------------------------- */

/* dlvsym(3) where a version is asked for, else dlsym(3). A function of ours is no answer.
 */
static void *scope_find(void *handle, const char *name, const char *version)
{
    dlsym_function *real_dlsym = (dlsym_function *)resolve_dlsym();
    void *found = NULL;
    if (version && dlvsym)
        found = dlvsym(handle, name, version);
    else if (real_dlsym)
        found = real_dlsym(handle, name);
    return object_is_stub(found) ? NULL : found;
}

/* Looks into the scope that the object was loaded with: its own dependencies. Not for the
 * main program, whose scope is the global one and begins with us. The handle is given
 * back: object and function stay loaded as long as the caller has use for them, and
 * sites.c notices if not. */
static void *scope_find_own(const struct object *caller, const char *name,
                            const char *version)
{
    dlopen_function *real_dlopen = (dlopen_function *)resolve_dlopen();
    if (!real_dlopen || !caller->dynamic || !caller->name || !caller->name[0])
        return NULL;
    void *handle = real_dlopen(caller->name, RTLD_LAZY | RTLD_NOLOAD);
    if (!handle)
        return NULL;
    void *found = scope_find(handle, name, version);
    if (found && dlclose && object_stamp(found))
        (void)dlclose(handle);
    return found;
}

void *resolve_scope(const struct object *caller, const char *name, const char *version)
{
    void *found = scope_find(RTLD_NEXT, name, version);
    return found ? found : scope_find_own(caller, name, version);
}

/* Several objects define the function. A caller that names it gets what it would be bound
 * to. One that does not calls through a pointer, or the call was the last thing that a
 * function of another object did: then the subject tells, else whatever the caller is
 * likely to have meant; never the caller itself, as it may replace the function too. */
static void *resolve_among(const struct survey *survey, const struct object *caller,
                           const struct reference *reference)
{
    void *real = NULL;
    if (reference->found)
        real = resolve_scope(caller, survey->name, reference->version);
    else if (survey->owner)
        real = survey->owner;
    else if (survey->expected_seen)
        real = (void *)survey->expected;
    if (!real)
        real = resolve_scope(caller, survey->name, NULL);
    if (!real)
        real = survey->other ? survey->other : survey->first;
    if (dlerror)
        (void)dlerror();
    return real;
}

/* -- one call site
 * --------------------------------------------------------------------------- */

static bool resolve_passes(enum hook hook, const struct object *caller, const void *real)
{
    struct object definer;
    if (object_at(real, &definer) && definer.dynamic == caller->dynamic)
        return true;
    return hook_library(hook) == LIBRARY_SSL && caller->name && caller->name[0] &&
           elf_define(caller, hook_name(HOOK_curl_easy_perform)).address;
}

/* Before glibc 2.35 there is no telling whether an object is still loaded: then those
 * that the call-site cache relies on are kept. */
static void resolve_keep(const char *file, const void *real)
{
    dlopen_function *real_dlopen = (dlopen_function *)resolve_dlopen();
    if (!object_stamp(real) && dlvsym && real_dlopen && file && file[0] &&
        !real_dlopen(file, RTLD_LAZY | RTLD_NOLOAD) && dlerror)
        (void)dlerror();
}

static struct target resolve_anew(enum hook hook, const void *site, const void *subject)
{
    KEEP_ERRNO;
    struct object caller;
    struct reference reference = {false, NULL};
    if (object_at(site, &caller))
        reference = elf_refer(&caller, hook_name(hook));

    struct survey survey = {
        .name = hook_name(hook),
        .caller = caller.dynamic,
        .expected = atomic_load_explicit(&fetched[hook], memory_order_acquire),
        .subject = hook_library(hook) == LIBRARY_SSL ? subject : NULL,
    };
    objects_survey(&survey);
    struct target target = {survey.first, false, !reference.found};
    if (survey.count > 1)
        target.real = resolve_among(&survey, &caller, &reference);
    if (!target.real)
        return target;

    /* A call that returns into a library which does not name the function is not its own:
     * one of the program's callbacks ended with it. */
    target.pass = reference.found && resolve_passes(hook, &caller, target.real);
    if (reference.found || hook_library(hook) == LIBRARY_SSL) {
        resolve_keep(survey.definer.name, target.real);
        resolve_keep(caller.name, target.real);
        sites_add(hook, site, target);
    }
    return target;
}

/* A call that returns into the stub or the core: the real function that was called from
 * there ended with it (SSL_connect ends with SSL_do_handshake), or a callback that the
 * core has called did. Then the library that is being called decides, as if it stood at
 * the site. */
static bool resolve_inner(enum hook hook, struct target *target)
{
    const void *active = resolve_active;
    struct object library;
    if (!active || sites_find(hook, active, target))
        return active != NULL;

    KEEP_ERRNO;
    if (!object_at(active, &library))
        return false;
    target->guess = false;
    target->real = elf_define(&library, hook_name(hook)).address;
    target->pass =
        hook_library(hook) == LIBRARY_SSL || elf_refer(&library, hook_name(hook)).found;
    if (target->real)
        sites_add(hook, active, *target);
    return target->real != NULL;
}

struct target resolve_call(enum hook hook, const void *site, const void *subject)
{
    struct target target;
    if ((object_is_stub(site) || object_is_core(site)) && resolve_inner(hook, &target))
        return target;
    if (sites_find(hook, site, &target) &&
        (!target.guess || object_owns(target.real, subject)))
        return target;
    return resolve_anew(hook, site, subject);
}

bool resolve_fetched(enum hook hook, void *real)
{
    void *first = NULL;
    if (atomic_compare_exchange_strong(&fetched[hook], &first, real) || first == real)
        return true;
    struct survey survey = {.name = hook_name(hook), .expected = first};
    objects_survey(&survey);
    if (survey.expected_seen)
        return false;
    atomic_store_explicit(&fetched[hook], real, memory_order_release);
    return true;
}
