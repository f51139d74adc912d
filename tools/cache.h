/* SPDX-License-Identifier: MIT */
/* The run-time linker's cache, /etc/ld.so.cache, in the format of glibc 2.2 and later
 * ("glibc-ld.so.cache1.1", alone or behind the old table). Bounded like elf.h. */
#ifndef TOOLS_CACHE_H
#define TOOLS_CACHE_H

#include "store/bytes.h"

/* Calls |visit| with every path that the cache |file| names for |library|, until it
 * returns true. True when it did. */
bool cache_each(struct span file, const char *library,
                bool (*visit)(const char *path, void *context), void *context);

#endif
