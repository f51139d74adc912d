/* SPDX-License-Identifier: MIT */
/* Between two system calls of ours a cancelled thread (pthread_cancel(3)) must not end: it would
 * leave a lock held or a descriptor swapped. `UNCANCELLED;` at the top of a block puts
 * cancellation off until its end. What the real functions do stays a cancellation point. */
#ifndef STORE_UNCANCELLED_H
#define STORE_UNCANCELLED_H

#include <pthread.h>

static inline int uncancelled_enter(void)
{
    int state = PTHREAD_CANCEL_ENABLE;
    (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    return state;
}

static inline void uncancelled_leave(const int *state)
{
    (void)pthread_setcancelstate(*state, NULL);
}

#define UNCANCELLED                                                                      \
    __attribute__((cleanup(uncancelled_leave), unused)) const int uncancelled_state =    \
        uncancelled_enter()

#endif
