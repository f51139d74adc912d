/* SPDX-License-Identifier: MIT */
/* Which descriptor carries a TLS session whose BIOs are in memory? Its ClientHello passes
 * by on the way out: a handshake record (16 03) whose client random stands at offset 11,
 * the same bytes that SSL_get_client_random() gives (RFC 8446, 4.1.2 and 5.1). Here
 * passing hellos are remembered. Called from write() and its kin: takes no lock,
 * allocates nothing, keeps errno. */
#ifndef CORE_HELLO_H
#define CORE_HELLO_H

#include "store/bytes.h"

#define HELLO_RANDOM_SIZE 32

/* |watching| is the stub's count of connections that lack their descriptor. */
void hello_start(_Atomic int *watching);
/* A connection begins, or has stopped, to need its descriptor. */
void hello_expect(void);
void hello_forget(void);
/* libssl has made a hello with this random, and will send it. */
void hello_announce(const uint8_t random[HELLO_RANDOM_SIZE]);
/* True when |data| begins with a hello that was announced. */
bool hello_announced(const void *data, size_t size);
/* Bytes on their way out through |fd|; the first ones of a call are enough. */
void hello_watch(int fd, const void *data, size_t size);
/* The descriptor that a hello with this random went through, or -1. */
int hello_descriptor(const uint8_t random[HELLO_RANDOM_SIZE]);

#endif
