/* SPDX-License-Identifier: MIT */
/* While answers are served by similarity, some hits go upstream all the same, drawn at random, and
 * what comes back is compared with what would have been served: the only measure of wrong answers
 * that does not rest on the past.
 *
 * The running bound: after each canary, a rate below which the true one is not, but for a chance of
 * 1 - confidence over the *whole* life of the certificate, however often one looks. It can rise
 * only at a canary that was not right; the k-th of those spends 1 / (k (k + 1)) of the risk, and
 * these add up to 1. When the bound is above the promise, the certificate has fallen, for good.
 *
 * Thread class: any thread. Pure functions. */
#ifndef STORE_CANARY_H
#define STORE_CANARY_H

#include "certify.h"

struct canary {
    struct answer_counts counts;
    double bound; /* the running one: the highest so far */
};

/* Counts one canary. */
void canary_add(struct canary *canary, enum correctness answer, double confidence);

static inline bool canary_exceeds(const struct canary *canary, double most_wrong)
{
    return canary->bound > most_wrong;
}

#endif
