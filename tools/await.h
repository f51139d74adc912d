/* SPDX-License-Identifier: MIT */
/* The helper that waits for a connection to be made. */
#ifndef TOOLS_AWAIT_H
#define TOOLS_AWAIT_H

/* As a command's function. */
int await_run(int count, char **arguments);

#endif
