/* SPDX-License-Identifier: MIT */
/* Exact bounds of a rate, see binomial.h. */
#include "binomial.h"

#include <stdbool.h>

#define NEGLIGIBLE  1e-25 /* beside the largest term, which is 1 */
#define HALVINGS    60
#define TRIALS_MOST ((uint64_t)100000000)

/* The sum of the terms from |from| down to 0 into |low| as far as they are at most |events|, else
 * into |high|. All are relative to the one at |from|. */
static void sum_down(uint64_t from, uint64_t events, uint64_t trials, double odds,
                     double *low, double *high)
{
    double term = 1;
    for (uint64_t i = from;; i--) {
        *(i <= events ? low : high) += term;
        if (i == 0 || term < NEGLIGIBLE)
            return;
        term *= (double)i / ((double)(trials - i + 1) * odds);
    }
}

static void sum_up(uint64_t from, uint64_t events, uint64_t trials, double odds,
                   double *low, double *high)
{
    double term = 1;
    for (uint64_t i = from; i < trials && term >= NEGLIGIBLE; i++) {
        term *= (double)(trials - i) * odds / (double)(i + 1);
        *(i + 1 <= events ? low : high) += term;
    }
}

/* The chances of at most |events|, and of more; 0 < rate < 1. Each term follows from its
 * neighbour, the largest being 1, so that none is too small or too large for a double. */
static void tails(uint64_t events, uint64_t trials, double rate, double *most,
                  double *more)
{
    double low = 0, high = 0, odds = rate / (1 - rate);
    uint64_t peak = (uint64_t)(((double)trials + 1) * rate);
    peak = peak < trials ? peak : trials;
    sum_down(peak, events, trials, odds, &low, &high);
    sum_up(peak, events, trials, odds, &low, &high);
    *most = low / (low + high);
    *more = high / (low + high);
}

double binomial_at_most(uint64_t events, uint64_t trials, double rate)
{
    double most, more;
    if (events >= trials || !(rate > 0))
        return 1;
    if (!(rate < 1))
        return 0;
    tails(events, trials, rate, &most, &more);
    return most;
}

double binomial_at_least(uint64_t events, uint64_t trials, double rate)
{
    double most, more;
    if (events == 0)
        return 1;
    if (events > trials || !(rate > 0))
        return 0;
    if (!(rate < 1))
        return 1;
    tails(events - 1, trials, rate, &most, &more);
    return more;
}

double binomial_upper(uint64_t events, uint64_t trials, double risk)
{
    if (events >= trials)
        return 1;
    double low = (double)events / (double)trials, high = 1;
    for (unsigned i = 0; i < HALVINGS; i++) {
        double middle = 0.5 * (low + high);
        if (binomial_at_most(events, trials, middle) > risk)
            low = middle;
        else
            high = middle;
    }
    return high;
}

double binomial_lower(uint64_t events, uint64_t trials, double risk)
{
    if (events == 0 || trials == 0)
        return 0;
    double low = 0, high = events < trials ? (double)events / (double)trials : 1;
    for (unsigned i = 0; i < HALVINGS; i++) {
        double middle = 0.5 * (low + high);
        if (binomial_at_least(events, trials, middle) > risk)
            high = middle;
        else
            low = middle;
    }
    return low;
}

uint64_t binomial_least(double rate, double risk)
{
    double chance = 1;
    uint64_t trials = 0;
    for (; chance > risk && trials < TRIALS_MOST; trials++)
        chance *= 1 - rate;
    return chance > risk ? UINT64_MAX : trials;
}
