/* SPDX-License-Identifier: MIT */
/* A file that comes into being whole or not at all: written beside its place under another name,
 * mode 0600. Failures are told on stderr. One thread. */
#ifndef TOOLS_DRAFT_H
#define TOOLS_DRAFT_H

#include "store/bytes.h"

#include <stdio.h>

struct draft {
    char *path;      /* where it belongs */
    char *temporary; /* where it is meanwhile; NULL: it is standard output */
    FILE *file;
    bool force; /* may take the place of another */
};

/* Starts a file for |path|, "-" for standard output. Refuses one that exists, unless |force|.
 * 0, or a code of sysexits.h. */
MUST_USE int draft_begin(struct draft *draft, const char *path, bool force);
/* What is written is on the disk, under its name. 0, or a code of sysexits.h; draft_drop() either
 * way. */
MUST_USE int draft_finish(struct draft *draft);
/* Frees |draft|, and removes the file unless it is finished. */
void draft_drop(struct draft *draft);

#endif
