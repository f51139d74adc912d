/* SPDX-License-Identifier: MIT */
/* Replay mode: hosts that are known by their names alone. Nothing may be asked of the network
 * for them, so what the network would have said is made up: an address that leads nowhere, and
 * a handshake. Requests get as far as being denied that way. Any thread. */
#ifndef CORE_PLACEHOLDER_H
#define CORE_PLACEHOLDER_H

#include "known_hosts.h"

/* True in replay mode, when the dialect tables or PREECHO_HOSTS name the host. */
bool placeholder_wanted(struct span name);
/* known_host_find() for who wants addresses. In replay mode they are always young ones, and of
 * both families: one of which none is recorded gets the placeholder. */
MUST_USE bool placeholder_find(struct span name, struct known_host *out);
/* True when |to| is a placeholder, in replay mode. */
bool placeholder_at(const struct sockaddr *to, socklen_t size);

/* What a handshake on |port| would have shown, with a certificate for |name| that nobody has
 * signed; |certificate| takes it: ask buffer_ok(). */
void placeholder_service(struct span name, uint16_t port, struct host_service *out,
                         struct buffer *certificate);

#endif
