/* SPDX-License-Identifier: MIT */
/* `preecho follow PLACE MS`, which no person calls: the core starts it with the far end of a
 * carrier as descriptor 3. When nobody holds the lease at PLACE of the store PREECHO_STORE any
 * more, or after MS milliseconds, it writes one byte there, so that the program looks again. */
#include "follow.h"

#include "store/lease.h"
#include "store/result.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#define CARRIER    3
#define STACK_SIZE 65536

static uint64_t place;
static _Atomic bool called;

/* Never twice: the second byte would be taken for an answer. */
static void call(void)
{
    if (!atomic_exchange(&called, true))
        (void)!send(CARRIER, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Waiting for a lock knows no limit of time, hence the thread. Should it fail, the limit is what
 * is left. */
static void *wait_for_leader(void *store)
{
    if (lease_await(store, place) != STORE_OK)
        return NULL;
    call();
    _exit(EX_OK);
}

static int start_waiting(char *store)
{
    pthread_attr_t attributes;
    pthread_t thread;
    int result = -1;
    if (pthread_attr_init(&attributes) != 0)
        return -1;
    if (pthread_attr_setstacksize(&attributes, STACK_SIZE) == 0)
        result = pthread_create(&thread, &attributes, wait_for_leader, store);
    pthread_attr_destroy(&attributes);
    return result;
}

static bool parse(const char *text, unsigned long long most, unsigned long long *out)
{
    char *end;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return end != text && *end == 0 && errno == 0 && *out <= most;
}

int follow_run(int count, char **arguments)
{
    unsigned long long where, wait_ms;
    struct pollfd entry = {CARRIER, POLLRDHUP, 0};
    char *store = getenv("PREECHO_STORE"); // NOLINT(concurrency-mt-unsafe)
    int ready;
    if (count != 3 || !store || !parse(arguments[1], INT64_MAX, &where) ||
        !parse(arguments[2], INT_MAX, &wait_ms))
        return EX_USAGE;
    place = where;
    if (start_waiting(store) != 0)
        return EX_OSERR;
    do
        ready = poll(&entry, 1, (int)wait_ms);
    while (ready < 0 && errno == EINTR);
    call();
    return EX_OK;
}
