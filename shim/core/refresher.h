/* SPDX-License-Identifier: MIT */
/* Starts the `preecho` command to fetch a new answer in the place of an expired one, so that
 * nobody has to wait for it. The request travels in sealed memory (memfd_create(2)) that only the
 * helper has; nothing of it stands in a file or in an argument.
 *
 * Thread class: any thread; not for signals. Takes about a millisecond. */
#ifndef CORE_REFRESHER_H
#define CORE_REFRESHER_H

#include "api/message.h"
#include "config.h"
#include "store/label.h"

/* True when somebody is fetching the answer to |request|, whose exact key is |key|: a helper that
 * was just started, or lately by this process. Keeps errno. */
MUST_USE bool refresher_start(const struct config *config, const struct request *request,
                              const uint8_t key[STORE_KEY_SIZE]);

#endif
