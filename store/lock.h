/* SPDX-License-Identifier: MIT */
/* Locks in a forked child: one that is held there belongs to a thread that the child does not
 * have, and nobody will ever release it. */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include "bytes.h"

#include <pthread.h>

/* In a child, before anything else is done with |lock|: makes it usable. False when it was held at
 * the time of the fork: what it guards may be half changed and is to be given up. */
MUST_USE bool lock_after_fork(pthread_mutex_t *lock);

#endif
