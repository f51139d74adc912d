/* SPDX-License-Identifier: MIT */
/* Somebody who is told how far long work has come. All zeroes: nobody, at the cost of one
 * comparison. The worker's thread. */
#ifndef STORE_WATCH_H
#define STORE_WATCH_H

#include <stdint.h>

struct watch {
    /* |done| of |total| steps; |total| 0: not known. Called often: it must be cheap. */
    void (*tell)(void *context, uint64_t done, uint64_t total);
    void *context;
};

static inline void watch_tell(const struct watch *watch, uint64_t done, uint64_t total)
{
    if (watch->tell)
        watch->tell(watch->context, done, total);
}

#endif
