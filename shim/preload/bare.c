/* SPDX-License-Identifier: MIT */
/* See bare.h. References: System V ABI, process initialisation (the auxiliary vector
 * stands behind the environment); gABI, DT_DEBUG. */
#include "bare.h"

#include <stddef.h>
#include <stdint.h>

/* Written by the constructor alone. */
static const struct r_debug *bare_debug;

/* The main program's dynamic section, from its program headers; NULL: none. */
static const ElfW(Dyn) * bare_dynamic(const ElfW(Phdr) * headers, size_t count)
{
    uintptr_t base = 0, dynamic = 0;
    for (size_t i = 0; i < count; i++) {
        if (headers[i].p_type == PT_PHDR)
            base = (uintptr_t)headers - headers[i].p_vaddr;
        if (headers[i].p_type == PT_DYNAMIC)
            dynamic = headers[i].p_vaddr;
    }
    return dynamic ? (const ElfW(Dyn) *)(base + dynamic) : NULL;
}

void bare_start(int count, char **arguments, char **environment)
{
    const ElfW(Phdr) *headers = NULL;
    size_t header_count = 0;
    if ((void *)arguments < __builtin_frame_address(0) || count < 0 ||
        environment != arguments + count + 1)
        return;
    while (*environment)
        environment++;
    const ElfW(auxv_t) *entry = (const void *)(environment + 1);
    for (; entry->a_type != AT_NULL; entry++) {
        if (entry->a_type == AT_PHDR)
            headers = (const void *)entry->a_un.a_val;
        if (entry->a_type == AT_PHNUM)
            header_count = entry->a_un.a_val;
    }
    const ElfW(Dyn) *dynamic = headers ? bare_dynamic(headers, header_count) : NULL;
    for (; dynamic && dynamic->d_tag != DT_NULL; dynamic++) {
        if (dynamic->d_tag == DT_DEBUG)
            bare_debug = (const void *)dynamic->d_un.d_ptr;
    }
}

const struct link_map *bare_objects(void)
{
    return bare_debug ? bare_debug->r_map : NULL;
}
