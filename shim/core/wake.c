/* SPDX-License-Identifier: MIT */
/* Waking a program up. */
#include "wake.h"

#include "core.h"
#include "hello.h"
#include "pacer.h"
#include "registration.h"
#include "same_file.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>

int wake_number(const struct connection *connection, bool *memory_bio)
{
    const struct libssl *lib = connection->lib;
    uint8_t random[HELLO_RANDOM_SIZE];
    int fd = lib->SSL_get_fd(connection->ssl);
    *memory_bio = fd < 0;
    if (fd < 0 && lib->SSL_get_client_random(connection->ssl, random, sizeof(random)) ==
                      sizeof(random))
        fd = hello_descriptor(random);
    return fd;
}

static bool find_descriptor(struct connection *connection)
{
    connection->descriptor = DESCRIPTOR_NONE;
    int fd = wake_number(connection, &connection->memory_bio);
    return fd >= 0 && descriptor_set(&connection->descriptor, fd);
}

/* A socket BIO may have been given another descriptor since. */
static bool still_right(const struct connection *connection)
{
    return descriptor_valid(&connection->descriptor) &&
           (connection->memory_bio || connection->lib->SSL_get_fd(connection->ssl) ==
                                          connection->descriptor.number);
}

bool wake_descriptor(struct connection *connection)
{
    return descriptor_swapped(&connection->descriptor) || still_right(connection) ||
           find_descriptor(connection);
}

bool wake_possible(struct connection *connection)
{
    if (descriptor_swapped(&connection->descriptor))
        return true;
    if (!wake_descriptor(connection))
        return false;
    /* A child shares its parent's epoll sets: a swap would take the descriptor out of both. */
    if (connection->generation != core_generation() &&
        registrations_any(connection->descriptor.number))
        return false;
    /* With bytes of a real record in the BIO ours could not be told from them later,
     * unless they can be put back: those wait until the program has read them. */
    return !connection->memory_bio ||
           connection->lib->BIO_ctrl_pending(
               connection->lib->SSL_get_rbio(connection->ssl)) == 0;
}

/* Starts the first turn's pacing; true when the descriptor is to become readable at once.
 */
static bool start_pacing(struct connection *connection)
{
    struct turn *turn = connection->first;
    if (turn->kind != TURN_HIT || core_config()->pace == PACE_INSTANT ||
        turn->served.piece_count == 0)
        return true;
    turn->pacing = wake_blocking(connection) ? PACING_SLEEP : PACING_HELPER;
    return turn->pacing == PACING_SLEEP;
}

void wake_up(struct connection *connection)
{
    struct descriptor *descriptor = &connection->descriptor;
    bool at_once = start_pacing(connection);
    if (!descriptor_swapped(descriptor)) {
        (void)!descriptor_swap_in(descriptor, at_once);
    } else if (at_once && !carrier_waiting(descriptor->carrier)) {
        carrier_wake(descriptor->carrier);
    }
    if (at_once || !descriptor_swapped(descriptor))
        return;
    struct turn *turn = connection->first;
    descriptor->spent = true; /* the helper holds its far end */
    if (pacer_start(&turn->served, turn_elapsed(turn), descriptor->carrier->far) != 0) {
        turn->pacing = PACING_NONE;
        carrier_wake(descriptor->carrier);
    }
}

/* -- waiting for a helper's byte ---------------------------------------------------------- */

/* What the program feels at its descriptor while it waits. */
static void copy_receive_limit(int from, int to)
{
    struct timeval limit;
    socklen_t size = sizeof(limit);
    if (getsockopt(from, SOL_SOCKET, SO_RCVTIMEO, &limit, &size) == 0)
        setsockopt(to, SOL_SOCKET, SO_RCVTIMEO, &limit, size);
}

bool wake_later(struct connection *connection)
{
    struct descriptor *descriptor = &connection->descriptor;
    if (!descriptor_swapped(descriptor)) {
        if (!descriptor_swap_in(descriptor, false))
            return false;
        copy_receive_limit(descriptor->kept, descriptor->carrier->near);
    }
    /* A child shares the pair with its parent, and the byte could be either's. */
    if (descriptor->swapper != core_generation())
        return false;
    if (!descriptor->stand_in)
        descriptor->spent = true; /* the helper holds its far end */
    return true;
}

static bool is_own(const struct descriptor *descriptor)
{
    return descriptor_swapped(descriptor) && descriptor->swapper == core_generation() &&
           same_file(descriptor->number, descriptor->carrier->near_device,
                     descriptor->carrier->near_inode);
}

enum wake_call wake_called(struct connection *connection)
{
    char byte;
    struct turn *turn = connection->first;
    if (!is_own(&connection->descriptor))
        return WAKE_LOST;
    if (connection->memory_bio) {
        wake_drain(connection);
        return turn->called ? WAKE_CALLED : WAKE_NOT_YET;
    }
    ssize_t got = recv(connection->descriptor.number, &byte, 1, MSG_DONTWAIT);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR ? WAKE_NOT_YET : WAKE_LOST;
    return got > 0 ? WAKE_CALLED : WAKE_LOST;
}

enum wake_call wake_stand_still(struct connection *connection)
{
    char byte;
    errno = connection->host_errno;
    ssize_t got = recv(connection->descriptor.number, &byte, 1, MSG_PEEK);
    connection->host_errno = errno;
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return WAKE_NOT_YET;
    return wake_called(connection);
}

void wake_drain(struct connection *connection)
{
    char scratch[64];
    const struct libssl *lib = connection->lib;
    if (!descriptor_swapped(&connection->descriptor))
        return;
    struct turn *turn = connection->first;
    if (turn && turn->pacing == PACING_HELPER)
        descriptor_empty(&connection->descriptor);
    if (!connection->memory_bio)
        return;
    BIO *bio = lib->SSL_get_rbio(connection->ssl);
    while (lib->BIO_ctrl_pending(bio) > 0 &&
           lib->BIO_read(bio, scratch, sizeof(scratch)) > 0)
        if (turn && turn->kind == TURN_WAIT)
            turn->called = true;
}

void wake_restore(struct connection *connection)
{
    wake_drain(connection);
    if (connection->descriptor.stand_in)
        descriptor_empty(&connection->descriptor);
    else
        descriptor_swap_out(&connection->descriptor);
}

void wake_quiet(struct connection *connection)
{
    const int record = 16384 + 5;
    int old = 0;
    socklen_t size = sizeof(old);
    int fd = connection->descriptor.number;
    if (connection->memory_bio || connection->settled || connection->low_water ||
        !descriptor_valid(&connection->descriptor) ||
        getsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &old, &size) != 0 || old >= record ||
        setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &record, sizeof(record)) != 0)
        return;
    connection->low_water = old;
}

void wake_loud(struct connection *connection)
{
    if (!connection->low_water)
        return;
    if (descriptor_valid(&connection->descriptor))
        setsockopt(connection->descriptor.number, SOL_SOCKET, SO_RCVLOWAT,
                   &connection->low_water, sizeof(connection->low_water));
    connection->low_water = 0;
}

bool wake_blocking(const struct connection *connection)
{
    if (connection->memory_bio)
        return false;
    int flags = fcntl(connection->lib->SSL_get_fd(connection->ssl), F_GETFL);
    return flags >= 0 && !(flags & O_NONBLOCK);
}
