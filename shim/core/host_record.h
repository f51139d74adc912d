/* SPDX-License-Identifier: MIT */
/* What is kept of a host that has answered over libssl: its addresses, and what its TLS
 * handshake showed on each port. All of it is public; it lets a later program believe in
 * a connection that does not exist yet (design, section 4, "Virtual connections"). Pure:
 * no I/O, any thread. */
#ifndef CORE_HOST_RECORD_H
#define CORE_HOST_RECORD_H

#include "store/bytes.h"

#define HOST_ADDRESSES    16
#define HOST_SERVICES     8
#define HOST_CERTIFICATES 10
#define HOST_NAME_SIZE    254 /* RFC 1035, 2.3.4, and a zero */

/* An IPv4 address fills the first four bytes. */
struct host_address {
    uint8_t family; /* 4 or 6 */
    uint8_t bytes[16];
};

/* What a TLS handshake on a port showed. The chain's spans belong to somebody else. */
struct host_service {
    uint16_t port;
    uint16_t version;                     /* of TLS, as on the wire: 0x0304 */
    uint16_t cipher;                      /* likewise */
    char alpn[16];                        /* selected when it was offered, "" = none */
    struct span chain[HOST_CERTIFICATES]; /* DER, the server's own first */
    unsigned chain_count;
};

struct host_record {
    int64_t resolved_ms; /* since 1970, when the addresses came from the resolver */
    struct host_address worked; /* the last one connected to; family 0 = none */
    struct host_address addresses[HOST_ADDRESSES];
    unsigned address_count;
    struct host_service services[HOST_SERVICES];
    unsigned service_count;
};

bool host_address_equal(const struct host_address *a, const struct host_address *b);
/* Adds |address| unless it is there; a full list stays as it is. */
void host_record_add(struct host_record *record, const struct host_address *address);
/* NULL when nothing is known of |port|. */
const struct host_service *host_record_service(const struct host_record *record,
                                               uint16_t port);
/* Puts |service| in place of what was known of its port; the oldest makes room. */
void host_record_set(struct host_record *record, const struct host_service *service);

/* Appends the encoding; ask buffer_ok(). */
void host_record_encode(const struct host_record *record, struct buffer *out);
/* The spans point into |bytes|. False: not a record of this version. */
MUST_USE bool host_record_decode(struct span bytes, struct host_record *out);

#endif
