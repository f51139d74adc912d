/* SPDX-License-Identifier: MIT */
/* What the core's parts share within one process: the settings and the store, set up once
 * when the core is loaded. */
#ifndef CORE_CORE_H
#define CORE_CORE_H

#include "config.h"
#include "store/store.h"

/* Reads the settings and prepares the rest; called once, before everything else. 0, or -1
 * when preecho is switched off (by the user, or by a value that makes no sense: logged)
 * or memory is short: then nothing of the core may be used. */
MUST_USE int core_start(void);
/* The settings; never NULL once the core is loaded. */
const struct config *core_config(void);
/* The store, opened at the first call; NULL when it cannot be used (logged once). After a
 * fork the child's own. */
struct store *core_store(void);
/* The program's name, as it was called, without its directories; never NULL. */
const char *core_program(void);
/* Monotonic microseconds. */
uint64_t core_now_us(void);
/* True in a forked child, exactly once per child, for callers that have to drop what only
 * the parent may use. Each caller passes its own |seen|, initially 0. */
bool core_forked(unsigned *seen);
/* How many forks lie between this process and the one that loaded the core: what an
 * object can note at its birth to learn later whether it belongs to a parent. No system
 * call. */
unsigned core_generation(void);

#endif
