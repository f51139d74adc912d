/* SPDX-License-Identifier: MIT */
/* Reads the dynamic section of a loaded object: which functions it defines, and which
 * version of a function it asks for. Only memory that the loader has mapped is read; no
 * lock, no allocation, no libc: async-signal-safe, any thread, as long as the object
 * stays loaded. References: ELF gABI (dynamic linking), "DT_GNU_HASH" as in binutils, LSB
 * symbol versioning. */
#ifndef PRELOAD_ELF_H
#define PRELOAD_ELF_H

#include "libc.h"

/* A loaded object. The name belongs to the loader; it is "" for the main program. */
struct object {
    const char *name;
    Elf64_Addr base;
    const Elf64_Dyn *dynamic; /* NULL: no object */
};

/* What elf_define() found. */
struct definition {
    void *address; /* NULL: the object does not define it, or as a function that picks
                      itself */
    bool several; /* not to be decided from here: versions that differ, or such a function
                   */
};

/* How an object refers to a function. */
struct reference {
    bool found;          /* the object has a relocation that names the function */
    const char *version; /* the version it asks for; NULL: none. Belongs to the object */
};

/* Looks |name| up among the functions that |object| exports. */
MUST_USE struct definition elf_define(const struct object *object, const char *name);

/* Looks for |object|'s own relocations against |name|, PLT and address relocations alike.
 */
MUST_USE struct reference elf_refer(const struct object *object, const char *name);

#endif
