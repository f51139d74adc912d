/* SPDX-License-Identifier: MIT */
/* The constructor, and the table of hooks. The constructor opens nothing, allocates
 * nothing and takes no lock (with musl: the loader's list lock). */
#include "stub.h"
#include "objects.h"
#include "start.h"

#include <stddef.h>

_Atomic int stub_state = STUB_IDLE;
bool stub_keeps_deepbind;

/* -- the table --------------------------------------------------------------------- */

/* Spelled as symbols, since hooks.c gives the hooks C names that no header declares. */
#define HOOK(result, name, parameters, arguments, failure, library, load)                \
    extern const char symbol_##name[] __asm__(#name);
#include "hooks.def"
#undef HOOK
extern const char symbol_dlsym[] __asm__("dlsym");

#define HOOK_NAME_SIZE 33

static const struct {
    char name[HOOK_NAME_SIZE];
    unsigned char library;
} hook_rows[] = {
#define HOOK(result, name, parameters, arguments, failure, library, load)                \
    {#name, LIBRARY_##library},
#include "hooks.def"
#undef HOOK
};

static const char *const hook_symbols[] = {
#define HOOK(result, name, parameters, arguments, failure, library, load) symbol_##name,
#include "hooks.def"
#undef HOOK
};

const char *hook_name(enum hook hook)
{
    return hook == HOOK_DLSYM ? "dlsym" : hook_rows[hook].name;
}

enum library hook_library(enum hook hook)
{
    return (enum library)hook_rows[hook].library;
}

void *hook_function(enum hook hook)
{
    return (void *)(hook == HOOK_DLSYM ? symbol_dlsym : hook_symbols[hook]);
}

enum hook hook_by_name(const char *name)
{
    if (name[0] == 'd')
        return text_equal(name, "dlsym") ? HOOK_DLSYM : HOOK_NONE;
    if (name[0] != 'S' && name[0] != 'c')
        return HOOK_NONE;
    for (unsigned hook = 0; hook < HOOK_COUNT; hook++) {
        if (hook_rows[hook].library < LIBRARY_LIBC &&
            text_equal(name, hook_rows[hook].name))
            return (enum hook)hook;
    }
    return HOOK_NONE;
}

/* -- the constructor --------------------------------------------------------------- */

/* True when the environment |block| holds |setting|, written NAME=VALUE. getenv(3) may be
 * missing here, or not ready yet. */
static bool environment_has(char **block, const char *setting)
{
    for (; block && *block; block++) {
        if (**block == *setting && text_equal(*block, setting))
            return true;
    }
    return false;
}

/* Writes nothing in the usual case, calls no libc function and reads what the loader has
 * just read: a page that is touched costs more than all the rest here. For that reason
 * the state begins as STUB_IDLE: a hook that another library's constructor calls before
 * us finds the real function as well, and loader_load() looks for itself whether it may
 * load. With musl, whose loader passes nothing, the stub is switched off. */
__attribute__((constructor)) static void stub_start(int count, char **arguments,
                                                    char **block)
{
    struct start start;
    bool off = !start_read(&start, count, arguments, block) || start.secure;
    if (start.objects)
        objects_start(start.objects);
    if (!off && environment_has(block, "PREECHO_DEEPBIND=keep"))
        stub_keeps_deepbind = true;
    if (off || environment_has(block, "PREECHO_MODE=off"))
        atomic_store_explicit(&stub_state, STUB_DEAD, memory_order_release);
}
