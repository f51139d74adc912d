/* SPDX-License-Identifier: MIT */
/* The core's side of hooks.def: every hook as `core_NAME(real, parameters)`. Implemented
 * in ssl_hooks.c (OpenSSL), curl_*.c (libcurl) and libc_hooks.c. */
#ifndef CORE_HOOKS_H
#define CORE_HOOKS_H

#include "preload/core_api.h"

#define STRIP(...) __VA_ARGS__
#define HOOK(result, name, parameters, arguments, failure, library, load)                \
    result core_##name(name##_function *real, STRIP parameters);
#include "preload/hooks.def"
#undef HOOK
#undef STRIP

#endif
