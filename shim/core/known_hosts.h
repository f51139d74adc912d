/* SPDX-License-Identifier: MIT */
/* The hosts that have answered before, and which addresses the program was given for
 * them. A host is known by its record in the store (host_record.h); here it is found,
 * renewed, and a connection's address is led back to the name that it came from.
 *
 * Thread class: any thread; not for signals. The lock guards a list for moments only. */
#ifndef CORE_KNOWN_HOSTS_H
#define CORE_KNOWN_HOSTS_H

#include "host_record.h"

#include <sys/socket.h>

/* How long a record's addresses are given out without asking the resolver. */
#define KNOWN_HOST_FRESH_MS 3600000

/* A host's record, owned: the spans in `record` point into `bytes`. */
struct known_host {
    char name[HOST_NAME_SIZE]; /* in lower case, no dot at the end */
    struct host_record record;
    struct buffer bytes;
};

/* False when the settings say that connections are real. */
bool known_hosts_wanted(void);

/* Looks |name| up in the store. True: |out| is to be freed. False: nothing is known of
 * it, or the store cannot be read. */
MUST_USE bool known_host_find(struct span name, struct known_host *out);
void known_host_free(struct known_host *host);
/* True when TLS has answered there on |port|, 0: on any. */
bool known_host_answers(struct span name, uint16_t port);
/* Writes the record back, best effort. */
void known_host_record(const struct known_host *host);
/* True when the addresses are younger than KNOWN_HOST_FRESH_MS. */
bool known_host_fresh(const struct known_host *host);
/* The addresses did not lead to it: the resolver is to be asked next time. */
void known_host_doubt(struct span name);

/* What the program was told of a name, and when the resolver said so. */
struct host_note {
    char name[HOST_NAME_SIZE];
    struct host_address addresses[HOST_ADDRESSES];
    unsigned count;
    int64_t resolved_ms;
};

/* The program was told that |name| has these addresses, which the resolver gave at
 * |resolved_ms| (since 1970). */
void known_hosts_note(struct span name, const struct host_address *addresses,
                      unsigned count, int64_t resolved_ms);
/* What the program was last told of |name|. False: nothing. */
MUST_USE bool known_hosts_noted(struct span name, struct host_note *out);
/* True when |to| is an address that the program was given for a known host (or the host's
 * name itself), and TLS has answered there on that port, or replay mode shuts it off. */
MUST_USE bool known_hosts_at(const struct sockaddr *to, socklen_t size);

/* False when |from| is neither IPv4 nor IPv6. A mapped IPv4 address is an IPv6 one. */
MUST_USE bool host_address_of(const struct sockaddr *from, socklen_t size,
                              struct host_address *out, uint16_t *port);
/* The address's text. */
void host_address_text(const struct host_address *address, char text[46]);

/* In a forked child. */
void known_hosts_after_fork(void);

#endif
