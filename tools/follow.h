/* SPDX-License-Identifier: MIT */
/* `preecho follow PLACE MS`. */
#ifndef TOOLS_FOLLOW_H
#define TOOLS_FOLLOW_H

/* A code of sysexits.h. */
int follow_run(int count, char **arguments);

#endif
