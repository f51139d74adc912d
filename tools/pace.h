/* SPDX-License-Identifier: MIT */
/* The pacer, a helper process that the core starts (shim/core/pacer.h). */
#ifndef TOOLS_PACE_H
#define TOOLS_PACE_H

/* |arguments|[0] is the command's name, [1] the times. An exit status. */
int pace_run(int count, char **arguments);

#endif
