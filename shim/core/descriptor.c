/* SPDX-License-Identifier: MIT */
/* The descriptor swap. */
#include "descriptor.h"

#include "core.h"
#include "registration.h"
#include "same_file.h"
#include "store/uncancelled.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

bool descriptor_set(struct descriptor *descriptor, int fd)
{
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0 || !S_ISSOCK(status.st_mode))
        return false;
    descriptor->number = fd;
    descriptor->device = status.st_dev;
    descriptor->inode = status.st_ino;
    return true;
}

bool descriptor_valid(const struct descriptor *descriptor)
{
    return same_file(descriptor->number, descriptor->device, descriptor->inode);
}

bool descriptor_swapped(const struct descriptor *descriptor)
{
    return descriptor->carrier != NULL;
}

void descriptor_copy_flags(int from, int to)
{
    int flags = fcntl(from, F_GETFL);
    int old = fcntl(to, F_GETFL);
    if (flags >= 0 && old >= 0 && ((flags ^ old) & O_NONBLOCK))
        (void)fcntl(to, F_SETFL, (old & ~O_NONBLOCK) | (flags & O_NONBLOCK));
}

/* |file| takes |number|: out of every epoll set, over, and in again. */
static bool replace(int number, int file)
{
    struct registrations registrations;
    int on_exec = fcntl(number, F_GETFD);
    if (on_exec < 0 || !registrations_remove(&registrations, number))
        return false;
    bool done = dup3(file, number, on_exec & FD_CLOEXEC ? O_CLOEXEC : 0) == number;
    registrations_restore(&registrations, number);
    return done;
}

bool descriptor_put(int number, int file)
{
    descriptor_copy_flags(number, file);
    return replace(number, file);
}

bool descriptor_swap_in(struct descriptor *descriptor, bool readable)
{
    UNCANCELLED;
    if (descriptor->carrier)
        return true;
    if (!descriptor_valid(descriptor))
        return false;
    struct carrier *carrier = carrier_take(readable);
    if (!carrier)
        return false;
    int kept = carrier_high(descriptor->number);
    if (kept < 0) {
        carrier_give(carrier, false);
        return false;
    }
    descriptor_copy_flags(descriptor->number, carrier->near);
    if (!replace(descriptor->number, carrier->near)) {
        close(kept);
        carrier_give(carrier, false);
        return false;
    }
    descriptor->kept = kept;
    descriptor->carrier = carrier;
    descriptor->swapper = core_generation();
    return true;
}

/* What the program has written meanwhile, the end of its handshake (Node.js), is the server's.
 * Half of it would be worse than nothing. */
static void hand_on(const struct carrier *carrier, int to)
{
    char bytes[1024];
    ssize_t got;
    if (!same_file(carrier->far, carrier->far_device, carrier->far_inode))
        return;
    while ((got = recv(carrier->far, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
        if (send(to, bytes, (size_t)got, MSG_DONTWAIT | MSG_NOSIGNAL) != got)
            shutdown(to, SHUT_RDWR);
}

void descriptor_swap_out(struct descriptor *descriptor)
{
    struct carrier *carrier = descriptor->carrier;
    if (!carrier || descriptor->stand_in)
        return;
    UNCANCELLED;
    bool ours = same_file(descriptor->number, carrier->near_device, carrier->near_inode);
    bool kept = same_file(descriptor->kept, descriptor->device, descriptor->inode);
    bool shared =
        descriptor->swapper != core_generation() && registrations_any(descriptor->number);
    if (kept && descriptor->swapper == core_generation())
        hand_on(carrier, descriptor->kept);
    if (ours && kept && !shared) {
        descriptor_copy_flags(descriptor->number, descriptor->kept);
        replace(descriptor->number, descriptor->kept);
    }
    if (kept)
        close(descriptor->kept);
    carrier_give(carrier, descriptor->spent);
    descriptor->carrier = NULL;
    descriptor->kept = -1;
    descriptor->spent = false;
}

bool descriptor_replace(struct descriptor *descriptor, int file)
{
    UNCANCELLED;
    struct stat status;
    if (descriptor->carrier || !descriptor_valid(descriptor) ||
        fstat(file, &status) != 0 || !replace(descriptor->number, file))
        return false;
    descriptor->device = status.st_dev;
    descriptor->inode = status.st_ino;
    return true;
}

void descriptor_adopt(struct descriptor *descriptor, struct virtual_socket *socket)
{
    *descriptor = (struct descriptor){.number = socket->number,
                                      .device = socket->kept_device,
                                      .inode = socket->kept_inode,
                                      .kept = socket->kept,
                                      .carrier = &socket->carrier,
                                      .swapper = socket->generation,
                                      .stand_in = socket};
}

static void end_virtual(struct descriptor *descriptor)
{
    struct virtual_socket *socket = descriptor->stand_in;
    descriptor->stand_in = NULL;
    descriptor->carrier = NULL;
    descriptor->kept = -1;
    descriptor->spent = false;
    virtual_end(socket);
}

bool descriptor_realize(struct descriptor *descriptor, int file)
{
    UNCANCELLED;
    struct stat status;
    struct carrier *carrier = descriptor->carrier;
    if (!same_file(descriptor->number, carrier->near_device, carrier->near_inode) ||
        fstat(file, &status) != 0)
        return false;
    descriptor_empty(descriptor);
    if (!descriptor_put(descriptor->number, file))
        return false;
    descriptor->device = status.st_dev;
    descriptor->inode = status.st_ino;
    end_virtual(descriptor);
    return true;
}

void descriptor_drop(struct descriptor *descriptor)
{
    descriptor_swap_out(descriptor);
    if (!descriptor->stand_in)
        return;
    descriptor_end(descriptor);
    end_virtual(descriptor);
}

void descriptor_end(struct descriptor *descriptor)
{
    /* A child shares the pair with its parent, who may go on using it. */
    if (!descriptor->carrier ||
        (descriptor->stand_in && descriptor->swapper != core_generation()))
        return;
    carrier_end(descriptor->carrier);
    descriptor->spent = true;
}

void descriptor_empty(struct descriptor *descriptor)
{
    char scratch[64];
    if (same_file(descriptor->number, descriptor->carrier->near_device,
                  descriptor->carrier->near_inode))
        while (recv(descriptor->number, scratch, sizeof(scratch), MSG_DONTWAIT) > 0)
            continue;
}
