/* SPDX-License-Identifier: MIT */
/* The hooks by number, and the state that the stub's parts share.
 *
 * Locks: the stub has none of its own, its state is made of atomics. Which of the
 * loader's locks a function takes is said where it is declared. Hooks may be called
 * before the stub's constructor has run: other libraries' constructors come first. */
#ifndef PRELOAD_STUB_H
#define PRELOAD_STUB_H

#include "core_api.h"
#include "libc.h"

enum hook {
#define HOOK(result, name, parameters, arguments, failure, library, load) HOOK_##name,
#include "hooks.def"
#undef HOOK
    HOOK_COUNT,
    HOOK_NONE = HOOK_COUNT,
    HOOK_DLSYM /* not in the table: see dl.S */
};

/* Which callers are passed straight through: see resolve.h. */
enum library { LIBRARY_SSL, LIBRARY_CURL, LIBRARY_LIBC, LIBRARY_NET };

enum stub_state {
    STUB_IDLE,    /* the core has not been needed so far */
    STUB_LOADING, /* one thread loads it: START hooks of others wait, the rest passes */
    STUB_READY,   /* hooks call the core */
    STUB_DEAD /* switched off, set-uid, not glibc, or the core did not load: for good */
};

/* Moves one way only, and never depends on a process id: a child made while another
 * thread was loading waits once, in vain, and passes everything through from then on. */
extern _Atomic int stub_state;
/* The environment says PREECHO_DEEPBIND=keep. Written by the constructor alone. */
extern bool stub_keeps_deepbind;

/* A hook's name, library and address; HOOK_DLSYM has a name and an address.
 * Async-signal-safe. */
MUST_USE const char *hook_name(enum hook hook);
MUST_USE enum library hook_library(enum hook hook);
MUST_USE void *hook_function(enum hook hook);
/* The hook for a name that dlsym(3) is asked for: of SSL or CURL, HOOK_DLSYM, or
 * HOOK_NONE. libc's names are not among them: who asks a library for write(2) means that
 * one. */
MUST_USE enum hook hook_by_name(const char *name);

#endif
