/* SPDX-License-Identifier: MIT */
/* From which similarity on may a stored answer be served for another text, so that of the answers
 * served at most a given share is wrong? Decided from what was seen in shadow: similarities of
 * candidates that passed the guards, and whether their answers would have been right.
 *
 * Fixed-sequence testing: thresholds in an order that no answer has a say in, from strict to
 * loose, beginning at the first that has enough hits for any proof and 5 % of the samples (with
 * few hits, a single wrong label ends it); each is accepted while so few
 * wrong ones among its hits would be a surprise (a chance of at most 1 - confidence) if the
 * promise did not hold; the first failure ends it, and so does one that all samples reach: of what is
 * less similar nothing was seen. The last accepted one is then right with that
 * confidence, without a correction for the number of tests. This bounds wrong answers per *hit*,
 * for traffic like that which was seen.
 *
 * The older half of the samples decides; the newer half has no say in the threshold and reports
 * what it would have done since. When more than the promised share of its hits is wrong (chance,
 * or traffic has changed), nothing is granted.
 *
 * An answer of which nobody knows whether it was right counts as wrong.
 *
 * Thread class: any thread. */
#ifndef STORE_CERTIFY_H
#define STORE_CERTIFY_H

#include "bytes.h"

enum correctness { ANSWER_RIGHT = 0, ANSWER_WRONG = 1, ANSWER_UNKNOWN = 2 };

struct certify_sample {
    int64_t time_ms;
    double similarity; /* of the candidate that would have been served */
    enum correctness answer;
};

#define CERTIFY_STRICTEST 1000 /* thousandths */
#define CERTIFY_LOOSEST   500
#define CERTIFY_STEP      5
#define CERTIFY_FIRST     20 /* the first threshold has one in these of the samples as hits */

struct certify_rules {
    double most_wrong; /* share of hits, above 0 and below 1 */
    double confidence; /* the same */
};

struct answer_counts {
    uint64_t hits;
    uint64_t wrong;
    uint64_t unknown;
};

enum certify_verdict {
    CERTIFY_GRANTED = 0,
    CERTIFY_TOO_FEW = 1,      /* no threshold has |least| hits in the older half */
    CERTIFY_TOO_WRONG = 2,    /* the strictest that has, fails */
    CERTIFY_CONTRADICTED = 3, /* the newer half shows more wrong ones than promised */
    CERTIFY_BAD_RULES = 4
};

struct certify_result {
    enum certify_verdict verdict;
    unsigned threshold; /* thousandths; the one last looked at unless granted */
    uint64_t least;     /* hits, for any proof */
    struct answer_counts older, newer; /* at that threshold */
    double older_bound, newer_bound;   /* upper, of wrong per hit, at that confidence */
};

/* Sorts |samples| by time. */
void certify(struct certify_sample *samples, size_t count,
             const struct certify_rules *rules, struct certify_result *out);

static inline void answer_count(struct answer_counts *counts, enum correctness answer)
{
    counts->hits++;
    counts->wrong += answer == ANSWER_WRONG;
    counts->unknown += answer != ANSWER_WRONG && answer != ANSWER_RIGHT;
}

/* Wrong, or not known to be right. */
static inline uint64_t answer_bad(const struct answer_counts *counts)
{
    return counts->wrong + counts->unknown;
}

#endif
