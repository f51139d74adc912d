/* SPDX-License-Identifier: MIT */
/* The one place where preecho's own code asks for memory, so that tests can let the n-th
 * request fail. Plain malloc underneath: the host's allocator, whatever that is. */
#ifndef STORE_MEMORY_H
#define STORE_MEMORY_H

#include "bytes.h"

/* Zeroed memory, or NULL. */
MUST_USE void *memory_new(size_t size);
/* As realloc(3). */
MUST_USE void *memory_resize(void *memory, size_t size);
void memory_free(void *memory);
/* Tests only: the |count|-th request from now on fails, and every one after it; 0 =
 * never. */
void memory_fail_from(unsigned long count);

#endif
