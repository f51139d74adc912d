/* SPDX-License-Identifier: MIT */
/* The libcurl level, for the rest of the core. Its hooks are declared in hooks.h. */
#ifndef CORE_CURL_H
#define CORE_CURL_H

#include "preload/core_api.h"

#include <stdbool.h>

/* Called once, before any hook. */
void curl_level_start(const struct stub_api *stub);
/* True while this thread is inside a libcurl call whose transfers this level looks after:
 * what libcurl does with OpenSSL then is no business of the OpenSSL level. Any thread. */
bool curl_level_busy(void);

#endif
