/* SPDX-License-Identifier: MIT */
/* See resolve.h. */
#include "resolve.h"
#include "host.h"
#include "sites.h"

#include <stddef.h>

/* Found once and never changed again. */
static atomic_place libc_real[HOOK_COUNT];

/* What dlsym(3) gave when it was first asked for a hook's name. */
static atomic_place fetched[HOOK_COUNT];

/* -- libc -------------------------------------------------------------------------- */

/* Stands in for a libc function that no object defines. */
static ssize_t libc_missing(void)
{
    const int none = ENOSYS;
    errno_restore(&none);
    return -1;
}

void *resolve_libc(enum hook hook)
{
    void *real = host_find(&libc_real[hook], hook_name(hook));
    return real ? real : (void *)libc_missing;
}

static bool defines_transfers(const struct object *object)
{
    return object->name && object->name[0] &&
           elf_define(object, hook_name(HOOK_curl_easy_perform)).address;
}

struct target resolve_net(enum hook hook, const void *site)
{
    struct target target;
    if (object_is_core(site))
        return (struct target){resolve_libc(hook), true, false};
    if (sites_find(hook, site, &target))
        return target;
    KEEP_ERRNO;
    struct object caller;
    target = (struct target){resolve_libc(hook), false, false};
    if (object_at(site, &caller))
        target.pass = defines_transfers(&caller);
    sites_add(hook, site, target);
    return target;
}

/* -- asking the loader ------------------------------------------------------------- */

/* Looks into the scope that the object was loaded with: its own dependencies. Not for the
 * main program, whose scope is the global one and begins with us. The handle is given
 * back: object and function stay loaded as long as the caller has use for them, and
 * sites.c notices if not. */
static void *scope_own(const struct object *caller, const char *name, const char *version)
{
    if (!caller->dynamic || !caller->name || !caller->name[0])
        return NULL;
    void *handle = host_open_loaded(caller->name);
    if (!handle)
        return NULL;
    void *found = host_lookup(handle, name, version);
    if (!found || object_stamp(found))
        host_close(handle);
    return found;
}

void *resolve_scope(const struct object *caller, const char *name, const char *version)
{
    void *found = host_lookup(RTLD_NEXT, name, version);
    if (!found)
        found = scope_own(caller, name, version);
    /* Giving a handle back has cleared the error that the program may ask for. */
    return found ? found : host_lookup(RTLD_NEXT, name, version);
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
    host_clear_error();
    return real;
}

/* -- one call site ----------------------------------------------------------------- */

static bool resolve_passes(enum hook hook, const struct object *caller, const void *real)
{
    struct object definer;
    if (object_at(real, &definer) && definer.dynamic == caller->dynamic)
        return true;
    return hook_library(hook) == LIBRARY_SSL && defines_transfers(caller);
}

/* Before glibc 2.35 there is no telling whether an object is still loaded: then those
 * that the call-site cache relies on are kept. musl never unloads any. */
static void resolve_keep(const char *file, const void *real)
{
    if (&_r_debug && !object_stamp(real) && file && file[0] && !host_open_loaded(file))
        host_clear_error();
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

struct target resolve_call(enum hook hook, const void *site, const void *subject)
{
    struct target target;
    if (!sites_find(hook, site, &target) ||
        (target.guess && !object_owns(target.real, subject)))
        target = resolve_anew(hook, site, subject);
    /* libssl ends SSL_connect with a jump to SSL_do_handshake: such a call returns into
     * the stub or the core, which have called the former. */
    if (hook_library(hook) == LIBRARY_SSL &&
        (object_is_stub(site) || object_is_core(site)))
        target.pass = true;
    return target;
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
