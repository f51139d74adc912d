/* SPDX-License-Identifier: MIT */
/* The running bound of wrong answers, see canary.h. */
#include "canary.h"

#include "binomial.h"

void canary_add(struct canary *canary, enum correctness answer, double confidence)
{
    answer_count(&canary->counts, answer);
    if (answer == ANSWER_RIGHT)
        return;
    double bad = (double)answer_bad(&canary->counts);
    double risk = (1 - confidence) / (bad * (bad + 1));
    double bound = binomial_lower(answer_bad(&canary->counts), canary->counts.hits, risk);
    canary->bound = bound > canary->bound ? bound : canary->bound;
}
