/* SPDX-License-Identifier: MIT */
/* An event loop with memory BIOs waits for its descriptor, not for the socket that is
 * being connected aside. A helper process waits for that one and then writes a wake-up
 * byte. */
#ifndef CORE_DIAL_HELPER_H
#define CORE_DIAL_HELPER_H

#include "store/bytes.h"

/* Starts it for |fd| and the far end |far| of the program's descriptor. It ends by itself:
 * when |fd| is connected or has failed, or the program closes its descriptor. False: it
 * cannot be started. Takes about a millisecond. Any thread; not for signals. */
MUST_USE bool dial_helper_start(int far, int fd);

#endif
