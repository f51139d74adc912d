/* SPDX-License-Identifier: MIT */
/* A host record as gethostbyname(3) and its kin show it. */
#ifndef CORE_HOSTENT_H
#define CORE_HOSTENT_H

#include "host_record.h"

#include <netdb.h>

/* The static result that gethostbyname(3) gives: here one per thread. */
struct hostent_memory {
    struct hostent entry;
    _Alignas(void *) char bytes[1024];
};

/* The calling thread's own, never NULL. */
struct hostent_memory *hostent_memory(void);
/* Fills |out| with the addresses of |family|; everything that it points to lies in
 * |memory|. 0, ERANGE (too small) or ENOENT (no such address). */
MUST_USE int hostent_fill(const struct host_record *record, const char *name, int family,
                          struct hostent *out, char *memory, size_t size);
/* The addresses of |entry|; returns how many, at most HOST_ADDRESSES. */
unsigned hostent_addresses(const struct hostent *entry, struct host_address *out);

#endif
