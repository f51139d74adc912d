/* SPDX-License-Identifier: MIT */
/* What the loader hands to a constructor beyond its parameters' types: the process's
 * whole start block. Reading it needs no libc, and touches no memory that is not in use
 * already: the stub's constructor runs in every process there is. */
#ifndef PRELOAD_START_H
#define PRELOAD_START_H

#include "libc.h"

/* The environment, whether the program is set-uid or the like, and the loader's list of
 * objects, for programs without a libc; NULL: not known. All belongs to the process. */
struct start {
    char **environment;
    bool secure;
    const struct link_map *objects;
};

/* Reads the block from a constructor's parameters. False when they do not look as if
 * glibc's loader had passed them (musl passes none): then nothing has been followed. */
MUST_USE bool start_read(struct start *start, int count, char **arguments,
                         char **environment);

#endif
