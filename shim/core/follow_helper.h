/* SPDX-License-Identifier: MIT */
/* Who waits for another one's answer cannot wait for a lease: an event loop must not stand
 * still, and a program that blocks has its own ideas of how long, and of signals. A helper
 * process waits for the lease, and then makes a descriptor readable. */
#ifndef CORE_FOLLOW_HELPER_H
#define CORE_FOLLOW_HELPER_H

#include "store/bytes.h"

/* Starts it for the lease at |place|. It writes exactly one byte to |far|, a socket, when
 * nobody holds the lease any more, at the latest after |wait_ms|, and ends; or it ends because
 * nobody is left at the other end. False: it cannot be started, or there are too many of them.
 * Takes about a millisecond. Any thread; not for signals. */
MUST_USE bool follow_helper_start(int far, uint64_t place, uint64_t wait_ms);

#endif
