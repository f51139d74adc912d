/* SPDX-License-Identifier: MIT */
/* The `preecho` command as a helper process of the core: the merger, the pacer and others. */
#ifndef CORE_HELPER_H
#define CORE_HELPER_H

#include "store/bytes.h"

/* Finds the command beside the core's own file, or in PREFIX/bin when that lies in
 * PREFIX/lib/preecho. True: |path| holds its path, ended by a zero. Any thread. */
MUST_USE bool helper_program(struct buffer *path);
/* Likewise of the object that is preloaded, for a helper that is to be a host itself. False also
 * when LD_PRELOAD cannot name it: its path holds a blank or a colon. */
MUST_USE bool helper_stub(struct buffer *path);

#endif
