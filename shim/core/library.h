/* SPDX-License-Identifier: MIT */
/* The loaded file that a function lies in. */
#ifndef CORE_LIBRARY_H
#define CORE_LIBRARY_H

#include "store/bytes.h"

struct library {
    const void *base; /* where it is mapped */
    void *handle;     /* for dlsym(3); never given back, so the file stays loaded */
};

/* Asks the loader, so no lock may be held. False when it does not know; dlerror(3) is then as
 * without us. Any thread; not for signals. */
MUST_USE bool library_of(const void *function, struct library *out);

#endif
