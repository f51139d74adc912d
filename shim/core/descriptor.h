/* SPDX-License-Identifier: MIT */
/* The descriptor swap: while an answer from the store waits to be read, the near end of a
 * carrier stands in for the program's socket, so that poll, select and epoll see it
 * readable though no packet will come. The real socket is kept under a high number and
 * put back as soon as the answer has been read. (Why: design, section 4, "Readiness".)
 * Any thread, one at a time per object; not for signals. */
#ifndef CORE_DESCRIPTOR_H
#define CORE_DESCRIPTOR_H

#include "store/bytes.h"
#include "virtual.h"

struct descriptor {
    int number; /* the program's number for its socket; -1 = not known */
    dev_t device;
    ino_t inode;
    int kept; /* the real socket's high duplicate while swapped */
    struct carrier *carrier;
    unsigned swapper; /* core_generation() of the process that has swapped it */
    bool spent;       /* the carrier is not to be used again */
    struct virtual_socket *stand_in; /* the carrier is this one's: there is no connection
                                        yet that could be swapped in */
};

#define DESCRIPTOR_NONE ((struct descriptor){.number = -1, .kept = -1})

/* Notes |fd|, which has to be a stream socket. False when it is not. */
MUST_USE bool descriptor_set(struct descriptor *descriptor, int fd);
/* False when the number is not known, or names another file by now. */
MUST_USE bool descriptor_valid(const struct descriptor *descriptor);
/* The near end takes the number; readable at once if |readable|. No change when it fails.
 */
MUST_USE bool descriptor_swap_in(struct descriptor *descriptor, bool readable);
/* The real socket takes its number back, unless the program has closed or reused it.
 * Without effect when not swapped. */
void descriptor_swap_out(struct descriptor *descriptor);
bool descriptor_swapped(const struct descriptor *descriptor);
/* |to| blocks as |from| does. */
void descriptor_copy_flags(int from, int to);
/* |number| takes |file| over, with its own O_NONBLOCK and close-on-exec, in every epoll set
 * that holds it. False: no change. */
MUST_USE bool descriptor_put(int number, int file);
/* Takes |socket| (bound by the caller) over: swapped in from now on, until there is a
 * connection for descriptor_realize(). */
void descriptor_adopt(struct descriptor *descriptor, struct virtual_socket *socket);
/* |file| takes the number of a virtual socket, which ends. False: no change. */
MUST_USE bool descriptor_realize(struct descriptor *descriptor, int file);
/* The TLS connection ends: swaps out; a virtual socket reads end-of-stream from now on,
 * as from a server that has nothing left to say. */
void descriptor_drop(struct descriptor *descriptor);
/* While not swapped: |file|, a socket, takes the number for good. False: no change. */
MUST_USE bool descriptor_replace(struct descriptor *descriptor, int file);
/* While swapped: everybody who reads the number now sees end-of-stream. */
void descriptor_end(struct descriptor *descriptor);
/* While swapped: takes every byte that waits at the near end. */
void descriptor_empty(struct descriptor *descriptor);

#endif
