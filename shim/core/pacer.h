/* SPDX-License-Identifier: MIT */
/* PREECHO_PACE=recorded for programs that wait in an event loop: the pieces of an answer
 * become due one after the other, and nobody in the host can wait for them. A helper
 * process holds the far end of the carrier and writes a byte when a piece is due. */
#ifndef CORE_PACER_H
#define CORE_PACER_H

#include "serve.h"

/* Starts it for |served|, |elapsed_us| after the request was complete. It ends by itself,
 * at the latest with the last piece or when the carrier is closed. 0, or -1 when it
 * cannot be started. Any thread; not for signals. */
MUST_USE int pacer_start(const struct served *served, uint64_t elapsed_us, int far);

#endif
