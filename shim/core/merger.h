/* SPDX-License-Identifier: MIT */
/* Starting the merger (design, section 8): the `preecho merge` that moves recordings from
 * the spool into the store, as a process that the host cannot notice. */
#ifndef CORE_MERGER_H
#define CORE_MERGER_H

#include "config.h"

/* Starts it and does not wait for its end. What goes wrong is logged: the spool then
 * waits for another process. The program is looked for beside the core's own file, or in
 * PREFIX/bin when that lies in PREFIX/lib/preecho. Any thread; not for signals. */
void merger_start(const struct config *config);

#endif
