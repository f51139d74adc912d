/* SPDX-License-Identifier: MIT */
/* The core's only exported symbol: the stub fetches the table of hooks through it, once
 * per process, when the host starts its first connection or transfer. */
#include "carrier.h"
#include "core.h"
#include "curl.h"
#include "hello.h"
#include "hooks.h"
#include "libssl.h"
#include "registration.h"

#include <errno.h>

static const struct core_api api = {
    .version = CORE_API_VERSION,
    .size = sizeof(api),
#define HOOK(result, name, parameters, arguments, failure, library, load)                \
    .name = core_##name,
#include "preload/hooks.def"
#undef HOOK
};

__attribute__((visibility("default"))) core_entry_function preecho_core_api;

const struct core_api *preecho_core_api(const struct stub_api *stub)
{
    int entry_errno = errno;
    bool ready = core_start() == 0 && core_config()->mode != MODE_OFF;
    if (ready) {
        libssl_start(stub);
        curl_level_start(stub);
        hello_start(stub->watching);
        registrations_start(stub->epoll_sets);
    }
    errno = entry_errno;
    return ready ? &api : NULL;
}
