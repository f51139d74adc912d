/* SPDX-License-Identifier: MIT */
/* Starting the helper that waits for a connection. */
#include "dial_helper.h"

#include "helper.h"
#include "spawn.h"

bool dial_helper_start(int far, int fd)
{
    struct buffer program = {0};
    bool started = false;
    if (helper_program(&program)) {
        const char *const argv[] = {(const char *)program.at, "await", NULL};
        const char *const environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", NULL};
        const int kept[] = {far, fd};
        started = spawn_detached(argv, environment, kept, 2) == 0;
    }
    buffer_free(&program);
    return started;
}
