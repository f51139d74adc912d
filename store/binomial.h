/* SPDX-License-Identifier: MIT */
/* How sure can one be of a rate, after so many trials? Exact (Clopper-Pearson), no approximation
 * for large numbers, no table. Needs no libm, and gives the same on every processor to about 12
 * digits.
 *
 * Thread class: any thread. Pure functions. */
#ifndef STORE_BINOMIAL_H
#define STORE_BINOMIAL_H

#include <stdint.h>

/* The chance of at most |events| in |trials| when each is one with probability |rate|. */
double binomial_at_most(uint64_t events, uint64_t trials, double rate);
/* The chance of at least |events|. */
double binomial_at_least(uint64_t events, uint64_t trials, double rate);
/* The true rate is at most this, but for a chance of |risk|; 1 when there were no trials. */
double binomial_upper(uint64_t events, uint64_t trials, double risk);
/* The true rate is at least this, but for a chance of |risk|. */
double binomial_lower(uint64_t events, uint64_t trials, double risk);
/* How many trials without an event show that the rate is at most |rate|: 299 for 0.01 at a risk
 * of 0.05. UINT64_MAX when no number of them does. */
uint64_t binomial_least(double rate, double risk);

#endif
