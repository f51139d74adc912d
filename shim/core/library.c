/* SPDX-License-Identifier: MIT */
/* Asking the loader for a function's file. */
#include "library.h"

#include <dlfcn.h>
#include <link.h>

bool library_of(const void *function, struct library *out)
{
    Dl_info info;
    struct link_map *map = NULL;
    if (!dladdr1(function, &info, (void **)&map, RTLD_DL_LINKMAP) || !map)
        return false;
    /* The main program's name is empty: its functions are in the global scope. */
    void *handle = dlopen(map->l_name[0] ? map->l_name : NULL, RTLD_LAZY | RTLD_NOLOAD);
    if (!handle)
        dlerror(); /* the host must not find our failure there */
    *out = (struct library){info.dli_fbase, handle};
    return handle != NULL;
}
