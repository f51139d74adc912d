/* SPDX-License-Identifier: MIT */
/* The settings for a command that goes on for long: read anew when one of their files changes.
 *
 * Thread class: one thread per struct rules. */
#ifndef TOOLS_RULES_H
#define TOOLS_RULES_H

#include "settings.h"
#include "store/files.h"

#define RULES_FILES (CONFIG_FILES + 1) /* and the list of trusted ones */

struct rules {
    bool read;
    struct config config;
    struct file_stamp stamps[RULES_FILES];
    uint64_t edition; /* counts how often they were read */
};

/* The settings as the files are now, until the next call; NULL while there is a mistake in them or
 * memory is short. |quiet|: a mistake is somebody else's to tell on stderr. */
const struct config *rules_now(struct rules *rules, bool quiet);
void rules_free(struct rules *rules);

#endif
