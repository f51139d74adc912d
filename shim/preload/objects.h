/* SPDX-License-Identifier: MIT */
/* The objects that are loaded in this process, and which of them define a function.
 * Both look-ups touch neither dlerror(3)'s state nor errno nor the heap. */
#ifndef PRELOAD_OBJECTS_H
#define PRELOAD_OBJECTS_H

#include "elf.h"

#include <stdint.h>

/* Who defines a function. Fill in the first part; all the rest starts as zeroes. */
struct survey {
    const char *name;
    const Elf64_Dyn *caller; /* may be NULL */
    const void *expected;    /* may be NULL */
    const void *subject;     /* the SSL or SSL_CTX that it is called for, or NULL */

    struct object definer; /* the first object that defines it */
    void *first;           /* its function */
    void *next;     /* the first one loaded behind the stub: start-up order is the order
                       of the global scope, so this is what RTLD_NEXT gives */
    void *other;    /* the first one outside the caller */
    void *owner;    /* the one whose object |subject| points into near its beginning,
                       where it keeps its method table */
    unsigned count; /* different functions; 2 and more: ask the loader */
    bool expected_seen; /* |expected| is still one of them */
    bool past_stub;
};

/* True when |address| lies in the stub: a function there is a hook, never the real one.
 * Async-signal-safe. */
MUST_USE bool object_is_stub(const void *address);

/* True when |address| lies in the object that object_core() was called for.
 * Async-signal-safe. */
MUST_USE bool object_is_core(const void *address);

/* Notes that the core is the object at |address|; it is never unloaded. One thread. */
void object_core(const void *address);

/* The object at |address|; false when there is none (code made at run time) or no way to
 * know. Async-signal-safe with glibc 2.35; before, takes the loader's list lock for a
 * moment. */
MUST_USE bool object_at(const void *address, struct object *object);

/* True when |subject| points, near its beginning, into the object of |function|: its
 * method table is there. Async-signal-safe; false before glibc 2.35. */
MUST_USE bool object_owns(const void *function, const void *subject);

/* A number that stays the same as long as the object at |address| stays loaded, and that
 * another object loaded there later does not have. 0: not known. Async-signal-safe, 6 ns.
 */
MUST_USE uintptr_t object_stamp(const void *address);

/* Notes the loader's list in a program without a libc. For the constructor. */
void objects_start(const struct link_map *objects);

/* The first |name| loaded behind the stub, or NULL. Looks first at the objects up to
 * libc, which are never unloaded: for these it takes no lock and is async-signal-safe.
 * Else as a survey. */
MUST_USE void *objects_next(const char *name);

/* Walks all objects but the stub itself. Holds the loader's list lock (not the one that
 * is held while constructors run), and takes no other lock below it. Not in a signal
 * handler. */
void objects_survey(struct survey *survey);

#endif
