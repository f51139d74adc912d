/* SPDX-License-Identifier: MIT */
/* Counts the epoll sets that the process makes. The core swaps descriptors and has to
 * know which epoll sets hold them; it looks for the sets again when this number has
 * moved. */
#ifndef PRELOAD_EPOLL_H
#define PRELOAD_EPOLL_H

#include "libc.h"

/* How many times epoll_create(2) and epoll_create1(2) have returned a descriptor. A set
 * counts before the program knows it. */
extern _Atomic unsigned epoll_made;

#endif
