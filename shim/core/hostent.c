/* SPDX-License-Identifier: MIT */
/* Filling in a struct hostent. */
#include "hostent.h"

#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>

struct hostent_memory *hostent_memory(void)
{
    static _Thread_local struct hostent_memory own;
    return &own;
}

static size_t address_size(int family)
{
    return family == AF_INET ? 4 : 16;
}

static unsigned count_of(const struct host_record *record, int family)
{
    unsigned count = 0;
    for (unsigned i = 0; i < record->address_count; i++)
        count += record->addresses[i].family == (family == AF_INET ? 4 : 6);
    return count;
}

/* The memory: the list's pointers, no alias, the addresses, the name. */
int hostent_fill(const struct host_record *record, const char *name, int family,
                 struct hostent *out, char *memory, size_t size)
{
    unsigned count = count_of(record, family), taken = 0;
    size_t padding = -(uintptr_t)memory % _Alignof(char *);
    size_t bytes = address_size(family), name_size = strlen(name) + 1;
    if (count == 0)
        return ENOENT;
    if (size < padding + (count + 2) * sizeof(char *) + count * bytes + name_size)
        return ERANGE;
    char **list = (char **)(void *)(memory + padding);
    char *at = (char *)(list + count + 2);
    for (unsigned i = 0; i < record->address_count; i++) {
        if (record->addresses[i].family != (family == AF_INET ? 4 : 6))
            continue;
        list[taken++] = memcpy(at, record->addresses[i].bytes, bytes);
        at += bytes;
    }
    list[count] = list[count + 1] = NULL;
    *out = (struct hostent){.h_name = memcpy(at, name, name_size),
                            .h_aliases = list + count + 1,
                            .h_addrtype = family,
                            .h_length = (int)bytes,
                            .h_addr_list = list};
    return 0;
}

unsigned hostent_addresses(const struct hostent *entry, struct host_address *out)
{
    unsigned count = 0;
    size_t bytes = address_size(entry->h_addrtype);
    if (entry->h_addrtype != AF_INET && entry->h_addrtype != AF_INET6)
        return 0;
    for (char **at = entry->h_addr_list; at && *at && count < HOST_ADDRESSES; at++) {
        out[count] = (struct host_address){.family = bytes == 4 ? 4 : 6};
        memcpy(out[count++].bytes, *at, bytes);
    }
    return count;
}
