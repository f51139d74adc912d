/* SPDX-License-Identifier: MIT */
/* The hosts setting: `host[:port]`, separated by commas; addresses of IPv6 in brackets. Pure; any
 * thread. */
#ifndef CORE_HOST_LIST_H
#define CORE_HOST_LIST_H

#include "store/bytes.h"

/* True when every member of |list| is a host. */
bool host_list_is_sound(struct span list);
/* True when a member of |list| is |host|, and its port, if it has one, |port|. 0: any will do. */
bool host_list_has(struct span list, struct span host, uint16_t port);
/* Reads all of |digits| as a port, 1 to 65535. */
MUST_USE bool host_list_port(struct span digits, uint16_t *port);

#endif
