/* SPDX-License-Identifier: MIT */
/* The recording that is most like a request for which there is none. Reads the store; any
 * thread. Bounded: the labels of STORE_WALK_LIMIT entries, and the requests of the best few
 * of them. */
#ifndef CORE_NEAREST_H
#define CORE_NEAREST_H

#include "api/record.h"
#include "store/store.h"

/* Starts as all zeroes. */
struct nearest {
    bool any;   /* the tenant has recorded something */
    bool found; /* the rest is filled in */
    uint8_t key[STORE_KEY_SIZE];
    struct entry entry; /* owns what |record| points into */
    struct record record;
};

/* Looks for it: of the same operation if there is one, then on the same host and path, with
 * the same model, with the most members in common. |call|: what |request| was recognised as;
 * |except|: the key of an entry that is none, or NULL. Fails by finding nothing. */
void nearest_find(struct store *store, const struct tenant *tenant,
                  const struct request *request, const struct call *call,
                  const uint8_t *except, struct nearest *out);
void nearest_free(struct nearest *nearest);

#endif
