/* SPDX-License-Identifier: MIT */
/* A variable that the program may have set meanwhile (pytest names the current test in one). getenv(3)
 * would walk over an array that another thread may just be moving; this lets the kernel copy it, so
 * that what is no memory any more is no fault. Any thread. */
#ifndef CORE_ENVIRONMENT_H
#define CORE_ENVIRONMENT_H

#include "store/bytes.h"

/* Copies the value of |name|, cut to fit; "" when there is none, or when the kernel would not copy.
 * A system call per variable: not for hits. Keeps errno. */
void environment_value(const char *name, char *out, size_t capacity);

#endif
