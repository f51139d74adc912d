/* SPDX-License-Identifier: MIT */
/* Locks in a forked child. */
#include "lock.h"

bool lock_after_fork(pthread_mutex_t *lock)
{
    bool was_free = pthread_mutex_trylock(lock) == 0;
    if (was_free)
        pthread_mutex_unlock(lock);
    else
        *lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    return was_free;
}
