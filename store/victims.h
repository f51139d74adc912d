/* SPDX-License-Identifier: MIT */
/* Which entries go: of any number that are offered, the least valuable ones that together free
 * the wanted bytes. Memory is in proportion to those that go, not to those that are offered.
 *
 * Pure; one thread. */
#ifndef STORE_VICTIMS_H
#define STORE_VICTIMS_H

#include "label.h"

struct victim {
    double value; /* per byte; the least goes first, equal ones by their keys */
    uint64_t bytes;
    uint8_t key[STORE_KEY_SIZE];
};

/* Starts as all zeroes but for |wanted|. */
struct victims {
    uint64_t wanted; /* bytes */
    uint64_t bytes;  /* of those that were chosen */
    struct buffer heap;
};

void victims_offer(struct victims *victims, const struct victim *victim);
/* After the last offer: those that go, in order, in an array that lives until victims_free().
 * NULL when there are none, or when memory was short (ask victims_ok()). */
const struct victim *victims_sorted(struct victims *victims, size_t *count);
bool victims_ok(const struct victims *victims);
void victims_free(struct victims *victims);

#endif
