/* SPDX-License-Identifier: MIT */
/* Carriers: connected loopback pairs whose near end stands in for a program's socket
 * while an answer from the store waits to be read. TCP, so that socket options still work
 * on the near end. Both ends have high numbers and are close-on-exec; carriers are pooled
 * until the last connection has ended. Any thread; not for signals. */
#ifndef CORE_CARRIER_H
#define CORE_CARRIER_H

#include <stdbool.h>
#include <sys/types.h>

struct carrier {
    int near;
    int far;
    dev_t near_device, far_device;
    ino_t near_inode, far_inode;
    bool filled; /* a wake-up byte is on its way to the near end, or was */
    struct carrier *next;
};

/* A carrier whose near end is readable at once, or, without |readable|, not yet. NULL
 * when no pair can be made. */
struct carrier *carrier_take(bool readable);
/* Makes the near end readable. */
void carrier_wake(struct carrier *carrier);
/* True when a byte waits at the near end (nobody has read it). */
bool carrier_waiting(const struct carrier *carrier);
/* The near end shall read end-of-stream, for good. */
void carrier_end(struct carrier *carrier);
/* Gives it back; |spent| carriers (after carrier_end) are closed. */
void carrier_give(struct carrier *carrier, bool spent);
/* A connected pair over the loopback of |family| (AF_INET, AF_INET6), or of Unix sockets
 * where that is down, both high and close-on-exec; not pooled, the caller's to close.
 * False: none can be made. */
bool carrier_pair(int family, int pair[2]);
/* The high duplicate of |fd|, close-on-exec, or -1. */
int carrier_high(int fd);
/* Closes what is in the pool: nobody is left who could use it. */
void carrier_close_pool(void);
/* In a forked child: the pool belongs to the parent, whose descriptors are shared: forget
 * it. */
void carrier_after_fork(void);

#endif
