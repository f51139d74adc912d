/* SPDX-License-Identifier: MIT */
/* Where the `preecho` command lies that belongs to this core. */
#include "helper.h"

#include <dlfcn.h>
#include <unistd.h>

/* The directory of the file that this code lies in, with its last '/'; empty when
 * unknown. */
static struct span own_directory(void)
{
    static const char anchor;
    Dl_info info;
    if (dladdr(&anchor, &info) == 0 || !info.dli_fname || info.dli_fname[0] != '/')
        return span_text("");
    struct span path = span_text(info.dli_fname);
    while (path.size && path.at[path.size - 1] != '/')
        path.size--;
    return path;
}

/* True when |directory| and |name| make a file that can be used; their path is in |path|. */
static bool is_there(struct span directory, const char *name, int mode,
                     struct buffer *path)
{
    buffer_clear(path);
    buffer_append_span(path, directory);
    buffer_append_text(path, name);
    buffer_append_byte(path, 0);
    return buffer_ok(path) && access((const char *)path->at, mode) == 0;
}

bool helper_program(struct buffer *path)
{
    static const char installed[] = "lib/preecho/";
    struct span directory = own_directory();
    if (directory.size == 0)
        return false;
    if (is_there(directory, "preecho", X_OK, path))
        return true;
    if (!span_ends(directory, "/lib/preecho/"))
        return false;
    directory.size -= strlen(installed);
    return is_there(directory, "bin/preecho", X_OK, path);
}

bool helper_stub(struct buffer *path)
{
    struct span directory = own_directory();
    return directory.size && is_there(directory, "libpreecho.so", R_OK, path) &&
           !strpbrk((const char *)path->at, " :");
}
