/* SPDX-License-Identifier: MIT */
/* A file's content, mapped for reading. One thread. */
#ifndef TOOLS_MAPPING_H
#define TOOLS_MAPPING_H

#include "store/bytes.h"

/* The regular file |path|; an empty span with errno when it cannot be read (ENOEXEC: no
 * regular file, or an empty one). To be handed to mapping_close(). */
MUST_USE struct span mapping_open(const char *path);
void mapping_close(struct span file);

#endif
