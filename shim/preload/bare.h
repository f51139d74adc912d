/* SPDX-License-Identifier: MIT */
/* The loaded objects of a program without a libc: there nobody offers dl_iterate_phdr(3),
 * and even the loader's own symbols are out of reach. */
#ifndef PRELOAD_BARE_H
#define PRELOAD_BARE_H

#include "libc.h"

/* Finds the loader's list from what glibc's loader hands to constructors. Arguments that
 * do not look as if it had are not followed. */
void bare_start(int count, char **arguments, char **environment);

/* The first object of the loader's list; NULL when it is not known. */
MUST_USE const struct link_map *bare_objects(void);

#endif
