/* SPDX-License-Identifier: MIT */
/* Leases: of those who ask the same question at the same time the one who holds its lease asks
 * upstream. A lease is a record lock (fcntl(2), F_SETLK) on one byte of the store's file
 * `leases`, which stays empty; a keyed hash of the entry's key says which. The kernel takes it
 * back when its process ends, in whatever way, or becomes another program; a forked child does
 * not have it. So nothing is ever left over.
 *
 * Record locks belong to processes: who holds what within this one stands in a list. A process
 * loses all of them when it closes any descriptor of the file, as hosts do that close whatever
 * they see; then somebody else may hold the same one, which costs a call upstream and nothing
 * else. For the same reason nobody in a host opens this file but lease_take().
 *
 * Thread class: any thread, one at a time per object; one lock, held for a few system calls. No
 * memory is taken. One descriptor is open, high and close-on-exec, while leases are held. */
#ifndef STORE_LEASE_H
#define STORE_LEASE_H

#include "bytes.h"
#include "label.h"
#include "tenant.h"

#include <pthread.h>
#include <sys/types.h>

struct store;

struct lease {
    uint64_t place; /* the byte; set by lease_take() whatever its result */
    bool held;
    bool near;     /* not held, since this very thread holds it already */
    unsigned life; /* of the list that it stands in */
    pthread_t thread;
    struct lease *previous;
    struct lease *next;
};

/* The leases that a process holds. Private to lease.c and store.c. */
struct leases {
    pthread_mutex_t lock;
    struct lease *held;
    int descriptor; /* -1 = none */
    dev_t device;
    ino_t inode;
    unsigned life;  /* counts forks: what the parent holds is not the child's */
    bool inherited; /* the descriptor is the parent's */
};

void leases_start(struct leases *leases);
void leases_after_fork(struct leases *leases);
void leases_close(struct leases *leases);

/* Takes the lease of |tenant|'s |key|. |lease| has to stay where it is until it is released.
 * STORE_OK; STORE_BUSY: somebody holds it, in this process or another; STORE_MISS (no store
 * directory), STORE_UNAVAILABLE, STORE_REFUSED, STORE_FULL: there are no leases here. */
MUST_USE int lease_take(struct store *store, const struct tenant *tenant,
                        const uint8_t key[STORE_KEY_SIZE], struct lease *lease);
/* Gives it back; without effect when it is not held, or a parent's. */
void lease_release(struct store *store, struct lease *lease);

/* For a process that holds no leases, never for a host: waits until nobody holds the one at
 * |place| of the store in |directory|. STORE_OK, or lease_take()'s other results but
 * STORE_BUSY. */
MUST_USE int lease_await(const char *directory, uint64_t place);

#endif
