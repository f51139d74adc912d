/* SPDX-License-Identifier: MIT */
/* The labels of the journal's tenants. The journal knows only their ids; the entries know both.
 * One thread. */
#ifndef TOOLS_TENANTS_H
#define TOOLS_TENANTS_H

#include "store/store.h"

struct tenants;

/* |store| must live as long. 0, or a code of sysexits.h after a message. */
MUST_USE int tenants_open(struct tenants **out, struct store *store);
/* NULL is allowed. */
void tenants_close(struct tenants *tenants);

/* Whether |who| is the label of tenant |id|, or its id in hexadecimal digits. The entries
 * of one that has none are looked for again, every few seconds at most. */
bool tenants_called(struct tenants *tenants, const uint8_t id[TENANT_ID_SIZE],
                    const char *who);

#endif
