/* SPDX-License-Identifier: MIT */
/* See start.h. References: System V ABI, process initialisation (the auxiliary vector
 * stands behind the environment); gABI, DT_DEBUG. */
#include "start.h"

#include <stddef.h>
#include <stdint.h>

/* The main program's dynamic section, from its program headers; NULL: none. */
static const Elf64_Dyn *program_dynamic(const Elf64_Phdr *headers, size_t count)
{
    uintptr_t base = 0, dynamic = 0;
    for (size_t i = 0; i < count; i++) {
        if (headers[i].p_type == PT_PHDR)
            base = (uintptr_t)headers - headers[i].p_vaddr;
        if (headers[i].p_type == PT_DYNAMIC)
            dynamic = headers[i].p_vaddr;
    }
    return dynamic ? (const void *)(base + dynamic) : NULL;
}

/* The loader leaves the way to its list in the main program's dynamic section. */
static const struct link_map *program_objects(const Elf64_Phdr *headers, size_t count)
{
    const Elf64_Dyn *entry = headers ? program_dynamic(headers, count) : NULL;
    for (; entry && entry->d_tag != DT_NULL; entry++) {
        const struct r_debug *debug = (const void *)entry->d_un.d_ptr;
        if (entry->d_tag == DT_DEBUG)
            return debug ? debug->r_map : NULL;
    }
    return NULL;
}

bool start_read(struct start *start, int count, char **arguments, char **environment)
{
    const Elf64_Phdr *headers = NULL;
    size_t header_count = 0;
    *start = (struct start){environment, true, NULL};
    if ((void *)arguments < __builtin_frame_address(0) || count < 0 ||
        environment != arguments + count + 1)
        return false;

    while (*environment)
        environment++;
    const Elf64_auxv_t *entry = (const void *)(environment + 1);
    for (; entry->a_type != AT_NULL; entry++) {
        if (entry->a_type == AT_SECURE)
            start->secure = entry->a_un.a_val != 0;
        if (entry->a_type == AT_PHDR)
            headers = (const void *)entry->a_un.a_val;
        if (entry->a_type == AT_PHNUM)
            header_count = entry->a_un.a_val;
    }
    if (!dl_iterate_phdr)
        start->objects = program_objects(headers, header_count);
    return true;
}
