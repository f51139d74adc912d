/* SPDX-License-Identifier: MIT */
/* The settings and the store as the commands see them: the same environment, read by the
 * same code, as in a host process. Failures are told on stderr, with what to do. One
 * thread. */
#ifndef TOOLS_SETTINGS_H
#define TOOLS_SETTINGS_H

#include "shim/core/config.h"
#include "store/price.h"
#include "store/store.h"

/* Reads files and environment. 0, or EX_OSERR. */
MUST_USE int settings_read(struct config *config);
/* The same, and |report| hears of all problems; |file|, unless NULL, is read instead. */
MUST_USE int settings_check(struct config *config, const char *file,
                            config_report *report, void *context);
/* Why a setting switches preecho off although nobody asked for it, to be freed;
 * NULL when there is no such problem. */
MUST_USE char *settings_problem(void);
/* What LD_PRELOAD has to be, to be freed, in |*out|. 0, EX_UNAVAILABLE, EX_CONFIG. */
MUST_USE int settings_preload(char **out);

/* Reads the settings and makes sure that they name a store. 0, EX_CONFIG, EX_OSERR, after
 * a message; config_free() after 0 only. */
MUST_USE int settings_paths(struct config *config);
/* Opens the store that the environment names. 0; otherwise |*out| is NULL and the result
 * a code of sysexits.h: EX_CONFIG (settings), EX_NOPERM (owner, permissions),
 * EX_CANTCREAT, EX_OSERR. */
MUST_USE int settings_open(struct store **out);
/* Reads the table of prices, the user's included; a mistake in that one is told, and then it does
 * not count. 0, EX_CONFIG, EX_OSERR, after a message; prices_free() after 0 only. */
MUST_USE int settings_prices(struct prices **out);
/* The code of sysexits.h for a result of the store's functions, after a message that
 * begins with |what| ("the entry could not be read"). 0 for STORE_OK, silently. */
MUST_USE int settings_status(int result, const char *what);

#endif
