/* SPDX-License-Identifier: MIT */
/* A program as our child, as if it had taken our place: it has our files, terminal and process
 * group, gets the signals that are sent to us, and we stop when it stops. One thread. */
#ifndef TOOLS_CHILD_H
#define TOOLS_CHILD_H

#include "store/bytes.h"

#include <sys/types.h>

/* Starts |program|, NULL at its end. From then on standard error is our only open file and signals
 * are blocked. 0, or the number of the error with which the program could not be run. */
MUST_USE int child_start(char **program, pid_t *child);
/* Passes signals on until |child| has ended. Its status, see waitpid(2). */
int child_wait(pid_t child);
/* Ends as |status| says: returns the exit status, or dies of the same signal. */
int child_end(int status);

#endif
