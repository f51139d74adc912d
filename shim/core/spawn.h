/* SPDX-License-Identifier: MIT */
/* Starts a process that the host cannot notice: no SIGCHLD, nothing for its waitpid(-1),
 * no zombie, no inherited descriptor, handler or preload. */
#ifndef CORE_SPAWN_H
#define CORE_SPAWN_H

#include "store/bytes.h"

#define SPAWN_KEPT 2

/* Starts |argv| (argv[0] an absolute path, ended by NULL) with |environment|
 * ("NAME=value", ended by NULL) and nothing else of the host: its own session, working
 * directory "/", default signals, 0 to 2 on /dev/null, and the |keep_count| (at most
 * SPAWN_KEPT) descriptors of |keep| from 3 on. 0 when the program was executed; -1 when it could not be, or when the
 * host might notice: it adopts orphans (process 1, subreaper) or is confined (seccomp
 * with no_new_privs, which may kill who forks). Takes about a millisecond. Keeps errno.
 * Any thread; not for signals. */
MUST_USE int spawn_detached(const char *const argv[], const char *const environment[],
                            const int *keep, unsigned keep_count);

/* True when the program has put a filter on its own system calls, which may kill it for one that it
 * does not know. Any thread. */
bool spawn_is_confined(void);

#endif
