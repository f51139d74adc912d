/* SPDX-License-Identifier: MIT */
/* `preecho pace TIMES`, which no person calls: the core starts it with the far end of a
 * carrier as descriptor 3, and it writes a byte there at each of TIMES (milliseconds from
 * the start, rising, separated by commas) so that the host's event loop looks for the
 * next piece of an answer. */
#include "pace.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <time.h>

#define CARRIER    3
#define LONGEST_MS 3600000 /* no answer takes longer than an hour */

static void sleep_until(const struct timespec *start, long ms)
{
    struct timespec due = {start->tv_sec + ms / 1000,
                           start->tv_nsec + ms % 1000 * 1000000};
    if (due.tv_nsec >= 1000000000) {
        due.tv_sec++;
        due.tv_nsec -= 1000000000;
    }
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) != 0)
        continue;
}

int pace_run(int count, char **arguments)
{
    struct timespec start;
    if (count != 2)
        return EX_USAGE;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (char *at = arguments[1]; *at;) {
        char *end;
        long ms = strtol(at, &end, 10);
        if (end == at || ms < 0 || ms > LONGEST_MS || (*end && *end != ','))
            return EX_USAGE;
        sleep_until(&start, ms);
        if (send(CARRIER, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT) != 1)
            return EX_OK; /* the program has hung up */
        at = *end ? end + 1 : end;
    }
    return EX_OK;
}
