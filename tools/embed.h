/* SPDX-License-Identifier: MIT */
/* `preecho embed`. */
#ifndef TOOLS_EMBED_H
#define TOOLS_EMBED_H

/* A code of sysexits.h. */
int embed_run(int count, char **arguments);

#endif
