/* SPDX-License-Identifier: MIT */
/* Scripts: which program the kernel starts for a file that begins with "#!" (execve(2)),
 * and which one that starts when it is env(1). */
#ifndef TOOLS_SCRIPT_H
#define TOOLS_SCRIPT_H

#include "store/bytes.h"

/* The interpreter named by the script |path|, as a path, to be freed; NULL when |path| is
 * no script (errno 0), or its interpreter cannot be found (errno ENOENT or as open(2)).
 */
MUST_USE char *script_interpreter(const char *path);
/* True when the script |path| is one that a version manager (pyenv, rbenv, nodenv, asdf) puts in
 * front of the programs of several versions: it lies in shims/ beside versions/ or installs/. */
bool script_is_shim(const char *path);
/* True when the program |path| is a shell by its name. */
bool script_is_shell(const char *path);

#endif
