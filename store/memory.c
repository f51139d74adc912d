/* SPDX-License-Identifier: MIT */
/* Allocation with a switch that lets the n-th request fail. */
#include "memory.h"

#include <stdatomic.h>
#include <stdlib.h>

static _Atomic unsigned long fail_from;

static bool allowed(void)
{
    unsigned long left = atomic_load_explicit(&fail_from, memory_order_relaxed);
    if (left == 0)
        return true;
    if (left == 1)
        return false;
    atomic_store_explicit(&fail_from, left - 1, memory_order_relaxed);
    return true;
}

void *memory_new(size_t size)
{
    return allowed() ? calloc(1, size) : NULL;
}

void *memory_resize(void *memory, size_t size)
{
    return allowed() ? realloc(memory, size) : NULL;
}

void memory_free(void *memory)
{
    free(memory);
}

void memory_fail_from(unsigned long count)
{
    atomic_store_explicit(&fail_from, count, memory_order_relaxed);
}
