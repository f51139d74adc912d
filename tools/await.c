/* SPDX-License-Identifier: MIT */
/* `preecho await`, which no person calls: the core starts it with the far end of a carrier
 * as descriptor 3 and a socket that is being connected as descriptor 4. When that one is
 * decided it writes a byte to the first, so that the host's event loop looks again. */
#include "await.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sysexits.h>

#define CARRIER    3
#define CONNECTING 4
#define LONGEST_MS 600000 /* the kernel gives up long before */

int await_run(int count, char **arguments)
{
    struct pollfd entries[] = {{CARRIER, POLLRDHUP, 0}, {CONNECTING, POLLOUT, 0}};
    int ready;
    (void)arguments;
    if (count != 1)
        return EX_USAGE;
    do
        ready = poll(entries, 2, LONGEST_MS);
    while (ready < 0 && errno == EINTR);
    if (ready > 0 && entries[0].revents == 0)
        (void)!send(CARRIER, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    return EX_OK;
}
